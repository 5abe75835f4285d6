package pages

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"workflows/app/frame"
	"workflows/app/web"
	"workflows/models"
	"workflows/models/runs"
	"workflows/views"
	"workflows/worker/engine"
	"workflows/worker/engine/plan"
)

// The values that a run's page shows, as their addresses name them: the run's own
// input and output; those of an attempt and the items of its list behind its id.
const (
	valueInput  = "input"
	valueOutput = "output"
	valueItem   = "item"
)

// valueOf shows a value with the way to all of it.
func (r *runSheet) valueOf(id, label, address string, data []byte) views.RunValue {
	v := views.RunValue{ID: id, Label: label, Data: data, Bytes: len(data), URL: "/runs/" + r.run.ID + "/values/" + address}
	if cut, is := plan.ReadCut(data); is {
		v.Data, v.Beginning, v.Bytes = nil, cut.Preview, cut.Bytes
		if strings.HasSuffix(address, "."+valueInput) {
			v.URL = "" // of an input no more is kept
		}
	}
	return v
}

// RunValue is one of these values, whole.
func (s *Site) RunValue(c *gin.Context) {
	data, err := s.runValue(c.Request.Context(), c.Param("id"), c.Param("value"))
	if err != nil {
		web.Fail(c, err)
		return
	}
	parts := strings.Split(c.Param("value"), ".")
	frame.SendJSON(c, parts[min(1, len(parts)-1)]+".json", data)
}

func (s *Site) runValue(ctx context.Context, id, address string) ([]byte, error) {
	run, err := runs.Get(ctx, s.DB, id)
	switch {
	case err != nil:
		return nil, err
	case address == valueInput:
		return orNothing(run.Input, nil)
	case address == valueOutput:
		return orNothing(runs.WholeOutput(ctx, s.DB, run))
	}
	of, value, _ := strings.Cut(address, ".")
	found, err := runs.StepsByID(ctx, s.DB, run.ID, []string{of})
	row, ok := found[of]
	if err != nil || !ok {
		return nil, errors.Join(err, notThere(ok))
	}
	attempt := engine.AttemptOf(&row)
	value, number, _ := strings.Cut(value, ".")
	switch value {
	case valueInput:
		return orNothing(row.Input, nil)
	case valueOutput:
		return orNothing(s.wholeResult(ctx, run.ID, attempt))
	case valueItem:
		list := listOf(attempt)
		if n, err := strconv.Atoi(number); err == nil && n >= 0 && n < len(list) {
			return list[n], nil
		}
	}
	return nil, models.ErrNotFound
}

// wholeResult is what an attempt gave, also where it is kept aside.
func (s *Site) wholeResult(ctx context.Context, runID string, row plan.Attempt) (models.JSON, error) {
	result := row.Result()
	if !plan.IsCut(result) {
		return result, nil
	}
	whole, err := runs.PayloadOf(ctx, s.DB, runID, row.ID)
	if errors.Is(err, models.ErrNotFound) { // the step has given something that looks like it
		return result, nil
	}
	return whole, err
}

func orNothing(data models.JSON, err error) ([]byte, error) {
	return data, errors.Join(err, notThere(len(data) > 0))
}

func notThere(found bool) error {
	if found {
		return nil
	}
	return models.ErrNotFound
}
