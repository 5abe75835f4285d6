package runs_test

import (
	"errors"
	"slices"
	"testing"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/models/runs"
)

// seizing is a transaction that has these runs for itself.
func seizing(t *testing.T, db *gorm.DB, ids []string, do func(tx *gorm.DB, seized []runs.Seized, gone []string) error) {
	t.Helper()
	err := models.Tx(t.Context(), db, func(tx *gorm.DB) error {
		seized, gone, err := runs.Seize(t.Context(), tx, ids)
		if err != nil {
			return err
		}
		return do(tx, seized, gone)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestRunsAreSeizedButForThoseThatAreGoneAndThoseInHand(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		_, stored := workflowWithRuns(t, db, "Orders", "failed", "succeeded", "running")
		all, lost := ids(stored), models.NewID()
		seizing(t, db, append([]string{lost}, all...), func(_ *gorm.DB, seized []runs.Seized, gone []string) error {
			if len(seized) != 3 || seized[0].ID != all[0] || seized[2].Status != "running" || seized[1].WorkflowID != stored[1].WorkflowID || seized[0].TriggerType != "manual" || seized[0].Size < 20 {
				t.Errorf("seized are %+v", seized)
			}
			if !slices.Equal(gone, []string{lost}) {
				t.Errorf("gone are %v", gone)
			}
			if !models.IsPostgres(db) {
				return nil
			}
			seizing(t, db, append([]string{lost}, all...), func(_ *gorm.DB, seized []runs.Seized, gone []string) error {
				if len(seized) != 0 || !slices.Equal(gone, []string{lost}) {
					t.Errorf("while somebody has them %v are seized, and %v gone", seized, gone)
				}
				return nil
			})
			return nil
		})
	})
}

func TestRunsThatAreOverAreDeletedWithAllThatIsTheirs(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		_, stored := workflowWithRuns(t, db, "Orders", "failed", "running", "succeeded", "succeeded", "cancelled", "failed")
		set := func(run int, column string, value any) {
			t.Helper()
			if err := db.Model(&models.Run{}).Where("id = ?", stored[run].ID).Update(column, value).Error; err != nil {
				t.Fatal(err)
			}
		}
		set(2, "parent_id", stored[1].ID) // whose parent still works
		set(3, "parent_id", stored[0].ID)
		set(5, "trigger_type", "try")
		step := models.StepRun{ID: models.NewID(), RunID: stored[0].ID, StepID: "s", Name: "S", Type: "note", Attempt: 1, Status: "succeeded"}
		for _, row := range []any{&step, &models.Payload{StepRunID: step.ID, RunID: stored[0].ID, Data: models.JSON(`1`)}} {
			if err := db.Create(row).Error; err != nil {
				t.Fatal(err)
			}
		}
		var stay map[string]error
		seizing(t, db, ids(stored), func(tx *gorm.DB, seized []runs.Seized, _ []string) (err error) {
			stay, err = runs.DeleteMany(t.Context(), tx, seized, "Anna", models.Now())
			return err
		})
		for i, code := range []string{"", "run_not_final", "run_needed", "", "", "was_a_try"} {
			_, err := runs.Get(t.Context(), db, stored[i].ID)
			var conflict *models.ConflictError
			if gone := errors.Is(err, models.ErrNotFound); gone != (code == "") {
				t.Errorf("the %s run %d is gone: %v", stored[i].Status, i, gone)
			}
			if errors.As(stay[stored[i].ID], &conflict); code != "" && (conflict == nil || conflict.Code != code) {
				t.Errorf("the %s run %d stays because of %v", stored[i].Status, i, conflict)
			}
		}
		var left int64
		if err := db.Raw("SELECT (SELECT count(*) FROM step_runs) + (SELECT count(*) FROM payloads)").Scan(&left).Error; err != nil || left != 0 {
			t.Errorf("%d rows are left, %v", left, err)
		}
	})
}

func TestAFailureWhoseRepairIsDeletedDoesNotOpenAgain(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		_, stored := workflowWithRuns(t, db, "Orders", "failed", "failed", "failed", "succeeded", "failed", "cancelled")
		for retry, of := range map[int]int{3: 0, 4: 1, 5: 2} {
			if err := db.Model(&models.Run{}).Where("id = ?", stored[retry].ID).Update("retry_of", stored[of].ID).Error; err != nil {
				t.Fatal(err)
			}
		}
		now := models.Now()
		seizing(t, db, ids(stored[3:]), func(tx *gorm.DB, seized []runs.Seized, _ []string) error {
			_, err := runs.DeleteMany(t.Context(), tx, seized, "Anna", now)
			return err
		})
		for i, settled := range []bool{true, true, false} { // what was cancelled had taken no place
			run, err := runs.Get(t.Context(), db, stored[i].ID)
			if err != nil || (run.SettledAt != nil) != settled || (run.SettledBy == "Anna") != settled {
				t.Errorf("%d is settled at %v by %q, %v", i, run.SettledAt, run.SettledBy, err)
			}
			if open, err := runs.OpenFailure(t.Context(), db, &run.ID); err != nil || open == settled {
				t.Errorf("%d is open: %v, %v", i, open, err)
			}
		}
	})
}
