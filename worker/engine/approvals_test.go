package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/models/runs"
	"workflows/worker/engine"
	"workflows/worker/workflow"
)

// asked are the open questions of a run, oldest first.
func (l *lab) asked(run string) []models.Approval {
	l.Helper()
	found, _, err := runs.ListApprovals(context.Background(), l.db, runs.ApprovalFilter{RunID: run, Open: true, Limit: 100}, models.Now())
	l.must(err)
	for i, j := 0, len(found)-1; i < j; i, j = i+1, j-1 {
		found[i], found[j] = found[j], found[i]
	}
	return found
}

// anna is named by questions for her, and may operate.
var anna = engine.Decider{Name: "Anna", Email: "anna@example.com", Operator: true}

func refused(err error) bool {
	var conflict *models.ConflictError
	return errors.As(err, &conflict) && conflict.Code == "not_asked"
}

func TestRunWaitsForAPersonsWordAndTakesItOnce(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(1, 0)
		run := l.start(l.publish(`{"name": "Refund", "inputs": [{"name": "n", "type": "text"}], "steps": [
			{"id": "ask", "type": "approval", "config": {"question": "Refund {{ input.n }}?", "assignees": "Anna@Example.com"}},
			{"id": "after", "type": "note", "config": {"v": "{{ steps.ask.decision }} by {{ steps.ask.by }}: {{ steps.ask.comment }}"}}]}`), map[string]any{"n": "{{ secrets.X }}"})
		waiting := l.until(run.ID, workflow.RunWaiting)
		equal(l, "waits for", waiting.WaitingFor, workflow.WaitApproval)
		asked := l.asked(run.ID)
		equal(l, "question", asked[0].Question, "Refund {{ secrets.X }}?")
		equal(l, "assignees", asked[0].Assignees, []string{"anna@example.com"})
		for name, answer := range map[string]engine.Answer{"maybe": {Decision: "maybe", Who: anna}, "nobody": {Decision: "approved", Who: engine.Decider{ByLink: true}}, "a hidden name": {Decision: "approved", Who: engine.Decider{Name: "Anna\u202e", ByLink: true}}, "a long name": {Decision: "approved", Who: engine.Decider{Name: strings.Repeat("x", 101), ByLink: true}}, "a long comment": {Decision: "approved", Who: anna, Comment: strings.Repeat("x", 2001)}} {
			var invalid *models.InvalidError
			if _, err := l.e.AnswerApproval(context.Background(), asked[0].ID, answer); !errors.As(err, &invalid) {
				l.Errorf("%s: %v", name, err)
			}
		}
		var taken, late atomic.Int64
		var people sync.WaitGroup
		for _, decision := range []string{"approved", "rejected", "approved", "rejected"} {
			people.Go(func() {
				_, err := l.e.AnswerApproval(context.Background(), asked[0].ID, engine.Answer{Decision: decision, Who: anna, Comment: " g\u202eo "})
				if err == nil {
					taken.Add(1)
				} else if refused(err) {
					late.Add(1)
				} else {
					l.Error(err)
				}
			})
		}
		people.Wait()
		equal(l, "taken and refused", []int64{taken.Load(), late.Load()}, []int64{1, 3})
		decided, err := runs.GetApproval(context.Background(), l.db, asked[0].ID, models.Now())
		l.must(err)
		equal(l, "output", json.RawMessage(l.ended(run.ID).Output), map[string]any{"v": decided.Decision + " by Anna: go"})
		equal(l, "open questions", len(l.asked(run.ID)), 0)
	})
}

func TestQuestionThatNobodyAnswersExpires(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(1, 0)
		run := l.run(`{"name": "Ask", "steps": [{"id": "ask", "type": "approval", "config": {"question": "Well?", "expires_after": "1s"}}]}`)
		l.until(run.ID, workflow.RunWaiting)
		asked := l.asked(run.ID)
		equal(l, "output", json.RawMessage(l.ended(run.ID).Output), map[string]any{"decision": "expired", "by": "", "comment": ""})
		if _, err := l.e.AnswerApproval(context.Background(), asked[0].ID, engine.Answer{Decision: "approved", Who: anna}); !refused(err) {
			l.Errorf("after its time: %v", err)
		}
		settled, err := runs.GetApproval(context.Background(), l.db, asked[0].ID, models.Now())
		l.must(err)
		equal(l, "decision", settled.Decision, models.ApprovalExpired)
	})
}

// A person's word is on its way when the time ends: what was accepted is what
// the run goes on with.
func TestDecisionOnItsWayWinsAgainstTheEndOfItsTime(t *testing.T) {
	each(t, func(l *lab) {
		if !models.IsPostgres(l.db) {
			l.Skip("the embedded database has one writer at a time")
		}
		l.worker(1, 0)
		run := l.run(`{"name": "Ask", "steps": [{"id": "ask", "type": "approval", "config": {"question": "Well?", "expires_after": "1s"}}]}`)
		l.until(run.ID, workflow.RunWaiting)
		asked := l.asked(run.ID)
		l.must(models.Tx(context.Background(), l.db, func(tx *gorm.DB) error {
			decided, err := runs.DecideApproval(context.Background(), tx, asked[0].ID, "approved", "Anna", "", models.Now())
			equal(l, "decided", decided, true)
			modelstest.Eventually(l, "the worker wants to end its time", func() bool {
				var waiting int
				l.must(l.db.Raw("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'").Scan(&waiting).Error)
				return waiting > 0
			})
			return err
		}))
		equal(l, "output", json.RawMessage(l.ended(run.ID).Output), map[string]any{"decision": "approved", "by": "Anna", "comment": ""})
	})
}

