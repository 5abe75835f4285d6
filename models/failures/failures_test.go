package failures_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/failures"
	"workflows/models/modelstest"
	"workflows/models/runs"
)

// lab is a workflow of which runs fail.
type lab struct {
	*testing.T
	db  *gorm.DB
	now time.Time
	w   models.Workflow
}

func newLab(t *testing.T, db *gorm.DB) *lab {
	t.Helper()
	now := models.Now().Add(-time.Hour)
	version := 1
	w := models.Workflow{ID: models.NewID(), Name: "Orders", Status: "active", Draft: models.JSON("{}"), Version: &version, CreatedAt: now, UpdatedAt: now}
	l := &lab{t, db, now, w}
	l.must(db.Create(&w).Error)
	return l
}

func (l *lab) must(err error) {
	l.Helper()
	if err != nil {
		l.Fatal(err)
	}
}

// fails stores a run of a version that failed so long after the beginning.
func (l *lab) fails(after time.Duration, version int, message string, change ...func(run *models.Run)) models.Run {
	l.Helper()
	at := l.now.Add(after)
	failure, err := models.ToJSON(map[string]string{"code": "not_there", "message": message, "step_id": "call"})
	l.must(err)
	run := models.Run{
		ID: modelstest.IDAt(at), WorkflowID: l.w.ID, VersionID: models.NewID(), Version: version, WorkflowName: l.w.Name, Status: "failed",
		TriggerType: "manual", Trigger: models.JSON(`{}`), Error: failure, Queue: "default", QueuedAt: at, FinishedAt: &at,
	}
	for _, c := range change {
		c(&run)
	}
	step := models.StepRun{ID: models.NewID(), RunID: run.ID, StepID: "call", Name: "Call the shop", Type: "http_request", Attempt: 1, Status: "failed"}
	l.must(errors.Join(l.db.Create(&run).Error, l.db.Create(&step).Error))
	return run
}

// group groups all that there is. What a worker has locked that is gone is free once its
// server has learned of that.
func (l *lab) group() {
	l.Helper()
	modelstest.Eventually(l, "all failed runs are in groups", func() bool {
		_, err := failures.Group(l.Context(), l.db, l.now, 3, nil)
		l.must(err)
		waiting, err := failures.Waiting(l.Context(), l.db)
		l.must(err)
		return !waiting
	})
}

func (l *lab) list(states ...string) []failures.Listed {
	l.Helper()
	found, next, err := failures.List(l.Context(), l.db, failures.Filter{States: states, Now: l.now, Limit: 100})
	l.must(err)
	if next != "" {
		l.Error("there are more")
	}
	return found
}

// one is the only group.
func (l *lab) one() failures.Listed {
	l.Helper()
	found := l.list()
	if len(found) != 1 {
		l.Fatalf("%d groups: %+v", len(found), found)
	}
	return found[0]
}

func (l *lab) deed(after time.Duration) failures.Deed {
	return failures.Deed{By: "Anna", Now: l.now.Add(after)}
}

func (l *lab) open() int {
	l.Helper()
	found, _, err := runs.List(l.Context(), l.db, runs.Filter{Status: []string{"failed"}, Open: true, Limit: 100})
	l.must(err)
	return len(found)
}

func TestFailedRunsAreGroupedByTheirCauseAndCountOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		l := newLab(t, db)
		for i := range 7 {
			l.fails(time.Duration(i)*time.Minute, 1+i/4, fmt.Sprintf("Order %d was not found.", i))
		}
		other := l.fails(time.Hour, 3, "Nobody answers.")
		l.fails(0, 1, "Order 9 was not found.", func(run *models.Run) { run.TriggerType = "try" })
		l.fails(0, 1, "Order 9 was not found.", func(run *models.Run) { run.Status = "succeeded" })
		l.group()
		l.group()
		found := l.list()
		if len(found) != 2 || found[0].Sentence != "Nobody answers." || *found[0].ExampleRunID != other.ID {
			t.Fatalf("%+v", found)
		}
		f := found[1]
		if f.Count != 7 || f.Sentence != "Order 6 was not found." || f.Code != "not_there" || f.StepID != "call" || f.StepName != "Call the shop" || f.WorkflowName != "Orders" ||
			!f.FirstSeenAt.Equal(l.now) || !f.LastSeenAt.Equal(l.now.Add(6*time.Minute)) || f.FirstVersion != 1 || f.LastVersion != 2 || f.State != failures.New {
			t.Errorf("%+v", f)
		}
		listed, _, err := runs.List(t.Context(), db, runs.Filter{FailureID: f.ID, Limit: 100})
		l.must(err)
		if len(listed) != 7 || listed[0].ID != *f.ExampleRunID || *listed[0].FailureID != f.ID {
			t.Errorf("%d runs are of it", len(listed))
		}
		// One that comes late, and was earlier than all.
		l.fails(-time.Hour, 1, "Order 7 was not found.")
		l.group()
		if f := l.list()[1]; f.Count != 8 || f.Sentence != "Order 6 was not found." || !f.FirstSeenAt.Equal(l.now.Add(-time.Hour)) {
			t.Errorf("%+v", f)
		}
	})
}

