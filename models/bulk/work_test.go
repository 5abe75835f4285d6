package bulk

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/models/runs"
)

func TestPiecesAreAQuarterOfASecondsWorth(t *testing.T) {
	for perSecond, want := range map[int]int{1: 1, 3: 1, 8: 2, 50: 12, 400: 100, 1000: 100} {
		if got := (&Bulk{PerSecond: perSecond}).piece(pieceMost); got != want {
			t.Errorf("of %d a second: %d", perSecond, got)
		}
	}
	if got := (&Bulk{PerSecond: 50}).piece(1); got != 1 {
		t.Errorf("where at most one is wanted: %d", got)
	}
}

// Each moment is looked at as a worker would that has nothing else to do: no piece is more
// than its own length ahead.
func TestTheRateIsKeptOverTime(t *testing.T) {
	each(t, func(h *house) {
		for _, perSecond := range []int{3, 40} {
			w, ids := h.runs(60)
			b := h.create(Request{Action: Retry, Runs: runs.Filter{WorkflowID: w}, PerSecond: perSecond})
			began, done := h.now, 0
			for now := began; done < len(ids); now = now.Add(10 * time.Millisecond) {
				turns, err := Due(h.Context(), h.db)
				if h.must(err); turns[0].NextAt.After(now) {
					continue
				}
				done += len(h.piece(b.ID, now, pieceMost, ""))
				allowed := int(now.Sub(began).Seconds()*float64(perSecond)) + max(perSecond/4, 1)
				if done > allowed {
					h.Fatalf("after %v %d are done instead of at most %d", now.Sub(began), done, allowed)
				}
				if h.get(b.ID).State == Finished {
					if took := now.Sub(began).Seconds(); took > 1.1*float64(len(ids))/float64(perSecond) {
						h.Errorf("at %d a second it took %.1f s", perSecond, took)
					}
				}
			}
		}
	})
}

func TestWhatHasComeOfRunsIsNotedOnceAndCounted(t *testing.T) {
	each(t, func(h *house) {
		w, ids := h.runs(5)
		b := h.create(Request{Action: Retry, Runs: runs.Filter{WorkflowID: w}, PerSecond: 8})
		if took := h.piece(b.ID, h.now, pieceMost, "broken"); !slices.Equal(took, ids[:2]) {
			h.Fatal(took)
		}
		if noted := h.get(b.ID); noted.Failed != 2 || noted.Done != 0 || !noted.NextAt.Equal(h.now.Add(250*time.Millisecond)) || noted.State != Running {
			h.Errorf("%+v", noted)
		}
		err := models.Tx(h.Context(), h.db, func(tx *gorm.DB) error {
			b, _, err := Take(h.Context(), tx, b.ID, h.now.Add(time.Second), pieceMost)
			h.must(err)
			return Note(h.Context(), tx, &b, outcomes([]string{ids[1], ids[2]}, ""), h.now)
		})
		if !errors.Is(err, models.ErrConflict) || h.get(b.ID).Done != 0 {
			h.Error("one was noted twice:", err)
		}
		newRun := models.NewID()
		h.must(models.Tx(h.Context(), h.db, func(tx *gorm.DB) error {
			b, _, err := Take(h.Context(), tx, b.ID, h.now.Add(time.Second), pieceMost)
			h.must(err)
			return Note(h.Context(), tx, &b, []Item{{RunID: ids[2], State: ItemDone, NewRunID: &newRun}, {RunID: ids[3], State: ItemFailed, Code: "gone", Message: "Ä 'quoted' sentence."}}, h.now.Add(time.Second))
		}))
		var items []Item
		h.must(h.db.Where("bulk_id = ?", b.ID).Order("run_id").Find(&items).Error)
		if items[2].State != ItemDone || *items[2].NewRunID != newRun || items[3].Message != "Ä 'quoted' sentence." || items[3].NewRunID != nil || items[4].State != ItemWaiting {
			h.Errorf("%+v", items)
		}
		last := h.now.Add(2 * time.Second)
		h.piece(b.ID, last, pieceMost, "")
		if done := h.get(b.ID); done.State != Finished || !done.FinishedAt.Equal(last) || done.Done != 2 || done.Failed != 3 {
			h.Errorf("%+v", done)
		}
		if got := h.acts(b.ID); !slices.Equal(got, []string{"bulk.retry by Anna", "bulk.finished by Anna"}) {
			h.Error(got)
		}
		reasons, err := Reasons(h.Context(), h.db, b.ID)
		if h.must(err); len(reasons) != 2 || reasons[0].Number != 2 || reasons[0].Message != "It was broken." || reasons[0].ExampleID != ids[1] {
			h.Errorf("%+v", reasons)
		}
	})
}

