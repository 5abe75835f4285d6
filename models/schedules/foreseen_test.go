package schedules_test

import (
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/models/schedules"
)

// Where all runs that it has counted are queued, and of one workflow, the planner hopes to
// meet one at once, and reads the whole table for each of thousands of schedules.
func TestWhatWasForeseenIsLookedUpRowByRow(t *testing.T) {
	db, _ := modelstest.Postgres(t)
	now := models.Now()
	schedule := keepSchedule(t, db, "W", models.ScheduleActive, &now)
	for _, statement := range []string{
		`INSERT INTO runs (id, workflow_id, version_id, version, workflow_name, status, trigger_type, "trigger", queue, rung_at, queued_at)
			SELECT gen_random_uuid(), id, id, 1, name, 'queued', 'manual', '{}', 'default', now(), now() FROM workflows, generate_series(1, 5000)`,
		"ANALYZE",
	} {
		if err := db.Exec(statement).Error; err != nil {
			t.Fatal(err)
		}
	}
	later := now.Add(time.Minute)
	run := models.NewID()
	moved := schedule
	moved.NextFireAt, moved.NextAt = &later, &later
	plans := modelstest.Plans(t, db)
	err := models.Tx(t.Context(), db, func(tx *gorm.DB) error {
		_, err := schedules.FireForeseen(t.Context(), tx, []schedules.Foreseen{{
			Moved: moved, RowVersion: "0", VersionID: models.NewID(),
			Planned: models.PlannedRun{ID: models.NewID(), ScheduleID: schedule.ID, WorkflowID: schedule.WorkflowID, PlannedAt: now, RunID: &run},
		}}, now)
		return err
	})
	if err != nil || len(*plans) != 1 {
		t.Fatal(err, *plans)
	}
	if plan := (*plans)[0]; strings.Contains(plan, "Seq Scan on runs") || !strings.Contains(plan, "using runs_workflow_status") {
		t.Errorf("it is planned so:\n%s", plan)
	}
}
