package engine_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/worker/engine"
	"workflows/worker/workflow"
)

// placed is what became of each attempt inside a for_each: "a@0 succeeded".
func placed(rows []models.StepRun) []string {
	lines := summary(rows)
	for i, row := range rows {
		if row.Iteration != "" {
			lines[i] = row.StepID + "@" + row.Iteration + lines[i][len(row.StepID):]
		}
	}
	return lines
}

func TestEveryItemGoesThroughTheSteps(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(2, 0)
		run := l.ended(l.run(`{"name": "Loop", "steps": [{"id": "l", "type": "each", "config": {"list": ["x", {"n": 1.50}]}, "do": [
			{"id": "a", "type": "note", "config": {"it": "{{ item }}", "at": "{{ index }}"}},
			{"id": "b", "type": "note", "config": {"from": "{{ steps.a }}"}}]}]}`).ID)
		equal(l, "rows", placed(l.rows(run.ID)), []string{"l succeeded", "a@0 succeeded", "b@0 succeeded", "a@1 succeeded", "b@1 succeeded"})
		equal(l, "output", string(run.Output), `{"items":[{"from":{"at":0,"it":"x"}},{"from":{"at":1,"it":{"n":1.50}}}],"count":2,"errors":[]}`)
	})
}

func TestLoopsStandInsideOneAnother(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(2, 0)
		run := l.ended(l.run(`{"name": "Loop", "steps": [{"id": "l", "type": "each", "config": {"list": [["p", "q"], []], "max_parallel": 2}, "do": [
			{"id": "o", "type": "note", "config": {"row": "{{ index }}"}},
			{"id": "m", "type": "each", "config": {"list": "{{ item }}"}, "do": [
				{"id": "a", "type": "note", "config": {"it": "{{ item }}", "row": "{{ steps.o.row }}"}}]}]}]}`).ID)
		equal(l, "output", string(run.Output), `{"items":[{"items":[{"it":"p","row":0},{"it":"q","row":0}],"count":2,"errors":[]},{"items":[],"count":0,"errors":[]}],"count":2,"errors":[]}`)
	})
}

func TestItemsAreAtWorkAtOnceButNotMoreThanAllowed(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(1, 0)
		run := l.run(`{"name": "Loop", "steps": [{"id": "l", "type": "each", "config": {"list": [1, 2, 3, 4, 5], "max_parallel": 3}, "do": [{"id": "h", "type": "hold"}]}]}`)
		for range 3 {
			<-l.lit.begun
		}
		modelstest.Eventually(l, "slow items are shown", func() bool { return len(l.rows(run.ID)) == 4 })
		equal(l, "at work", placed(l.rows(run.ID)), []string{"l running", "h@0 running", "h@1 running", "h@2 running"})
		close(l.lit.open)
		equal(l, "status", l.ended(run.ID).Status, workflow.RunSucceeded)
	})
}

func TestFailedItemFailsTheStepUnlessItMay(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(2, 0)
		const loop = `{"name": "Loop", "steps": [{"id": "l", "type": "each", "config": {"list": [1, 2, 3], "on_item_error": "%s"}, "do": [
			{"id": "a", "type": "pick", "config": {"item": "{{ item }}", "bad": 2}}]}]}`
		strict := l.ended(l.run(fmt.Sprintf(loop, "fail")).ID)
		equal(l, "rows", placed(l.rows(strict.ID)), []string{"l failed item_failed", "a@0 succeeded", "a@1 failed broken"})
		equal(l, "error", string(strict.Error), `{"code":"item_failed","message":"Item 2 of 3 failed at “pick”: It is broken. Mend it.","step_id":"l"}`)
		lenient := l.ended(l.run(fmt.Sprintf(loop, "continue")).ID)
		equal(l, "output", string(lenient.Output), `{"items":[1,null,3],"count":3,"errors":[{"index":1,"code":"broken","message":"It is broken. Mend it."}]}`)
	})
}