func TestMoreThanOneStatementsWorthIsNoted(t *testing.T) {
	each(t, func(h *house) {
		b := h.create(Request{Action: Delete, Runs: runs.Filter{WorkflowID: h.workflow("Orders")}})
		var ids []string
		for range notedAtOnce + 1 {
			ids = append(ids, models.NewID())
		}
		h.must(insertItems(h.Context(), h.db, b.ID, ids))
		h.must(noteItems(h.Context(), h.db, b.ID, outcomes(ids, "")))
		if got := len(h.items(b.ID, ItemDone)); got != len(ids) {
			h.Errorf("%d are noted", got)
		}
	})
}

func TestWhatIsNotDueIsNotTaken(t *testing.T) {
	each(t, func(h *house) {
		w, _ := h.runs(3)
		b := h.create(Request{Action: Retry, Runs: runs.Filter{WorkflowID: w}, PerSecond: 1})
		h.piece(b.ID, h.now, pieceMost, "")
		for now, want := range map[time.Time]error{h.now.Add(999 * time.Millisecond): models.ErrNotFound, h.now.Add(time.Second): nil} {
			h.must(h.db.Transaction(func(tx *gorm.DB) error {
				if _, _, err := Take(h.Context(), tx, b.ID, now, pieceMost); !errors.Is(err, want) {
					h.Errorf("after %v: %v", now.Sub(h.now), err)
				}
				return nil
			}))
		}
	})
}

func TestWhatWaitsLongestIsDueFirst(t *testing.T) {
	each(t, func(h *house) {
		w, _ := h.runs(10)
		first := h.create(Request{Action: Retry, Runs: runs.Filter{WorkflowID: w}, PerSecond: 1})
		second := h.create(Request{Action: Delete, Runs: runs.Filter{WorkflowID: w}, PerSecond: 4})
		var order []string
		for now := h.now; len(order) < 7; now = now.Add(125 * time.Millisecond) {
			turns, err := Due(h.Context(), h.db)
			h.must(err)
			for _, turn := range turns {
				if !turn.NextAt.After(now) {
					h.piece(turn.ID, now, pieceMost, "")
					order = append(order, map[string]string{first.ID: "slow", second.ID: "fast"}[turn.ID])
				}
			}
		}
		if got := strings.Join(order, " "); got != "slow fast fast fast fast slow fast" && got != "slow fast fast fast fast fast slow" {
			h.Error(got)
		}
	})
}

// The lock on its row decides: who stops it waits for the piece that is under way, and none
// begins then.
func TestNoFurtherRunIsTakenOnceItIsStopped(t *testing.T) {
	each(t, func(h *house) {
		w, ids := h.runs(4)
		b := h.create(Request{Action: Retry, Runs: runs.Filter{WorkflowID: w}, PerSecond: 4})
		stopped := make(chan Bulk, 1)
		h.must(models.Tx(h.Context(), h.db, func(tx *gorm.DB) error {
			taken, next, err := Take(h.Context(), tx, b.ID, h.now, pieceMost)
			if err != nil {
				return err
			}
			go func() {
				b, err := Stop(h.person(), h.db, b.ID, "Anna", h.now)
				if err != nil {
					h.Error(err)
				}
				stopped <- b
			}()
			if models.IsPostgres(h.db) {
				modelstest.Eventually(h, "who stops it waits", func() bool {
					var waiting int64
					err := h.db.Raw("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'UPDATE \"bulks\"%'").Scan(&waiting).Error
					return err == nil && waiting == 1
				})
			}
			return Note(h.Context(), tx, &taken, outcomes(next, ""), h.now)
		}))
		if told := <-stopped; told.State != Stopped || told.Done != 1 || told.StoppedBy != "Anna" {
			h.Errorf("%+v", told)
		}
		err := h.db.Transaction(func(tx *gorm.DB) error {
			_, _, err := Take(h.Context(), tx, b.ID, h.now.Add(time.Hour), pieceMost)
			return err
		})
		if !errors.Is(err, models.ErrNotFound) || !slices.Equal(h.items(b.ID, ItemWaiting), ids[1:]) {
			h.Error("one was taken:", err)
		}
		if again, err := Stop(h.person(), h.db, b.ID, "Ben", h.now); err != nil || again.StoppedBy != "Anna" {
			h.Errorf("%+v, %v", again, err)
		}
		if got := h.acts(b.ID); !slices.Equal(got, []string{"bulk.retry by Anna", "bulk.stopped by Anna"}) {
			h.Error(got)
		}
		if _, err := Stop(h.person(), h.db, models.NewID(), "Anna", h.now); !errors.Is(err, models.ErrNotFound) {
			h.Error(err)
		}
	})
}

