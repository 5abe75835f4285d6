package bulk

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/models/runs"
)

func TestMain(m *testing.M) { os.Exit(modelstest.AtOnce(m, 4).Run()) }

// house is a database with runs.
type house struct {
	*testing.T
	db  *gorm.DB
	now time.Time
}

func each(t *testing.T, test func(h *house)) {
	t.Helper()
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) { test(&house{T: t, db: db, now: models.Now()}) })
}

func (h *house) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

func (h *house) workflow(name string) string {
	h.Helper()
	w := models.Workflow{ID: models.NewID(), Name: name, Status: "active", Draft: models.JSON("{}"), CreatedAt: h.now, UpdatedAt: h.now}
	h.must(h.db.Create(&w).Error)
	return w.ID
}

// run stores a run, changed as the test likes.
func (h *house) run(workflowID, status string, change ...func(r *models.Run)) string {
	h.Helper()
	run := models.Run{
		ID: models.NewID(), WorkflowID: workflowID, VersionID: models.NewID(), Version: 1, WorkflowName: "Orders", Status: status, TriggerType: "manual",
		Trigger: models.JSON(`{"type":"manual"}`), Input: models.JSON(`{}`), Queue: "default", QueuedAt: h.now, FinishedAt: &h.now,
	}
	for _, c := range change {
		c(&run)
	}
	h.must(runs.Insert(h.Context(), h.db, &run))
	return run.ID
}

func (h *house) runs(n int) (workflowID string, ids []string) {
	h.Helper()
	workflowID = h.workflow("Orders")
	for range n {
		ids = append(ids, h.run(workflowID, "failed"))
	}
	return workflowID, ids
}

func (h *house) person() context.Context {
	return models.WithActor(h.Context(), models.Actor{Kind: models.ActorPerson, ID: "anna", Name: "Anna", Address: "10.0.0.1"})
}

func (h *house) create(r Request) Bulk {
	h.Helper()
	if r.Asked == nil {
		r.Asked = models.JSON(`{"status":["failed"]}`)
	}
	b, err := Create(h.person(), h.db, r, h.now)
	h.must(err)
	return b
}

// items are the rows of one, by the state.
func (h *house) items(id, state string) (ids []string) {
	h.Helper()
	h.must(h.db.Raw("SELECT run_id FROM bulk_runs WHERE bulk_id = ? AND state = ? ORDER BY run_id", id, state).Scan(&ids).Error)
	return ids
}

func (h *house) get(id string) Bulk {
	h.Helper()
	b, err := Get(h.Context(), h.db, id)
	h.must(err)
	if waiting := int64(len(h.items(id, ItemWaiting))); b.State != Stopped && b.Done+b.Failed+waiting != b.Total {
		h.Errorf("%d done, %d failed and %d waiting are not %d", b.Done, b.Failed, waiting, b.Total)
	}
	return b
}

// acts are the lines in the audit log about one: what was done, and by whom.
func (h *house) acts(id string) (lines []string) {
	h.Helper()
	h.must(h.db.Raw("SELECT action || ' by ' || actor_name FROM audit_events WHERE object_id = ? ORDER BY id", id).Scan(&lines).Error)
	return lines
}

// piece takes the next runs and notes that it was done, or why not.
func (h *house) piece(id string, now time.Time, limit int, refusal string) (took []string) {
	h.Helper()
	h.must(models.Tx(h.Context(), h.db, func(tx *gorm.DB) error {
		b, next, err := Take(h.Context(), tx, id, now, limit)
		if err != nil {
			return err
		}
		took = next
		return Note(h.Context(), tx, &b, outcomes(next, refusal), now)
	}))
	return took
}

func outcomes(ids []string, refusal string) (items []Item) {
	for _, id := range ids {
		item := Item{RunID: id, State: ItemDone}
		if refusal != "" {
			item.State, item.Code, item.Message = ItemFailed, refusal, "It was "+refusal+"."
		}
		items = append(items, item)
	}
	return items
}

