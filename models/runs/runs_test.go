package runs_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/models/runs"
)

// workflowWithRuns stores a workflow and runs of it in the given states, oldest first.
func workflowWithRuns(t *testing.T, db *gorm.DB, name string, states ...string) (string, []models.Run) {
	t.Helper()
	now := models.Now()
	w := models.Workflow{ID: models.NewID(), Name: name, Status: "active", Draft: models.JSON("{}"), CreatedAt: now, UpdatedAt: now}
	if err := db.Create(&w).Error; err != nil {
		t.Fatal(err)
	}
	stored := make([]models.Run, len(states))
	for i, state := range states {
		queued := models.Now()
		stored[i] = models.Run{
			ID: models.NewID(), WorkflowID: w.ID, VersionID: models.NewID(), Version: 1, WorkflowName: name, Status: state,
			TriggerType: "manual", Trigger: models.JSON(`{"type":"manual"}`), Input: models.JSON(`{"a":1}`), Queue: "default",
			QueuedAt: queued, RungAt: &queued,
		}
		if err := runs.Insert(context.Background(), db, &stored[i]); err != nil {
			t.Fatal(err)
		}
	}
	return w.ID, stored
}

func ids(stored []models.Run) []string {
	list := []string{}
	for _, run := range stored {
		list = append(list, run.ID)
	}
	return list
}

func TestSweepsTakeOnlyWhatIsDue(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		ctx, now := t.Context(), models.Now()
		_, stored := workflowWithRuns(t, db, "W", "queued", "queued", "running", "running", "waiting", "waiting", "succeeded")
		set := func(i int, column string, at time.Time) {
			if err := db.Model(&models.Run{}).Where("id = ?", stored[i].ID).Update(column, at).Error; err != nil {
				t.Fatal(err)
			}
		}
		set(0, "rung_at", now.Add(-6*time.Second))
		toRing := func(ctx context.Context, db *gorm.DB, now time.Time, limit int) ([]runs.Rung, error) {
			return runs.ToRing(ctx, db, now, "default", 0, now, limit)
		}
		set(2, "lease_until", now.Add(-time.Millisecond))
		set(3, "lease_until", now.Add(time.Minute))
		set(4, "due_at", now)
		set(5, "due_at", now.Add(time.Minute))
		wait, ok, err := runs.NextWake(ctx, db, now)
		if err != nil || !ok || wait > 0 {
			t.Fatal(wait, ok, err)
		}
		for name, sweep := range map[string]struct {
			run  int
			find func(context.Context, *gorm.DB, time.Time, int) ([]runs.Rung, error)
		}{"ring": {0, toRing}, "recover": {2, runs.Recover}, "wake": {4, runs.Wake}} {
			found, err := sweep.find(ctx, db, now, 10)
			if err != nil || len(found) != 1 || found[0].ID != stored[sweep.run].ID || found[0].Queue != "default" {
				t.Errorf("%s: %v %v", name, found, err)
			}
			if again, err := sweep.find(ctx, db, now, 10); err != nil || len(again) != 0 {
				t.Errorf("%s again: %v %v", name, again, err)
			}
		}
		if run, _ := runs.Get(ctx, db, stored[2].ID); run.Recoveries != 1 || run.Status != "queued" {
			t.Fatalf("%+v", run)
		}
		if wait, ok, err := runs.NextWake(ctx, db, now); err != nil || !ok || wait < 50*time.Second {
			t.Fatal(wait, ok, err)
		}
	})
}