func TestWaitsAndRetriesOfItemsHoldNoWorker(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(1, 0)
		run := l.run(`{"name": "Loop", "steps": [{"id": "l", "type": "each", "config": {"list": [1, 2, 3], "max_parallel": 2}, "do": [
			{"id": "n", "type": "nap"}, {"id": "f", "type": "fail", "retry": {"max_attempts": 3, "delay": "1ms"}}]}]}`)
		l.until(run.ID, workflow.RunWaiting)
		equal(l, "output", string(l.ended(run.ID).Output), `{"items":[{"attempt":3},{"attempt":3},{"attempt":3}],"count":3,"errors":[]}`)
	})
}

func TestALoopsTimeLimitEndsTheWholeLoop(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(1, 0)
		run := l.run(`{"name": "Loop", "steps": [{"id": "l", "type": "each", "timeout": "300ms", "on_error": "continue", "config": {"list": [1, 2, 3]}, "do": [
			{"id": "a", "type": "note"}, {"id": "w", "type": "wait", "config": {"for": "1h"}}]}, {"id": "n", "type": "note"}]}`)
		equal(l, "status", l.ended(run.ID).Status, workflow.RunSucceeded)
		equal(l, "rows", placed(l.rows(run.ID)), []string{"l failed timeout", "a@0 succeeded", "w@0 cancelled", "n succeeded"})
	})
}

func TestALoopsTimeLimitLetsWhatIsInHandEnd(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(1, 0)
		run := l.run(`{"name": "Loop", "steps": [{"id": "l", "type": "each", "timeout": "50ms", "config": {"list": [1, 2]}, "do": [{"id": "h", "type": "hold"}]}]}`)
		<-l.lit.begun
		timer := time.NewTimer(100 * time.Millisecond) // beyond the limit
		<-timer.C
		close(l.lit.open)
		equal(l, "status", l.ended(run.ID).Status, workflow.RunFailed)
		equal(l, "rows", placed(l.rows(run.ID)), []string{"l failed timeout", "h@0 succeeded"})
	})
}

func TestALostLoopGoesOnInItsMiddle(t *testing.T) {
	each(t, func(l *lab) {
		run := l.run(`{"name": "Loop", "steps": [{"id": "l", "type": "each", "config": {"list": [1, 2, 3, 4]}, "do": [{"id": "a", "type": "pick", "config": {"item": "{{ item }}"}}]}]}`)
		l.perish(run.ID,
			models.StepRun{StepID: "l", Type: "each", Attempt: 1, Status: "running", Branch: "do", Output: models.JSON(`{"list": ["un", "deux", "trois"], "max_parallel": 1, "on_item_error": ""}`)},
			models.StepRun{StepID: "a", Type: "pick", Iteration: "0", Attempt: 1, Status: "succeeded", Output: models.JSON(`"done"`)},
			models.StepRun{StepID: "a", Type: "pick", Iteration: "1", Attempt: 1, Status: "running", Input: models.JSON(`{}`)})
		l.worker(1, 0)
		ended := l.ended(run.ID)
		equal(l, "output", string(ended.Output), `{"items":["done","deux","trois"],"count":3,"errors":[]}`)
		equal(l, "rows", placed(l.rows(run.ID)), []string{"l succeeded", "a@0 succeeded", "a@1 failed worker_lost", "a@1 succeeded", "a@2 succeeded"})
	})
}

func TestARetryTakesOverTheFinishedItems(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(1, 0)
		failed := l.ended(l.run(`{"name": "Loop", "steps": [{"id": "l", "type": "each", "config": {"list": [1, 2, 3], "max_parallel": 3}, "do": [
			{"id": "a", "type": "note"}, {"id": "f", "type": "fail", "config": {"permanent": "{{ index }}"}}]}]}`).ID)
		equal(l, "status", failed.Status, workflow.RunFailed)
		again, err := l.e.Retry(l.Context(), failed.ID, engine.RetryRequest{From: engine.FromFailedStep})
		l.must(err)
		l.ended(again.ID)
		notes := 0
		for _, id := range l.lit.called() {
			if id == "a" {
				notes++
			}
		}
		if notes > 6 { // three in the first run, and at most those of unfinished items again
			l.Fatal("finished items were executed again:", l.lit.called())
		}
	})
}

func TestALongListIsGoneThroughAndStoredOnTheWay(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(1, 0)
		list := make([]int, 1000)
		definition := fmt.Sprintf(`{"name": "Loop", "steps": [{"id": "l", "type": "each", "config": {"list": %s, "max_parallel": 10}, "do": [{"id": "a", "type": "note", "config": {"i": "{{ index }}"}}]}]}`, numbers(len(list)))
		run := l.ended(l.run(definition).ID)
		equal(l, "status", run.Status, workflow.RunSucceeded)
		equal(l, "rows", len(l.rows(run.ID)), 1001)
	})
}

