package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/worker/queue"
	"workflows/worker/workflow"
)

// togetherness is an engine whose door is held shut until requests have come up that are
// stored together then.
type togetherness struct {
	testing.TB
	db *gorm.DB
	e  *Engine
}

func newTogetherness(t testing.TB, db *gorm.DB) *togetherness {
	q, err := queue.Open(queue.Options{URL: "redis://127.0.0.1:1"}) // nobody is there
	if err != nil {
		t.Fatal(err)
	}
	return &togetherness{t, db, New(Options{DB: db, Queue: q, Types: workflow.Types{"keep": {Name: "keep"}}})}
}

func (l *togetherness) publish(settings workflow.Settings, inputs ...workflow.Input) (workflowID string) {
	l.Helper()
	d, now := workflow.Definition{Format: 1, Name: "One", Settings: settings, Inputs: inputs, Steps: []workflow.Step{{ID: "a", Type: "keep"}}}, models.Now()
	v := models.WorkflowVersion{ID: models.NewID(), WorkflowID: models.NewID(), Number: 1, Name: d.Name, Definition: d.Marshal(), CreatedAt: now}
	w := models.Workflow{ID: v.WorkflowID, Name: d.Name, Status: workflow.StatusActive, Draft: v.Definition, VersionID: &v.ID, Version: &v.Number, CreatedAt: now, UpdatedAt: now}
	if err := errors.Join(l.db.Create(&w).Error, l.db.Create(&v).Error); err != nil {
		l.Fatal(err)
	}
	return w.ID
}

func manually(workflowID string) StartRequest {
	return StartRequest{WorkflowID: workflowID, Trigger: Trigger{Type: TriggerManual}}
}

// together asks for the runs at once; they are stored by the same commit. Each answer is
// told to heard as it comes.
func (l *togetherness) together(requests []StartRequest, heard func(i int, o startOutcome)) {
	l.Helper()
	var holding, all sync.WaitGroup
	open := make(chan struct{})
	shut := manually(l.publish(workflow.Settings{}))
	shut.Read = func([]workflow.Input) (map[string]any, []workflow.Problem) {
		holding.Done()
		<-open
		return nil, nil
	}
	l.e.starts.turns = 1 // SQLite would have a second one wait for the first
	holding.Add(1)
	all.Go(func() { _, _, _ = l.e.StartNow(context.Background(), shut) })
	holding.Wait()
	for i, req := range requests {
		all.Go(func() {
			var o startOutcome
			o.run, o.before, o.err = l.e.StartNow(context.Background(), req)
			heard(i, o)
		})
	}
	modelstest.Eventually(l, "all have come up", func() bool {
		l.e.starts.mu.Lock()
		defer l.e.starts.mu.Unlock()
		return len(l.e.starts.pending) == len(requests)
	})
	close(open)
	all.Wait()
}

func (l *togetherness) answers(requests []StartRequest) []startOutcome {
	l.Helper()
	answers := make([]startOutcome, len(requests))
	l.together(requests, func(i int, o startOutcome) { answers[i] = o })
	return answers
}