func TestADeletedWorkflowLeavesNoResultsBehind(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		ctx := t.Context()
		workflowID, stored := workflowWithRuns(t, db, "Orders", "succeeded", "failed")
		_, others := workflowWithRuns(t, db, "Other", "succeeded")
		for _, run := range append(stored, others...) {
			step := models.StepRun{ID: models.NewID(), RunID: run.ID, StepID: "fetch", Attempt: 1, Status: "succeeded"}
			payload := models.Payload{StepRunID: step.ID, RunID: run.ID, Data: models.JSON(`[1]`)}
			if err := errors.Join(runs.InsertSteps(ctx, db, []models.StepRun{step}, nil), db.Create(&payload).Error); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := models.DeleteWorkflow(ctx, db, workflowID); err != nil {
			t.Fatal(err)
		}
		for _, table := range []string{"runs", "step_runs", "payloads"} {
			var left int64
			if err := db.Table(table).Count(&left).Error; err != nil || left != 1 {
				t.Errorf("%d rows are left in %s, %v; want the other workflow's one", left, table, err)
			}
		}
	})
}

func TestRunsAreListedNewestFirstPageByPage(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		ctx := t.Context()
		workflowID, stored := workflowWithRuns(t, db, "Orders 100%", "succeeded", "failed", "queued", "failed", "succeeded")
		_, others := workflowWithRuns(t, db, "Other_1", "failed")
		list := func(f runs.Filter) (found []string, next string) {
			t.Helper()
			page, next, err := runs.List(ctx, db, f)
			if err != nil {
				t.Fatal(err)
			}
			for _, run := range page {
				if run.Input != nil || run.Output != nil {
					t.Fatal("a list carries payloads")
				}
			}
			return ids(page), next
		}
		first, next := list(runs.Filter{WorkflowID: workflowID, Limit: 2})
		second, rest := list(runs.Filter{WorkflowID: workflowID, Limit: 3, Before: next})
		if fmt.Sprint(append(first, second...)) != fmt.Sprint([]string{stored[4].ID, stored[3].ID, stored[2].ID, stored[1].ID, stored[0].ID}) || rest != "" {
			t.Fatal(first, second, rest)
		}
		hour, soon := models.Now().Add(-time.Hour), models.Now().Add(time.Hour)
		for name, test := range map[string]struct {
			filter runs.Filter
			want   int
		}{
			"one state":              {runs.Filter{Status: []string{"failed"}}, 3},
			"two states":             {runs.Filter{Status: []string{"failed", "queued"}, WorkflowID: workflowID}, 3},
			"trigger":                {runs.Filter{TriggerType: "schedule"}, 0},
			"name":                   {runs.Filter{Search: "ORDERS"}, 5},
			"percent is itself":      {runs.Filter{Search: "100%"}, 5},
			"underscore is itself":   {runs.Filter{Search: "r_1"}, 1},
			"no word":                {runs.Filter{Search: "%"}, 0},
			"id":                     {runs.Filter{Search: others[0].ID}, 1},
			"since an hour ago":      {runs.Filter{From: &hour, To: &soon}, 6},
			"before an hour ago":     {runs.Filter{To: &hour}, 0},
			"from the future":        {runs.Filter{From: &soon}, 0},
			"no such state":          {runs.Filter{Status: []string{"done"}}, 0},
			"malformed workflow":     {runs.Filter{WorkflowID: "x"}, 0},
			"malformed place":        {runs.Filter{Before: "x"}, 0},
			"workflow without a run": {runs.Filter{WorkflowID: models.NewID()}, 0},
		} {
			test.filter.Limit = 100
			if found, _ := list(test.filter); len(found) != test.want {
				t.Errorf("%s: %d runs, want %d", name, len(found), test.want)
			}
		}
		last, err := runs.Last(ctx, db, []string{workflowID, others[0].WorkflowID, models.NewID()})
		if err != nil || len(last) != 2 || last[workflowID].ID != stored[4].ID {
			t.Fatal(last, err)
		}
		counts, err := runs.CountByStatus(ctx, db, workflowID, hour)
		if err != nil || counts["failed"] != 2 || counts["succeeded"] != 2 || counts["queued"] != 1 {
			t.Fatal(counts, err)
		}
		if _, err := runs.Get(ctx, db, "x"); !errors.Is(err, models.ErrNotFound) {
			t.Fatal(err)
		}
	})
}