func TestARunThatSaysNothingIsInAGroupToo(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		l := newLab(t, db)
		l.fails(0, 1, "", func(run *models.Run) { run.Error, run.FinishedAt = nil, nil })
		l.fails(0, 1, "", func(run *models.Run) { run.Error = models.JSON(`{}`) })
		l.fails(0, 1, strings.Repeat("ü", 5000))
		l.group()
		found := l.list()
		if len(found) != 2 || found[0].Count+found[1].Count != 3 {
			t.Errorf("%+v", found)
		}
	})
}

// dying ends ctx before the nth statement that begins so.
func dying(t *testing.T, db *gorm.DB, statement string, nth int) context.Context {
	t.Helper()
	ctx, die := context.WithCancel(t.Context())
	count := func(tx *gorm.DB) {
		if strings.HasPrefix(tx.Statement.SQL.String(), statement) {
			if nth--; nth == 0 {
				die()
			}
		}
	}
	for _, err := range []error{db.Callback().Raw().Before("gorm:raw").Register("die", count), db.Callback().Row().Before("gorm:row").Register("die", count), db.Callback().Query().Before("gorm:query").Register("die", count)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return ctx
}

func TestWhoeverDiesBetweenTwoStatementsCountsNothingTwice(t *testing.T) {
	for statement, nth := range map[string]int{"INSERT INTO failures": 2, "UPDATE runs SET failure_id": 1, "UPDATE runs": 2} {
		t.Run(statement, func(t *testing.T) {
			modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
				l := newLab(t, db)
				for i := range 6 {
					l.fails(time.Duration(i), 1, []string{"Order 1 is lost.", "Nobody answers."}[i%2])
				}
				if n, err := failures.Group(dying(t, db, statement, nth), db, l.now, 100, nil); err == nil || n != 0 {
					t.Fatal("it has not died:", n)
				}
				if found := l.list(); len(found) != 0 {
					t.Errorf("something is left of it: %+v", found)
				}
				l.group()
				found := l.list()
				if len(found) != 2 || found[0].Count != 3 || found[1].Count != 3 {
					t.Errorf("%+v", found)
				}
			})
		})
	}
}

func TestTwoWorkersAtOnceCountEachRunOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		l := newLab(t, db)
		const number = 120
		for i := range number {
			l.fails(time.Duration(i)*time.Millisecond, 1, fmt.Sprintf("%s %d.", []string{"Order", "Mail", "Call"}[i%3], i))
		}
		var workers errgroup.Group
		for range 2 {
			workers.Go(func() error {
				for {
					waiting, err := failures.Waiting(t.Context(), db)
					if err != nil || !waiting {
						return err
					}
					if _, err := failures.Group(t.Context(), db, l.now, 7, nil); err != nil {
						return err
					}
				}
			})
		}
		l.must(workers.Wait())
		var all int64
		for _, f := range l.list() {
			all += f.Count
			var of int64
			l.must(db.Model(&models.Run{}).Where("failure_id = ?", f.ID).Count(&of).Error)
			if of != f.Count {
				t.Errorf("%s has %d runs and counts %d", f.Sentence, of, f.Count)
			}
		}
		if all != number {
			t.Errorf("%d are counted", all)
		}
	})
}

func TestOldFailuresThatWereSettledBeforeThereWereGroupsAreSeen(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		l := newLab(t, db)
		l.must(models.MigrateTo(t.Context(), db, 31))
		settled := func(run *models.Run) { run.SettledAt = run.FinishedAt }
		for i := range 2 {
			at := l.now.AddDate(0, 0, -90).Add(time.Duration(i) * time.Hour)
			for _, message := range []string{"Nobody answers.", "Order 7 is lost."} {
				failure, err := models.ToJSON(map[string]string{"code": "not_there", "message": message})
				l.must(err)
				run := models.Run{
					ID: modelstest.IDAt(at), WorkflowID: l.w.ID, VersionID: models.NewID(), Version: 1, WorkflowName: "Orders", Status: "failed",
					TriggerType: "manual", Trigger: models.JSON(`{}`), Error: failure, Queue: "default", QueuedAt: at, FinishedAt: &at,
				}
				if message == "Nobody answers." || i == 0 {
					settled(&run)
				}
				l.must(db.Omit("FailureID").Create(&run).Error) // as an older program stores it
			}
		}
		_, err := models.Migrate(t.Context(), db)
		l.must(err)
		l.group()
		found := map[string]failures.Listed{}
		for _, f := range l.list() {
			found[f.Sentence] = f
		}
		if len(found) != 2 || found["Nobody answers."].State != failures.Seen || found["Order 7 is lost."].State != failures.New || found["Order 7 is lost."].Count != 2 {
			t.Errorf("%+v", found)
		}
		l.fails(0, 1, "Nobody answers.", func(run *models.Run) {
			run.Error = models.JSON(`{"code":"not_there","message":"Nobody answers."}`)
		})
		l.group()
		if f := l.list(failures.New); len(f) != 2 {
			t.Errorf("after a failure that nobody has seen: %+v", f)
		}
	})
}

