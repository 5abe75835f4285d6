package pages

import (
	"context"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"workflows/app/frame"
	"workflows/app/web"
	"workflows/models"
	"workflows/models/runs"
	"workflows/views"
	"workflows/worker/engine"
)

// valueItem is the value of one of a loop's items, behind the id of the loop's attempt and with
// the item's number behind it.
const valueItem = "item"

// valueOf shows a value with the way to all of it.
func (r *runSheet) valueOf(id, label, address string, data []byte) views.RunValue {
	return frame.ValueOf(id, label, "/runs/"+r.run.ID, address, data)
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
	if err != nil {
		return nil, err
	}
	of, value, _ := strings.Cut(address, ".")
	if value, number, _ := strings.Cut(value, "."); value == valueItem {
		return s.itemValue(ctx, run.ID, of, number)
	}
	return s.Frame.RunValue(ctx, run, address)
}

// itemValue is one of the items that a loop's attempt goes through.
func (s *Site) itemValue(ctx context.Context, runID, attempt, number string) ([]byte, error) {
	found, err := runs.StepsByID(ctx, s.DB, runID, []string{attempt})
	row, there := found[attempt]
	if err != nil {
		return nil, err
	}
	if !there {
		return nil, models.ErrNotFound
	}
	list := listOf(engine.AttemptOf(&row))
	if n, err := strconv.Atoi(number); err == nil && n >= 0 && n < len(list) {
		return list[n], nil
	}
	return nil, models.ErrNotFound
}