func TestOnlySuchRunsAreChosenWithWhichItCanBeDone(t *testing.T) {
	each(t, func(h *house) {
		w := h.workflow("Orders")
		of := map[string]string{}
		for _, state := range []string{"queued", "running", "waiting", "succeeded", "failed", "cancelled"} {
			of[state] = h.run(w, state)
		}
		h.run(w, "failed", func(r *models.Run) { r.TriggerType = "try" })
		ended, open := []string{of["succeeded"], of["failed"], of["cancelled"]}, []string{of["queued"], of["running"], of["waiting"]}
		for _, c := range []struct {
			action string
			states []string
			want   []string
		}{
			{Retry, nil, ended},
			{Delete, nil, ended},
			{Cancel, nil, open},
			{Retry, []string{"failed", "running"}, []string{of["failed"]}},
			{Delete, []string{"queued"}, nil},
			{Cancel, []string{"waiting", "failed"}, []string{of["waiting"]}},
			{Cancel, []string{"failed"}, nil},
		} {
			got, err := Chosen(h.Context(), h.db, Request{Action: c.action, Runs: runs.Filter{WorkflowID: w, Status: c.states}}, 10)
			if h.must(err); !slices.Equal(got, c.want) {
				h.Errorf("to %s of %v: %v instead of %v", c.action, c.states, got, c.want)
			}
		}
	})
}

func TestRunsAreChosenByGroupWordsAndIDs(t *testing.T) {
	each(t, func(h *house) {
		w, other := h.workflow("Orders"), h.workflow("Letters")
		group := models.NewID()
		var grouped []string
		for range 3 {
			grouped = append(grouped, h.run(w, "failed", func(r *models.Run) { r.FailureID = &group }))
		}
		lone := h.run(w, "failed")
		letter := h.run(other, "failed", func(r *models.Run) { r.WorkflowName = "Letters" })
		repaired := h.run(w, "failed", func(r *models.Run) { r.FailureID = &group; r.WorkflowName = "Letters" })
		again := h.run(w, "failed", func(r *models.Run) { r.RetryOf = &repaired; r.TriggerType = "retry" })
		for name, c := range map[string]struct {
			action string
			runs   runs.Filter
			want   []string
		}{
			"a group":               {Delete, runs.Filter{FailureID: group}, append(slices.Clone(grouped), repaired)},
			"a group, but repaired": {Retry, runs.Filter{FailureID: group}, grouped},
			"a group and a state":   {Retry, runs.Filter{FailureID: group, Status: []string{"succeeded"}}, nil},
			"words":                 {Delete, runs.Filter{Search: "letter"}, []string{letter, repaired}},
			"words, but repaired":   {Retry, runs.Filter{Search: "letter"}, []string{letter}},
			"ids":                   {Retry, runs.Filter{IDs: []string{letter, lone, again, repaired, models.NewID()}}, []string{lone, letter, again}},
			"no ids":                {Retry, runs.Filter{IDs: []string{}}, nil},
			"a workflow":            {Retry, runs.Filter{WorkflowID: other}, []string{letter}},
		} {
			got, err := Chosen(h.Context(), h.db, Request{Action: c.action, Runs: c.runs}, 10)
			if h.must(err); !slices.Equal(got, c.want) {
				h.Errorf("%s: %v instead of %v", name, got, c.want)
			}
		}
	})
}

// What was run again before must not take the place of what was not.
func TestAsManyRunsAreChosenAsThereMayBeAndMoreAreRefused(t *testing.T) {
	each(t, func(h *house) {
		w, ids := h.runs(5)
		for range 4 { // which have been run again, and are newer than the others
			repaired := h.run(w, "failed")
			h.run(w, "running", func(r *models.Run) { r.RetryOf = &repaired })
		}
		r := Request{Action: Retry, Asked: models.JSON(`{}`), Runs: runs.Filter{WorkflowID: w}}
		var invalid *models.InvalidError
		if _, err := create(h.Context(), h.db, r, h.now, 4); !errors.As(err, &invalid) || invalid.Code != "too_many_runs" || invalid.Fields[0].Path != "filter" || !strings.Contains(invalid.Message, "More than 4 runs") {
			h.Fatal(err)
		}
		b, err := create(h.Context(), h.db, r, h.now, 5)
		if h.must(err); b.Total != 5 || !slices.Equal(h.items(b.ID, ItemWaiting), ids) {
			h.Errorf("%d are chosen: %v", b.Total, h.items(b.ID, ItemWaiting))
		}
		r.Runs.Search = "orders"
		if _, err := create(h.Context(), h.db, r, h.now, 4); !errors.As(err, &invalid) {
			h.Error("too many that have a word are chosen:", err)
		}
		b, err = create(h.Context(), h.db, r, h.now, 5)
		if h.must(err); b.Total != 5 {
			h.Errorf("%d that have a word are chosen", b.Total)
		}
	})
}

