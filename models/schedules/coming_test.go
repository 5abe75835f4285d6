package schedules_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/models/runs"
	"workflows/models/schedules"
)

func keepSchedule(t *testing.T, db *gorm.DB, name, status string, next *time.Time) models.Schedule {
	t.Helper()
	now := models.Now()
	workflow := models.Workflow{ID: models.NewID(), Name: name, Status: "active", Draft: models.JSON(`{}`), DraftRevision: 1, CreatedAt: now, UpdatedAt: now}
	schedule := models.Schedule{
		ID: models.NewID(), WorkflowID: workflow.ID, TriggerID: "daily", Rule: models.JSON(`{"cron": "0 9 * * *"}`), TimeZone: "UTC",
		Status: status, NextFireAt: next, NextAt: next, AccountedUntil: now, AnchorAt: now, CreatedAt: now, UpdatedAt: now,
	}
	for _, row := range []any{&workflow, &schedule} {
		if err := db.Create(row).Error; err != nil {
			t.Fatal(err)
		}
	}
	return schedule
}

func TestSchedulesComeInTheOrderInWhichTheyFire(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		ctx := context.Background()
		first, second := models.Now().Add(time.Hour), models.Now().Add(2*time.Hour)
		keepSchedule(t, db, "late", models.ScheduleActive, &second)
		keepSchedule(t, db, "early", models.ScheduleActive, &first)
		keepSchedule(t, db, "early too", models.ScheduleActive, &first)
		paused := keepSchedule(t, db, "resting", models.SchedulePaused, nil)

		var names []string
		for cursor, pages := "", 0; pages == 0 || cursor != ""; pages++ {
			page, next, err := schedules.ListComing(ctx, db, schedules.ComingFilter{After: cursor, Limit: 1})
			if err != nil || len(page) != 1 || pages > 3 {
				t.Fatal(page, err)
			}
			names, cursor = append(names, page[0].WorkflowName), next
		}
		if len(names) != 3 || names[0] != "early" || names[1] != "early too" || names[2] != "late" {
			t.Fatalf("order %q", names)
		}
		resting, _, err := schedules.ListComing(ctx, db, schedules.ComingFilter{Status: models.SchedulePaused, Limit: 10})
		if err != nil || len(resting) != 1 || resting[0].ID != paused.ID {
			t.Fatal(resting, err)
		}
		one, err := schedules.WithWorkflow(ctx, db, paused.ID)
		if err != nil || one.WorkflowName != "resting" || one.TimeZone != "UTC" {
			t.Fatal(one, err)
		}
		for _, unknown := range []string{"nonsense", models.NewID()} {
			if _, err := schedules.WithWorkflow(ctx, db, unknown); !errors.Is(err, models.ErrNotFound) {
				t.Fatalf("%s: %v", unknown, err)
			}
		}
	})
}

func TestRunsAreLookedUpByIDWithoutPayloads(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		now := models.Now()
		schedule := keepSchedule(t, db, "w", models.ScheduleActive, nil)
		run := models.Run{
			ID: models.NewID(), WorkflowID: schedule.WorkflowID, VersionID: models.NewID(), Version: 1, WorkflowName: "w", Status: "running",
			TriggerType: "manual", Trigger: models.JSON(`{}`), Input: models.JSON(`{"large":1}`), Queue: "default", QueuedAt: now,
		}
		if err := db.Create(&run).Error; err != nil {
			t.Fatal(err)
		}
		found, err := runs.ByID(context.Background(), db, []string{run.ID, "nonsense", models.NewID()})
		if err != nil || len(found) != 1 || found[run.ID].WorkflowName != "w" || found[run.ID].Input != nil {
			t.Fatal(found, err)
		}
	})
}
