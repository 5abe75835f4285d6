package engine

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/models/runs"
	"workflows/worker/document"
	"workflows/worker/queue"
	"workflows/worker/workflow"
)

// watching is an engine with one workflow, whose step gives what of a list no earlier
// run has seen.
type watching struct {
	*testing.T
	e     *Engine
	first models.Run
	list  string
	large bool
	// recalled is what happens between looking and telling.
	recalled func(call workflow.Call) error
}

func newWatching(t *testing.T, db *gorm.DB) *watching {
	q, err := queue.Open(queue.Options{URL: "redis://127.0.0.1:1"}) // nobody is there
	if err != nil {
		t.Fatal(err)
	}
	w := &watching{T: t, recalled: func(workflow.Call) error { return nil }}
	kind := workflow.StepType{Name: "see", Keeps: []string{workflow.LeavesRemembered}, Effects: func(map[string]any) bool { return false }, Execute: w.see}
	w.e = New(Options{DB: db, Queue: q, Types: workflow.Types{"see": kind}})
	w.first = startOne(t, w.e, workflow.Step{ID: "a", Type: "see"})
	return w
}

func (w *watching) see(ctx context.Context, call workflow.Call) (workflow.Outcome, error) {
	list := strings.Fields(w.list)
	known, err := call.Recall(ctx, "", list)
	if err == nil {
		err = w.recalled(call)
	}
	if err != nil {
		return workflow.Outcome{}, err
	}
	left := workflow.Remembered{Keep: 4, Note: w.list}
	for _, item := range list {
		if known.Seen[item] {
			left.Again = append(left.Again, item)
		} else {
			left.New = append(left.New, item)
		}
	}
	output := map[string]any{"new": strings.Join(left.New, " "), "note": known.Note}
	if w.large {
		output["large"] = large
	}
	return workflow.Outcome{Output: output, Leaves: []workflow.Left{left}}, nil
}

func (w *watching) start() models.Run {
	w.Helper()
	run, _, err := w.e.StartNow(w.Context(), StartRequest{WorkflowID: w.first.WorkflowID, Trigger: Trigger{Type: TriggerManual}})
	if err != nil {
		w.Fatal(err)
	}
	return run
}

// execute is what the run's step gave as new, and how many attempts it took.
func (w *watching) execute(run models.Run) (given string, attempts int) {
	if err := w.e.Execute(context.Background(), run.ID); err != nil {
		w.Error(err)
	}
	var rows []models.StepRun
	modelstest.Eventually(w, "the run is let go", func() bool {
		found, err := runs.Steps(context.Background(), w.e.db, run.ID)
		rows = found
		now, _ := runs.Get(context.Background(), w.e.db, run.ID)
		return err == nil && len(rows) > 0 && (workflow.Final(now.Status) || now.Status == workflow.RunWaiting)
	})
	last := rows[len(rows)-1]
	value, _ := document.Value(last.Output)
	object, _ := value.(map[string]any)
	given, _ = object["new"].(string)
	return given, len(rows)
}

func TestWhatARunHasSeenIsNewToNoLaterOne(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		w := newWatching(t, db)
		run := w.first
		for _, c := range []struct{ list, new string }{
			{"a b", "a b"},
			{"b a", ""},
			{"a c", "c"},
			{"d", "d"},
			{"d e", "e"}, // five, of which four are kept: the oldest that is not in the list is forgotten
			{"b c d e", ""},
			{"a d", "a"},
		} {
			w.list = c.list
			if given, attempts := w.execute(run); given != c.new || attempts != 1 {
				t.Errorf("%s: %q is new, %d attempts", c.list, given, attempts)
			}
			run = w.start()
		}
		other := newWatching(t, db)
		other.list = "a"
		if given, _ := other.execute(other.first); given != "a" {
			t.Errorf("another workflow remembers the same: %q", given)
		}
	})
}

// Both have looked before either has told: the second finds out, and looks again.
func TestAnItemIsNewToOneOfTwoRunsAtOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		w := newWatching(t, db)
		w.list = "a b c"
		var both, done sync.WaitGroup
		both.Add(2)
		w.recalled = func(call workflow.Call) error {
			if call.Attempt == 1 {
				both.Done()
				both.Wait()
			}
			return nil
		}
		var mu sync.Mutex
		given, attempts := map[string]int{}, 0
		for _, run := range []models.Run{w.first, w.start()} {
			done.Go(func() {
				new, tries := w.execute(run)
				mu.Lock()
				given[new]++
				attempts += tries
				mu.Unlock()
			})
		}
		done.Wait()
		if given["a b c"] != 1 || given[""] != 1 || attempts != 3 {
			t.Errorf("new were %v in %d attempts", given, attempts)
		}
	})
}

