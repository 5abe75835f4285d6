package machine_test

import (
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/machine"
	"workflows/models/modelstest"
)

func TestWhatGoesOnByItselfIsListedWithItsStep(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		now := models.Now()
		w := models.Workflow{ID: models.NewID(), Name: "Orders", Status: "active", Draft: models.JSON("{}"), CreatedAt: now, UpdatedAt: now}
		must(db.Create(&w).Error)
		run := func(status, reason string, due time.Duration, steps ...models.StepRun) string {
			at := now.Add(due)
			r := models.Run{
				ID: models.NewID(), WorkflowID: w.ID, VersionID: w.ID, Version: 1, WorkflowName: "Orders", Status: status, WaitingFor: reason, DueAt: &at,
				TriggerType: "manual", Trigger: models.JSON(`{}`), Queue: "default", QueuedAt: now,
			}
			must(db.Create(&r).Error)
			for i, s := range steps {
				s.ID, s.RunID, s.StepID, s.Type = models.NewID(), r.ID, s.Name, "http_request"
				wake := now.Add(time.Duration(i)*time.Hour + due)
				s.WakeAt = &wake
				must(db.Create(&s).Error)
			}
			return r.ID
		}
		second := run("waiting", "retry", 2*time.Hour, models.StepRun{Name: "Send", Attempt: 2, Status: "failed", Error: models.JSON(`{"code":"http_status","message":"Away."}`)}, models.StepRun{Name: "Other", Attempt: 1, Status: "failed"})
		first := run("waiting", "retry", time.Hour, models.StepRun{Name: "Fetch", Attempt: 1, Status: "failed"})
		run("waiting", "retry", 3*time.Hour)
		run("waiting", "time", time.Minute)
		run("failed", "", time.Minute)
		later, more, err := machine.Later(t.Context(), db, "retry", 2)
		must(err)
		if len(later) != 2 || !more || later[0].RunID != first || later[1].RunID != second {
			t.Fatalf("%+v, %t", later, more)
		}
		if l := later[1]; l.StepName != "Send" || l.Attempt != 2 || string(l.Error) == "" || l.WorkflowName != "Orders" || !l.DueAt.Equal(now.Add(2*time.Hour)) {
			t.Errorf("%+v", l)
		}
		if later, more, err = machine.Later(t.Context(), db, "approval", 2); err != nil || len(later) != 0 || more {
			t.Errorf("%+v %t %v", later, more, err)
		}
	})
}