func TestWhatWasChosenStays(t *testing.T) {
	each(t, func(h *house) {
		w, ids := h.runs(3)
		b := h.create(Request{Action: Retry, Runs: runs.Filter{WorkflowID: w}, RetryFrom: "failed_step", PerSecond: 7, Via: "page"})
		h.run(w, "failed")
		stored := h.get(b.ID)
		if got := h.items(b.ID, ItemWaiting); !slices.Equal(got, ids) || stored.Total != 3 || stored.State != Running || stored.PerSecond != 7 || stored.RetryFrom != "failed_step" || stored.Via != "page" {
			h.Errorf("%v of %+v", got, stored)
		}
		if stored.Actor() != (models.Actor{Kind: models.ActorPerson, ID: "anna", Name: "Anna"}) {
			h.Errorf("it is the deed of %+v", stored.Actor())
		}
		if got := h.acts(b.ID); !slices.Equal(got, []string{"bulk.retry by Anna"}) {
			h.Error(got)
		}
	})
}

func TestWhereNoRunIsMeantItIsFinishedAtOnce(t *testing.T) {
	each(t, func(h *house) {
		b := h.create(Request{Action: Delete, Runs: runs.Filter{WorkflowID: h.workflow("Orders")}})
		stored := h.get(b.ID)
		if stored.State != Finished || stored.FinishedAt == nil || stored.Total != 0 || stored.PerSecond != UsualRate {
			h.Errorf("%+v", stored)
		}
		if turns, err := Due(h.Context(), h.db); err != nil || len(turns) != 0 {
			h.Error(turns, err)
		}
		if got := h.acts(b.ID); !slices.Equal(got, []string{"bulk.delete by Anna"}) {
			h.Error(got)
		}
	})
}

func TestTheSameKeyIsTheSameRequest(t *testing.T) {
	each(t, func(h *house) {
		w, _ := h.runs(2)
		r := Request{Action: Retry, Runs: runs.Filter{WorkflowID: w}, Asked: models.JSON(`{}`), IdempotencyKey: "k", RequestHash: "h"}
		first := h.create(r)
		h.run(w, "failed")
		if second := h.create(r); second.ID != first.ID || second.Total != 2 {
			h.Errorf("%+v", second)
		}
		r.RequestHash = "other"
		var invalid *models.InvalidError
		if _, err := Create(h.Context(), h.db, r, h.now); !errors.As(err, &invalid) || invalid.Code != "idempotency_mismatch" {
			h.Error(err)
		}
		r.IdempotencyKey = ""
		if other := h.create(r); other.ID == first.ID || other.Total != 3 {
			h.Errorf("without a key: %+v", other)
		}
	})
}

func TestTheSameRequestAtOnceIsOne(t *testing.T) {
	each(t, func(h *house) {
		w, _ := h.runs(2)
		r := Request{Action: Retry, Runs: runs.Filter{WorkflowID: w}, Asked: models.JSON(`{}`), IdempotencyKey: "k", RequestHash: "h"}
		made := make([]Bulk, 8)
		var all sync.WaitGroup
		for i := range made {
			all.Go(func() {
				var err error
				if made[i], err = Create(h.Context(), h.db, r, h.now); err != nil {
					h.Error(err)
				}
			})
		}
		all.Wait()
		for _, b := range made {
			if b.ID != made[0].ID {
				h.Errorf("%s and %s", b.ID, made[0].ID)
			}
		}
		if found, err := Newest(h.Context(), h.db); err != nil || len(found) != 1 {
			h.Error(len(found), err)
		}
	})
}

func TestNothingIsAskedForWithoutALineInTheAuditLog(t *testing.T) {
	each(t, func(h *house) {
		w, _ := h.runs(1)
		b := h.create(Request{Action: Retry, Runs: runs.Filter{WorkflowID: w}})
		modelstest.RefuseAudit(h, h.db)
		if _, err := Create(h.person(), h.db, Request{Action: Retry, Runs: runs.Filter{WorkflowID: w}, Asked: models.JSON(`{}`)}, h.now); err == nil {
			h.Error("it was stored")
		}
		if _, err := Stop(h.person(), h.db, b.ID, "Anna", h.now); err == nil || h.get(b.ID).State != Running {
			h.Error("it was stopped:", err)
		}
	})
}