func TestOneOfDecisionAndEndOfTimeStands(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(1, 0)
		for range 5 {
			run := l.run(`{"name": "Ask", "steps": [{"id": "ask", "type": "approval", "config": {"question": "Well?"}}]}`)
			l.until(run.ID, workflow.RunWaiting)
			asked := l.asked(run.ID)
			var taken atomic.Int64
			var all sync.WaitGroup
			all.Go(func() {
				if err := runs.ExpireApproval(context.Background(), l.db, asked[0].StepRunID, models.Now()); err != nil {
					l.Error(err)
				}
			})
			all.Go(func() {
				_, err := l.e.AnswerApproval(context.Background(), asked[0].ID, engine.Answer{Decision: "approved", Who: anna})
				if err == nil {
					taken.Add(1)
				} else if !refused(err) {
					l.Error(err)
				}
			})
			all.Wait()
			settled, err := runs.GetApproval(context.Background(), l.db, asked[0].ID, models.Now())
			l.must(err)
			equal(l, "decision", settled.Decision, []string{models.ApprovalExpired, models.ApprovalApproved}[taken.Load()])
			l.e.Cancel(context.Background(), run.ID, "Anna")
		}
	})
}

func TestWhoMayDecide(t *testing.T) {
	named, open := models.Approval{Assignees: models.JSON(`["anna@example.com"]`)}, models.Approval{Assignees: models.JSON(`[]`)}
	for name, c := range map[string]struct {
		who         engine.Decider
		named, open bool
	}{
		"nobody":                     {engine.Decider{}, false, false},
		"somebody who looks":         {engine.Decider{Email: "eve@example.com"}, false, false},
		"somebody who operates":      {engine.Decider{Email: "eve@example.com", Operator: true}, false, true},
		"who is named and looks":     {engine.Decider{Email: "anna@example.com"}, true, false},
		"an administrator":           {engine.Decider{Administrator: true}, true, true},
		"whoever was given the link": {engine.Decider{ByLink: true}, true, true},
	} {
		if got := []bool{c.who.May(named), c.who.May(open)}; got[0] != c.named || got[1] != c.open {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestQuestionOfACancelledRunIsNotAskedAnyMore(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(1, 0)
		run := l.run(`{"name": "Ask", "steps": [{"id": "ask", "type": "approval", "config": {"question": "Well?"}}]}`)
		l.until(run.ID, workflow.RunWaiting)
		asked := l.asked(run.ID)
		_, err := l.e.Cancel(context.Background(), run.ID, "Anna")
		l.must(err)
		if _, err := l.e.AnswerApproval(context.Background(), asked[0].ID, engine.Answer{Decision: "approved", Who: anna}); !refused(err) {
			l.Errorf("after the run was cancelled: %v", err)
		}
		equal(l, "open questions", len(l.asked(run.ID)), 0)
		equal(l, "status", l.ended(run.ID).Status, workflow.RunCancelled)
	})
}

// The answer comes while other items of the run are at work: nothing is lost, and
// nobody is refused.
func TestQuestionIsAnsweredWhileTheRunWorksOnOtherItems(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(2, 0)
		run := l.run(`{"name": "Ask each", "steps": [{"id": "all", "type": "each", "config": {"list": ["a", "b"], "max_parallel": 2}, "do": [
			{"id": "which", "type": "condition", "config": {"conditions": [{"value": "{{ item }}", "operator": "equals", "other": "a"}]},
			 "then": [{"id": "ask", "type": "approval", "config": {"question": "{{ item }}?"}}], "else": [{"id": "hold", "type": "hold"}]}]}]}`)
		<-l.lit.begun
		var asked []models.Approval
		modelstest.Eventually(l, "a question is asked", func() bool { asked = l.asked(run.ID); return len(asked) == 1 })
		equal(l, "status", l.get(run.ID).Status, workflow.RunRunning)
		_, err := l.e.AnswerApproval(context.Background(), asked[0].ID, engine.Answer{Decision: "approved", Who: anna})
		l.must(err)
		close(l.lit.open)
		equal(l, "status", l.ended(run.ID).Status, workflow.RunSucceeded)
	})
}

func TestAnswerCountsAlsoWhenTheWorkerThatAskedIsGone(t *testing.T) {
	each(t, func(l *lab) {
		stop := l.worker(1, 0)
		run := l.run(`{"name": "Ask", "steps": [{"id": "ask", "type": "approval", "config": {"question": "Well?"}}, {"id": "n", "type": "note"}]}`)
		l.until(run.ID, workflow.RunWaiting)
		asked := l.asked(run.ID)
		stop()
		l.flush() // Redis forgets everything besides
		_, err := l.e.AnswerApproval(context.Background(), asked[0].ID, engine.Answer{Decision: "rejected", Who: engine.Decider{Name: "Otto", Operator: true}})
		l.must(err)
		l.worker(1, 0)
		equal(l, "status", l.ended(run.ID).Status, workflow.RunSucceeded)
		equal(l, "rows", summary(l.rows(run.ID)), []string{"ask succeeded", "n succeeded"})
	})
}
