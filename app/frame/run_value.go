package frame

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"workflows/models"
	"workflows/models/runs"
	"workflows/views"
	"workflows/worker/document"
	"workflows/worker/engine"
	"workflows/worker/engine/plan"
)

// The values of a run that pages show, as their addresses name them: the run's own, and behind
// the id of an attempt that attempt's.
const (
	ValueInput   = "input"
	ValueOutput  = "output"
	ValueTrigger = "trigger"
	ValueError   = "error"
)

// ValueOf shows a value as it is stored with the way to all of it, at below and address.
func ValueOf(id, label, below, address string, data []byte) views.RunValue {
	v := views.RunValue{ID: id, Label: label, Data: data, Bytes: len(data), URL: below + "/values/" + address}
	if cut, is := plan.ReadCut(data); is {
		v.Data, v.Beginning, v.Bytes = nil, cut.Preview, cut.Bytes
		if strings.HasSuffix(address, "."+ValueInput) {
			v.URL = "" // of an input no more is kept
		}
	}
	return v
}

// RunValue is one of these values, whole; models.ErrNotFound for nothing.
func (f Frame) RunValue(ctx context.Context, run models.Run, address string) ([]byte, error) {
	switch address {
	case ValueInput:
		return orNothing(run.Input, nil)
	case ValueOutput:
		return orNothing(runs.WholeOutput(ctx, f.DB, run))
	case ValueTrigger:
		return orNothing(TriggerShown(run), nil)
	case ValueError:
		return orNothing(run.Error, nil)
	}
	of, value, _ := strings.Cut(address, ".")
	found, err := runs.StepsByID(ctx, f.DB, run.ID, []string{of})
	row, ok := found[of]
	if err != nil || !ok {
		return nil, errors.Join(err, notThere(ok))
	}
	switch value {
	case ValueInput:
		return orNothing(row.Input, nil)
	case ValueOutput:
		return orNothing(f.wholeResult(ctx, run.ID, engine.AttemptOf(&row)))
	case ValueError:
		return orNothing(row.Error, nil)
	}
	return nil, models.ErrNotFound
}

// TriggerShown is what started a run, without the headers that a webhook was called with: its
// delivery has those that may be shown.
func TriggerShown(run models.Run) models.JSON {
	var fields map[string]json.RawMessage
	if document.Decode(run.Trigger, &fields) != nil {
		return run.Trigger
	}
	delete(fields, "headers")
	return document.JSON(fields)
}

// wholeResult is what an attempt gave, also where it is kept aside.
func (f Frame) wholeResult(ctx context.Context, runID string, row plan.Attempt) (models.JSON, error) {
	result := row.Result()
	if !plan.IsCut(result) {
		return result, nil
	}
	whole, err := runs.PayloadOf(ctx, f.DB, runID, row.ID)
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