func TestWhatAnotherWorkerHasInHandIsPassedOver(t *testing.T) {
	db, _ := modelstest.Postgres(t)
	h := &house{T: t, db: db, now: models.Now()}
	w, _ := h.runs(2)
	b := h.create(Request{Action: Retry, Runs: runs.Filter{WorkflowID: w}})
	h.must(db.Transaction(func(tx *gorm.DB) error {
		_, _, err := Take(t.Context(), tx, b.ID, h.now, pieceMost)
		h.must(err)
		return db.Transaction(func(other *gorm.DB) error {
			if _, _, err := Take(t.Context(), other, b.ID, h.now, pieceMost); !errors.Is(err, models.ErrNotFound) {
				t.Errorf("it was taken twice: %v", err)
			}
			return nil
		})
	}))
}

func TestWhatIsOverAndOldGoesPieceByPiece(t *testing.T) {
	each(t, func(h *house) {
		w, _ := h.runs(5)
		old := h.create(Request{Action: Retry, Runs: runs.Filter{WorkflowID: w}})
		young, running := h.create(Request{Action: Retry, Runs: runs.Filter{WorkflowID: w}}), h.create(Request{Action: Retry, Runs: runs.Filter{WorkflowID: w}})
		h.piece(old.ID, h.now, pieceMost, "")
		h.piece(young.ID, h.now.Add(time.Hour), pieceMost, "")
		before := h.now.Add(time.Minute)
		var told []string
		for more := true; more; {
			var removed int64
			var err error
			removed, more, err = Clear(h.Context(), h.db, before, 2)
			h.must(err)
			told = append(told, fmt.Sprint(removed, more))
		}
		if got := strings.Join(told, ", "); got != "0 true, 0 true, 1 true, 0 false" {
			h.Error(got)
		}
		if _, err := Get(h.Context(), h.db, old.ID); !errors.Is(err, models.ErrNotFound) {
			h.Error("it is still there:", err)
		}
		if left := h.get(young.ID); left.Done != 5 || len(h.items(running.ID, ItemWaiting)) != 5 {
			h.Errorf("%+v", left)
		}
	})
}

// What is asked every second, and of each piece, reads no more than it returns.
func TestWhatIsDueAndWhatWaitsIsFoundByAnIndex(t *testing.T) {
	db, _ := modelstest.Postgres(t)
	h := &house{T: t, db: db, now: models.Now()}
	b := h.create(Request{Action: Delete, Runs: runs.Filter{WorkflowID: h.workflow("Orders")}})
	for _, statement := range []string{
		`INSERT INTO bulks (id, action, asked, per_second, total, state, actor_kind, actor_id, actor_name, via, created_at, next_at, finished_at)
			SELECT gen_random_uuid(), 'retry', '{}', 50, 0, 'finished', 'person', '', '', 'api', now(), now(), now() FROM generate_series(1, 3000)`,
		"INSERT INTO bulk_runs (bulk_id, run_id, state) SELECT '" + b.ID + "', gen_random_uuid(), CASE WHEN n < 19000 THEN 'done' ELSE 'waiting' END FROM generate_series(1, 20000) AS n",
		"UPDATE bulks SET state = 'running', total = 20000 WHERE id = '" + b.ID + "'",
		"ANALYZE",
	} {
		h.must(db.Exec(statement).Error)
	}
	plans := modelstest.Plans(t, db)
	_, err := Due(t.Context(), db)
	h.must(err)
	h.must(db.Transaction(func(tx *gorm.DB) error {
		_, next, err := Take(t.Context(), tx, b.ID, h.now, pieceMost)
		if len(next) != 12 {
			t.Errorf("%d are next", len(next))
		}
		return err
	}))
	for i, index := range []string{"bulks_running", "bulk_runs_waiting"} {
		if plan := (*plans)[i]; !strings.Contains(plan, "using "+index) || strings.Contains(plan, "Sort") {
			t.Errorf("%s is not what finds it:\n%s", index, plan)
		}
	}
}
