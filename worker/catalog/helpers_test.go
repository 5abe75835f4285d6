package catalog_test

import (
	"errors"
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/schedules"
	"workflows/worker/catalog"
	"workflows/worker/schedule"
	"workflows/worker/steps"
	"workflows/worker/workflow"
)

// start is the clock's time at the beginning of each test: a Monday.
var start = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

type clock struct{ now time.Time }

func newCatalog(db *gorm.DB) (*catalog.Catalog, *clock) {
	c := &clock{now: start}
	checker := workflow.Checker{Types: steps.All(steps.Options{}), Trigger: schedule.CheckTrigger}
	return &catalog.Catalog{DB: db, Checker: checker, Now: func() time.Time { return c.now }}, c
}

func definition(name string, triggers ...workflow.Trigger) workflow.Definition {
	return workflow.Definition{
		Format: workflow.Format, Name: name, Triggers: triggers,
		Steps: []workflow.Step{{ID: "note", Type: "set_values", Config: map[string]any{"values": map[string]any{"done": true}}}},
	}
}

func cron(id, line string) workflow.Trigger {
	return workflow.Trigger{ID: id, Type: "schedule", Cron: line, TimeZone: "UTC"}
}

func must[T any](t *testing.T) func(value T, err error) T {
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func conflictCode(err error) string {
	var conflict *models.ConflictError
	if !errors.As(err, &conflict) {
		return ""
	}
	return conflict.Code
}

// nextTimes maps the workflow's triggers to their next times.
func nextTimes(t *testing.T, db *gorm.DB, workflowID string) map[string]models.Schedule {
	t.Helper()
	found := must[[]models.Schedule](t)(schedules.Of(t.Context(), db, workflowID))
	byTrigger := map[string]models.Schedule{}
	for _, s := range found {
		byTrigger[s.TriggerID] = s
	}
	return byTrigger
}
