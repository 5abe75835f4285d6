package runs_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/models/runs"
)

// endedRuns stores runs of a workflow in these states, the first the oldest, an hour
// apart; the last was made some days ago and the final ones ended a minute after.
func endedRuns(t *testing.T, db *gorm.DB, workflowID string, days int, states ...string) []models.Run {
	t.Helper()
	stored := make([]models.Run, len(states))
	for i, state := range states {
		at := models.Now().AddDate(0, 0, -days).Add(time.Duration(i-len(states)) * time.Hour)
		stored[i] = models.Run{
			ID: modelstest.IDAt(at), WorkflowID: workflowID, VersionID: models.NewID(), WorkflowName: "W", Status: state,
			TriggerType: "manual", Trigger: models.JSON(`{}`), Queue: "default", QueuedAt: at,
		}
		if slices.Contains([]string{"succeeded", "failed", "cancelled"}, state) {
			ended := at.Add(time.Minute)
			stored[i].FinishedAt = &ended
		}
	}
	if err := db.Create(&stored).Error; err != nil {
		t.Fatal(err)
	}
	return stored
}

func remain(t *testing.T, db *gorm.DB, stored []models.Run) []int {
	t.Helper()
	var left []int
	for i, run := range stored {
		switch _, err := runs.Get(t.Context(), db, run.ID); {
		case err == nil:
			left = append(left, i)
		case !errors.Is(err, models.ErrNotFound):
			t.Fatal(err)
		}
	}
	return left
}

func TestRunsAreClearedByAgeButForTheNewestOfEachOutcomeAndTheUnfinished(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		ctx, before := t.Context(), models.Now().AddDate(0, 0, -30)
		id, _ := workflowWithRuns(t, db, "W")
		old := endedRuns(t, db, id, 40, "failed", "succeeded", "waiting", "cancelled", "failed", "succeeded", "succeeded")
		other, _ := workflowWithRuns(t, db, "O")
		others := endedRuns(t, db, other, 40, "succeeded", "succeeded")
		young := endedRuns(t, db, id, 20, "succeeded")
		step := models.StepRun{ID: models.NewID(), RunID: old[0].ID, StepID: "a", Name: "A", Type: "wait", Attempt: 1, Status: "succeeded"}
		payload := models.Payload{StepRunID: step.ID, RunID: old[0].ID, Data: models.JSON(`"x"`)}
		if err := errors.Join(db.Create(&step).Error, db.Create(&payload).Error); err != nil {
			t.Fatal(err)
		}
		cleared, next, err := runs.Clear(ctx, db, before, "", 2)
		if err != nil || cleared != 2 || next == "" {
			t.Fatal(cleared, next, err)
		}
		if left := remain(t, db, old); !slices.Equal(left, []int{2, 3, 4, 5, 6}) {
			t.Fatal("the oldest two are not those that went first:", left)
		}
		if cleared, next, err = runs.Clear(ctx, db, before, next, 100); err != nil || cleared != 3 || next != "" {
			t.Fatal(cleared, next, err)
		}
		if left := remain(t, db, old); !slices.Equal(left, []int{2, 3, 4}) {
			t.Error("of the old ones the unfinished and the newest of each outcome should stay:", left)
		}
		if len(remain(t, db, young)) != 1 || !slices.Equal(remain(t, db, others), []int{1}) {
			t.Error("a young run, or another workflow's newest, is gone")
		}
		steps, err := runs.Steps(ctx, db, old[0].ID)
		var payloads []models.Payload
		err2 := db.Where("run_id = ?", old[0].ID).Find(&payloads).Error
		if len(steps) != 0 || len(payloads) != 0 || err != nil || err2 != nil {
			t.Error("a cleared run has left something behind", len(steps), len(payloads), err, err2)
		}
	})
}

func TestAChildIsKeptUntilItsParentHasEnded(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		id, _ := workflowWithRuns(t, db, "W")
		child, _ := workflowWithRuns(t, db, "C")
		parents := endedRuns(t, db, id, 40, "waiting")
		children := endedRuns(t, db, child, 40, "succeeded", "succeeded")
		if err := db.Model(&models.Run{}).Where("id = ?", children[0].ID).Update("parent_id", parents[0].ID).Error; err != nil {
			t.Fatal(err)
		}
		clearAll := func(want int64) {
			t.Helper()
			if cleared, _, err := runs.Clear(t.Context(), db, models.Now().AddDate(0, 0, -30), "", 100); err != nil || cleared != want {
				t.Fatal(cleared, err)
			}
		}
		clearAll(0)
		if err := db.Model(&models.Run{}).Where("id = ?", parents[0].ID).Updates(map[string]any{"status": "succeeded", "finished_at": models.Now()}).Error; err != nil {
			t.Fatal(err)
		}
		clearAll(1)
	})
}

func TestARunThatIsBeingRunAgainIsNotCleared(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		if !models.IsPostgres(db) {
			return // it has one writer at a time
		}
		ctx, before := t.Context(), models.Now().AddDate(0, 0, -30)
		id, _ := workflowWithRuns(t, db, "W")
		stored := endedRuns(t, db, id, 40, "failed", "failed", "failed")
		err := models.Tx(ctx, db, func(tx *gorm.DB) error {
			if err := runs.Pin(ctx, tx, stored[0].ID); err != nil {
				return err
			}
			if cleared, _, err := runs.Clear(ctx, db, before, "", 100); err != nil || cleared != 1 {
				t.Error(cleared, err)
			}
			return nil
		})
		if err != nil || !slices.Equal(remain(t, db, stored), []int{0, 2}) {
			t.Fatal(err, remain(t, db, stored))
		}
		if err := runs.Pin(ctx, db, stored[1].ID); !errors.Is(err, models.ErrNotFound) {
			t.Error("a run that was cleared is still to be had:", err)
		}
	})
}

func TestTriesAreClearedAfterADayAndCountAsNoNewestRun(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		id, _ := workflowWithRuns(t, db, "W")
		old := endedRuns(t, db, id, 40, "failed")
		tries := endedRuns(t, db, id, 2, "failed", "running", "succeeded")
		for i, try := range tries {
			version := models.WorkflowVersion{ID: try.ID, WorkflowID: id, Number: -1 - i, Name: "W", Definition: models.JSON(`{}`), CreatedAt: try.QueuedAt}
			if err := errors.Join(db.Model(&try).Update("trigger_type", "try").Error, db.Create(&version).Error); err != nil {
				t.Fatal(err)
			}
		}
		if n, _, err := runs.Clear(t.Context(), db, models.Now().AddDate(0, 0, -1), "", 10); err != nil || n != 0 || len(remain(t, db, old)) != 1 {
			t.Errorf("cleared %d runs, %v: the newest that failed is no try", n, err)
		}
		if n, err := runs.ClearTries(t.Context(), db, models.Now().AddDate(0, 0, -30), 10); err != nil || n != 2 || !slices.Equal(remain(t, db, tries), []int{1}) {
			t.Errorf("cleared %d tries, %v", n, err)
		}
		var versions int64
		if err := db.Model(&models.WorkflowVersion{}).Where("number < 0").Count(&versions).Error; err != nil || versions != 1 {
			t.Errorf("%d definitions of tries are left, %v", versions, err)
		}
	})
}