func TestAPageOfTheListBeginsWhereTheOneBeforeEnded(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		l := newLab(t, db)
		for i := range 5 {
			l.fails(time.Duration(i/2)*time.Minute, 1, strings.Repeat("x", i+1)) // of the same moment too
		}
		l.group()
		seen, cursor := map[string]bool{}, ""
		var last time.Time
		for page := range 3 {
			found, next, err := failures.List(t.Context(), db, failures.Filter{WorkflowID: l.w.ID, After: cursor, Limit: 2})
			l.must(err)
			for i, f := range found {
				if seen[f.ID] || (page+i > 0 && f.LastSeenAt.After(last)) {
					t.Error("it comes twice, or in another order:", f.Sentence)
				}
				seen[f.ID], last = true, f.LastSeenAt
			}
			if cursor = next; (next == "") != (page == 2) || next != "" && !failures.ValidCursor(next) {
				t.Errorf("page %d has the cursor %q", page, next)
			}
		}
		if len(seen) != 5 {
			t.Errorf("%d are listed", len(seen))
		}
		for _, cursor := range []string{"x", "1", "1.x", "-1." + models.NewID(), "999999999999999999." + models.NewID()} {
			if failures.ValidCursor(cursor) {
				t.Errorf("%q is a cursor", cursor)
			}
		}
		if found, _, err := failures.List(t.Context(), db, failures.Filter{WorkflowID: models.NewID()}); err != nil || len(found) != 0 {
			t.Error("another workflow has", found, err)
		}
		if found, _, err := failures.List(t.Context(), db, failures.Filter{WorkflowID: "x"}); err != nil || len(found) != 0 {
			t.Error("no workflow has", found, err)
		}
	})
}

func TestAGroupStaysWhileItHasRunsOrIsYoungAndItsNumberOutlivesThem(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		l := newLab(t, db)
		gone, kept := l.fails(-3*time.Hour, 1, "Gone."), l.fails(-2*time.Hour, 1, "Gone.")
		l.fails(-3*time.Hour, 1, "Old, with a run.")
		young := l.fails(time.Hour, 1, "Young.")
		l.group()
		remove := func(run models.Run) { l.must(db.Exec("DELETE FROM runs WHERE id = ?", run.ID).Error) }
		remove(kept) // the newest
		for _, f := range l.list() {
			if f.Sentence == "Gone." && (f.Count != 2 || *f.ExampleRunID != gone.ID) {
				t.Errorf("%+v", f)
			}
		}
		remove(gone)
		remove(young)
		n, err := failures.Clear(t.Context(), db, l.now, 100)
		l.must(err)
		found := l.list()
		if n != 1 || len(found) != 2 || found[0].Sentence != "Young." || found[0].ExampleRunID != nil || found[1].Sentence != "Old, with a run." {
			t.Errorf("%d are removed, left are %+v", n, found)
		}
		l.must(db.Exec("DELETE FROM workflows WHERE id = ?", l.w.ID).Error)
		if left := modelstest.Everything(t, db)["failures"]; left != "" {
			t.Error("the workflow is gone, and left is", left)
		}
	})
}

func TestWhatIsInNoGroupIsFoundByItsIndex(t *testing.T) {
	db, _ := modelstest.Postgres(t)
	l := newLab(t, db)
	stored := make([]models.Run, 3000)
	for i := range stored {
		at := l.now.Add(-time.Duration(i) * time.Second)
		stored[i] = models.Run{
			ID: modelstest.IDAt(at), WorkflowID: l.w.ID, VersionID: models.NewID(), WorkflowName: "W", Status: []string{"succeeded", "failed"}[i%2], TriggerType: "manual", Trigger: models.JSON(`{}`),
			Queue: "default", QueuedAt: at, FinishedAt: &at, FailureID: &l.w.ID,
		}
	}
	l.must(db.CreateInBatches(stored, 500).Error)
	l.fails(0, 1, "Nobody answers.")
	l.must(db.Exec("ANALYZE runs").Error)
	plans := modelstest.Plans(t, db)
	l.group()
	if len(*plans) < 2 {
		t.Fatal("nothing is explained")
	}
	for _, plan := range *plans {
		if strings.Contains(plan, "on runs") && !strings.Contains(plan, "runs_ungrouped") {
			t.Error(plan)
		}
	}
}
