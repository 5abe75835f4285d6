package runs_test

import (
	"errors"
	"testing"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/models/runs"
)

// Of the two that keep a workflow until a run of it is stored, one holds the workflow, the other
// the schedule that starts it.
func TestNoRunIsStoredWithoutItsWorkflow(t *testing.T) {
	db, _ := modelstest.Postgres(t)
	for name, keep := range map[string]func(tx *gorm.DB, workflowID string) error{
		"a start": func(tx *gorm.DB, workflowID string) error {
			found, err := runs.WorkflowsToStart(t.Context(), tx, []string{workflowID}, 1)
			if err == nil && found[workflowID] == nil {
				err = errors.New("the workflow is not there")
			}
			return err
		},
		"a schedule": func(tx *gorm.DB, workflowID string) error {
			return tx.Exec("SELECT 1 FROM schedules WHERE workflow_id = ? FOR UPDATE", workflowID).Error
		},
	} {
		t.Run(name, func(t *testing.T) {
			workflowID, stored := workflowWithRuns(t, db, "Orders", "succeeded")
			now := models.Now()
			schedule := models.Schedule{
				ID: models.NewID(), WorkflowID: workflowID, TriggerID: "daily", Rule: models.JSON("{}"), TimeZone: "UTC", Status: models.ScheduleActive,
				AccountedUntil: now, AnchorAt: now, CreatedAt: now, UpdatedAt: now,
			}
			if err := db.Create(&schedule).Error; err != nil {
				t.Fatal(err)
			}
			deleted := make(chan error, 1)
			err := models.Tx(t.Context(), db, func(tx *gorm.DB) error {
				run := stored[0]
				run.ID = models.NewID()
				if err := errors.Join(keep(tx, workflowID), runs.InsertMany(t.Context(), tx, []models.Run{run})); err != nil {
					return err
				}
				go func() { deleted <- db.Exec("DELETE FROM workflows WHERE id = ?", workflowID).Error }()
				modelstest.Eventually(t, "who deletes it waits", func() bool {
					var waiting int64
					err := db.Raw("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'DELETE FROM workflows%'").Scan(&waiting).Error
					return err == nil && waiting == 1
				})
				return nil
			})
			var left int64
			if err := errors.Join(err, <-deleted, db.Model(&models.Run{}).Where("workflow_id = ?", workflowID).Count(&left).Error); err != nil || left != 0 {
				t.Errorf("%d runs are left, %v", left, err)
			}
		})
	}
}