func TestStartsThatComeTogetherAreOneTransactionAndEachHasItsOwnAnswer(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		l := newTogetherness(t, db)
		plain, asks := l.publish(workflow.Settings{}), l.publish(workflow.Settings{}, workflow.Input{Name: "n", Type: "number", Required: true})
		limited := l.publish(workflow.Settings{MaxRunning: 2, OnLimit: "reject"})
		used := manually(plain)
		used.IdempotencyKey, used.RequestHash = "used", "a"
		first, _, err := l.e.StartNow(t.Context(), used)
		if err != nil {
			t.Fatal(err)
		}
		other := used
		other.RequestHash = "b"
		large := manually(plain)
		large.Trigger.Body = strings.Repeat("x", 3<<20) // no two of them go into one statement

		requests := []StartRequest{used, manually(asks), manually(plain), manually(limited), manually(models.NewID()), other, large, manually(limited), large, manually(limited), manually("nonsense")}
		statements := modelstest.Watch(db)
		answers := l.answers(requests)
		if n := statements.Count("BEGIN"); n != 2 { // of whoever held the door, and of all others
			t.Errorf("there were %d transactions", n)
		}

		ids := map[string]bool{}
		stored := func(i int) bool {
			var found models.Run
			ok := answers[i].err == nil && db.Take(&found, "id = ?", answers[i].run.ID).Error == nil && found.WorkflowID == requests[i].WorkflowID
			ids[answers[i].run.ID] = true
			return ok
		}
		for _, i := range []int{2, 6, 8} {
			if !stored(i) || answers[i].before {
				t.Errorf("request %d: %+v", i, answers[i])
			}
		}
		if !stored(0) || !answers[0].before || answers[0].run.ID != first.ID || len(ids) != 4 {
			t.Errorf("the same request again: %+v", answers[0])
		}
		for i, fits := range map[int]func(error) bool{
			1:  func(err error) bool { return errors.As(err, new(*models.InvalidError)) },
			4:  func(err error) bool { return errors.Is(err, models.ErrNotFound) },
			5:  func(err error) bool { return errors.As(err, new(*models.InvalidError)) },
			10: func(err error) bool { return errors.Is(err, models.ErrNotFound) },
		} {
			if !fits(answers[i].err) {
				t.Errorf("request %d: %v", i, answers[i].err)
			}
		}
		refused := 0
		for _, i := range []int{3, 7, 9} {
			if errors.As(answers[i].err, new(*models.LimitError)) {
				refused++
			}
		}
		if refused != 1 {
			t.Errorf("%d of three were refused where two have a place", refused)
		}
	})
}

func TestTheSameKeyManyTimesTogetherIsOneRun(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		l := newTogetherness(t, db)
		same, apart := manually(l.publish(workflow.Settings{})), l.publish(workflow.Settings{})
		same.IdempotencyKey, same.RequestHash = "k", "a"
		requests := []StartRequest{same, same, manually(apart), same}
		ids := map[string]bool{}
		for i, a := range l.answers(requests) {
			if a.err != nil {
				t.Errorf("request %d: %v", i, a.err)
			}
			ids[a.run.ID] = true
		}
		var stored int64
		if err := db.Model(&models.Run{}).Where("workflow_id IN ?", []string{same.WorkflowID, apart}).Count(&stored).Error; err != nil || stored != 2 || len(ids) != 2 {
			t.Errorf("%d runs are stored, %d answered, %v", stored, len(ids), err)
		}
	})
}

// Somebody deletes a workflow with very many runs: those of others do not wait for it.
func TestStartsDoNotWaitForALockOnTheWorkflowOfAnother(t *testing.T) {
	db, _ := modelstest.Postgres(t)
	l := newTogetherness(t, db)
	locked, free := l.publish(workflow.Settings{}), l.publish(workflow.Settings{})
	tx := db.Begin()
	defer tx.Rollback()
	if err := tx.Exec("SELECT 1 FROM workflows WHERE id = ? FOR UPDATE", locked).Error; err != nil {
		t.Fatal(err)
	}
	requests := []StartRequest{manually(free), manually(locked), manually(free)}
	var mu sync.Mutex
	var order []string
	var freed sync.WaitGroup
	freed.Add(2)
	go func() {
		freed.Wait()
		mu.Lock()
		order = append(order, "unlocked")
		mu.Unlock()
		tx.Rollback()
	}()
	l.together(requests, func(i int, o startOutcome) {
		mu.Lock()
		order = append(order, fmt.Sprint(i == 1, " ", o.err))
		mu.Unlock()
		if i != 1 {
			freed.Done()
		}
	})
	if got := strings.Join(order, ", "); got != "false <nil>, false <nil>, unlocked, true <nil>" {
		t.Error(got)
	}
}