func TestWhatIsRememberedStandsOrFallsWithTheResult(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		for name, c := range map[string]struct {
			meanwhile string
			large     bool
			items     int64
		}{
			"nothing happens":           {"UPDATE runs SET rung_at = rung_at WHERE id = ?", false, 3},
			"its output is large":       {"UPDATE runs SET rung_at = rung_at WHERE id = ?", true, 3},
			"another worker has it":     {"UPDATE runs SET attempt = attempt + 1 WHERE id = ?", false, 0},
			"somebody has cancelled it": {"UPDATE runs SET status = 'cancelled' WHERE id = ?", true, 0},
		} {
			w := newWatching(t, db)
			w.list, w.large = "a b", c.large
			w.recalled = func(call workflow.Call) error { return db.Exec(c.meanwhile, call.RunID).Error }
			if err := w.e.Execute(t.Context(), w.first.ID); err != nil {
				t.Fatal(err)
			}
			modelstest.Eventually(t, "the run is let go", func() bool { return len(w.e.held.holds()) == 0 })
			var items int64
			if err := db.Model(&models.RememberedItem{}).Where("workflow_id = ?", w.first.WorkflowID).Count(&items).Error; err != nil || items != c.items {
				t.Errorf("%s: %d are remembered, %v", name, items, err)
			}
		}
	})
}

// The answer to the commit is lost: the same is offered again, and counts once.
func TestWhatIsRememberedSurvivesALostAnswer(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		w := newWatching(t, db)
		w.list = "a b"
		commit, lost := w.e.commitAll, 0
		w.e.commits = newGroup(1, 64, func(changes []change) ([]receipt, error) {
			receipts, err := commit(changes)
			if err == nil && len(changes[0].leaves) > 0 && lost == 0 {
				lost++
				return nil, models.ErrUnavailable
			}
			return receipts, err
		})
		if given, attempts := w.execute(w.first); given != "a b" || attempts != 1 || lost != 1 {
			t.Errorf("%q is new, %d attempts, %d answers lost", given, attempts, lost)
		}
		if given, _ := w.execute(w.start()); given != "" {
			t.Errorf("%q is new to the next run", given)
		}
	})
}

func TestMemoriesGoWithTheirWorkflowAndWithTheirStep(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		count := func(workflowID string) (n int64) {
			t.Helper()
			if err := db.Model(&models.RememberedItem{}).Where("workflow_id = ?", workflowID).Count(&n).Error; err != nil {
				t.Fatal(err)
			}
			return n
		}
		kept, deleted := newWatching(t, db), newWatching(t, db)
		for _, w := range []*watching{kept, deleted} {
			w.list = "a b"
			w.execute(w.first)
		}
		if _, err := models.DeleteWorkflow(t.Context(), db, deleted.first.WorkflowID); err != nil || count(deleted.first.WorkflowID) != 0 {
			t.Errorf("the deleted workflow remembers %d, %v", count(deleted.first.WorkflowID), err)
		}
		clear := func(before time.Time) {
			t.Helper()
			if _, err := models.ClearRemembered(t.Context(), db, before, 1000); err != nil {
				t.Fatal(err)
			}
		}
		later := models.Now().Add(time.Hour)
		if clear(later); count(kept.first.WorkflowID) != 3 {
			t.Error("a step that is still there has forgotten")
		}
		err := errors.Join(
			db.Model(&models.Workflow{}).Where("id = ?", kept.first.WorkflowID).Update("draft", models.JSON(`{"steps":[]}`)).Error,
			db.Model(&models.WorkflowVersion{}).Where("workflow_id = ?", kept.first.WorkflowID).Update("definition", models.JSON(`{"steps":[]}`)).Error,
		)
		if err != nil {
			t.Fatal(err)
		}
		if clear(models.Now().Add(-time.Hour)); count(kept.first.WorkflowID) != 3 {
			t.Error("what was seen lately is forgotten")
		}
		if clear(later); count(kept.first.WorkflowID) != 0 {
			t.Error("what no step remembers any more stays")
		}
	})
}