func numbers(n int) string {
	text := "[0"
	for i := 1; i < n; i++ {
		text += fmt.Sprintf(",%d", i)
	}
	return text + "]"
}

func TestASwitchedOffStepIsPassedOverAndGivesNothing(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(1, 0)
		run := l.ended(l.run(`{"name": "Off", "steps": [{"id": "a", "type": "note", "config": {"v": 1}},
			{"id": "c", "type": "each", "disabled": true, "config": {"list": [1]}, "do": [{"id": "d", "type": "note"}]},
			{"id": "b", "type": "note", "disabled": true},
			{"id": "e", "type": "note", "config": {"v": "{{ steps.a.v }}", "b": "{{ steps.b.body.x }}", "d": "{{ steps.c.items[0] }}"}}]}`).ID)
		equal(l, "rows", summary(l.rows(run.ID)), []string{"a succeeded", "e succeeded"})
		equal(l, "output", string(run.Output), `{"b":null,"d":null,"v":1}`)
	})
}

func TestNoItemIsBegunWhoseResultCouldNotBeKept(t *testing.T) {
	alone(t, func(l *lab) {
		l.worker(1, 0)
		run := l.ended(l.run(`{"name": "Loop", "steps": [{"id": "l", "type": "each", "on_error": "continue", "config": {"list": [1, 2, 3, 4, 5, 6, 7, 8]}, "do": [
			{"id": "b", "type": "bulk"}, {"id": "n", "type": "bulk"}]}, {"id": "last", "type": "note"}]}`).ID)
		equal(l, "status", run.Status, workflow.RunSucceeded)
		equal(l, "calls", l.lit.called(), []string{"b", "n", "b", "n", "b", "n", "b", "n", "last"}) // 20 MB are given after the fourth
		row := l.rows(run.ID)[0]
		equal(l, "the step", []any{row.Status, code(row.Error), row.Output}, []any{workflow.StepFailed, "too_large", nil})
	})
}

// The items of this one give as much as can be kept, and what holds them together is
// too much: the list that was gone through does not stand for the result.
func TestAListStandsForNoResultThatCouldNotBeKept(t *testing.T) {
	alone(t, func(l *lab) {
		l.lit.more = append(l.lit.more, workflow.StepType{
			Name: "quarter", Title: "Quarter", Effects: func(map[string]any) bool { return false },
			Execute: func(context.Context, workflow.Call) (workflow.Outcome, error) {
				return workflow.Outcome{Output: strings.Repeat("x", 4<<20-2)}, nil // and two quotes
			},
		})
		l.worker(1, 0)
		run := l.ended(l.run(`{"name": "Loop", "steps": [{"id": "l", "type": "each", "on_error": "continue", "config": {"list": [1, 2, 3, 4]}, "do": [{"id": "q", "type": "quarter"}]},
			{"id": "last", "type": "note", "config": {"code": "{{ steps.l.error.code }}"}}]}`).ID)
		equal(l, "status", run.Status, workflow.RunSucceeded)
		row := l.rows(run.ID)[0]
		equal(l, "the step", []any{row.Status, code(row.Error), row.Output}, []any{workflow.StepFailed, "too_large", nil})
	})
}

func TestAListThatGivesTooMuchLetsWhatIsInHandEnd(t *testing.T) {
	alone(t, func(l *lab) {
		l.worker(1, 0)
		run := l.ended(l.run(`{"name": "Loop", "steps": [{"id": "l", "type": "each", "config": {"list": [1, 2, 3, 4, 5, 6, 7, 8], "max_parallel": 4}, "do": [{"id": "b", "type": "bulk"}]}]}`).ID)
		equal(l, "error", code(run.Error), "too_large")
		if calls := len(l.lit.called()); calls < 4 || calls > 7 {
			l.Fatalf("%d calls", calls)
		}
		for _, row := range l.rows(run.ID)[1:] {
			equal(l, "an item", row.Status, workflow.StepSucceeded)
		}
	})
}
