package engine_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/models/runs"
	"workflows/worker/engine"
	"workflows/worker/workflow"
)

// answers is a step type whose answers are large; it counts those whose values are
// being made at once.
type answers struct{ making, most atomic.Int64 }

func (a *answers) kind(bytes int) workflow.StepType {
	execute := func(ctx context.Context, call workflow.Call) (workflow.Outcome, error) {
		if err := call.Room(ctx, bytes); err != nil {
			return workflow.Outcome{}, err
		}
		output := workflow.Large{Bytes: bytes, Make: func() (any, error) {
			now := a.making.Add(1)
			defer a.making.Add(-1)
			for most := a.most.Load(); now > most && !a.most.CompareAndSwap(most, now); most = a.most.Load() {
			}
			return map[string]any{"text": strings.Repeat("x", bytes), "at": call.Iteration, "list": []any{"a", "b"}}, nil
		}}
		if call.Config["fail"] == true {
			return workflow.Outcome{}, &workflow.StepError{Code: "broken", Message: "It is broken. Mend it.", Permanent: true, Output: output}
		}
		return workflow.Outcome{Output: output}, nil
	}
	return workflow.StepType{Name: "answer", Title: "Answer", Effects: func(map[string]any) bool { return false }, Execute: execute}
}

// roomy gives the lab's workers this much memory, and the step type.
func roomy(l *lab, memory, bytes int) *answers {
	a := &answers{}
	l.memory, l.lit.more = memory, append(l.lit.more, a.kind(bytes))
	return a
}

func TestLargeAnswersAreMadeOneAfterTheOtherWhereThereIsRoomForOne(t *testing.T) {
	each(t, func(l *lab) {
		answers := roomy(l, 6<<20, 400_000)
		l.worker(8, 0)
		w := l.publish(`{"name": "Ask", "steps": [{"id": "a", "type": "answer"}, {"id": "b", "type": "note", "config": {"at": "{{ steps.a.at }}"}}]}`)
		var found []models.Run
		for range 8 {
			found = append(found, l.start(w, nil))
		}
		for _, run := range found {
			equal(l, "status", l.ended(run.ID).Status, workflow.RunSucceeded)
		}
		equal(l, "at once", answers.most.Load(), 1)
	})
}

// With room for one byte every text waits until it is alone, nothing is remembered,
// and each reference is read from the database.
func TestNobodyWaitsForEverForRoom(t *testing.T) {
	each(t, func(l *lab) {
		answers := roomy(l, 1, 300_000)
		l.worker(3, 0)
		w := l.publish(`{"name": "Lists", "steps": [
			{"id": "first", "type": "answer"},
			{"id": "all", "type": "each", "config": {"list": ["{{ steps.first.text }}", "{{ steps.first.text }}", 3], "max_parallel": 3}, "do": [
				{"id": "a", "type": "answer"},
				{"id": "b", "type": "note", "config": {"at": "{{ steps.a.at }}", "item": "{{ steps.first.list }}", "n": "{{ index }}"}},
				{"id": "sends", "type": "answer", "config": {"body": "{{ steps.first.text }}"}},
				{"id": "c", "type": "answer", "config": {"fail": true}, "on_error": "continue"},
				{"id": "d", "type": "note", "config": {"at": "{{ steps.c.at }}", "code": "{{ steps.c.error.code }}"}}
			]},
			{"id": "last", "type": "note", "config": {"items": "{{ steps.all.items }}"}}]}`)
		var found []models.Run
		for range 3 {
			found = append(found, l.start(w, nil))
		}
		for _, run := range found {
			ended := l.ended(run.ID)
			equal(l, "output", json.RawMessage(ended.Output), json.RawMessage(`{"items":[{"at":"0","code":"broken"},{"at":"1","code":"broken"},{"at":"2","code":"broken"}]}`))
		}
		equal(l, "at once", answers.most.Load(), 1)
	})
}

func TestLargeAnswersAreStoredAtOnce(t *testing.T) {
	each(t, func(l *lab) {
		roomy(l, 0, 300_000)
		l.worker(2, 0)
		run := l.run(`{"name": "Kept", "steps": [{"id": "a", "type": "answer"}, {"id": "h", "type": "hold"}]}`)
		<-l.lit.begun
		rows := l.rows(run.ID)
		whole, err := runs.PayloadOf(t.Context(), l.db, run.ID, rows[0].ID)
		l.must(err)
		if len(whole) < 300_000 || rows[0].Status != workflow.StepSucceeded {
			l.Errorf("%s %s: %d bytes are stored", rows[0].StepID, rows[0].Status, len(whole))
		}
		close(l.lit.open)
		equal(l, "status", l.ended(run.ID).Status, workflow.RunSucceeded)
	})
}

// What a config inserts is held while its step is at work, which may be long; of what
// earlier steps gave besides nothing is.
func TestLargeConfigsAreAtWorkOneAfterTheOtherWhereThereIsRoomForOne(t *testing.T) {
	each(t, func(l *lab) {
		roomy(l, 6<<20, 400_000)
		var atWork, most atomic.Int64
		l.lit.more = append(l.lit.more, workflow.StepType{
			Name: "send", Title: "Send", Effects: func(map[string]any) bool { return false },
			Execute: func(_ context.Context, call workflow.Call) (workflow.Outcome, error) {
				now := atWork.Add(1)
				defer atWork.Add(-1)
				for before := most.Load(); now > before && !most.CompareAndSwap(before, now); before = most.Load() {
				}
				time.Sleep(20 * time.Millisecond) // as others take to answer
				text, _ := call.Config["body"].(string)
				return workflow.Outcome{Output: len(text)}, nil
			},
		})
		l.worker(8, 0)
		large := l.publish(`{"name": "Large", "steps": [{"id": "a", "type": "answer"}, {"id": "b", "type": "send", "config": {"body": "{{ steps.a.text }}", "at": "{{ steps.a.at }}"}}]}`)
		var found []models.Run
		for range 8 {
			found = append(found, l.start(large, nil))
		}
		for _, run := range found {
			equal(l, "output", json.RawMessage(l.ended(run.ID).Output), json.RawMessage("400000"))
		}
		equal(l, "at once", most.Load(), 1)
	})
}

// What is small as a text may be large while it is taken apart, as YAML is.
func TestTextsThatGrowMoreThanJSONAreReadOneAfterTheOther(t *testing.T) {
	each(t, func(l *lab) {
		roomy(l, 6<<20, 100_000)
		var atWork, most atomic.Int64
		l.lit.more = append(l.lit.more, workflow.StepType{
			Name: "grow", Title: "Grow", Immediate: true, Effects: func(map[string]any) bool { return false },
			Grows: func(config map[string]any) int { return map[any]int{"yaml": 8}[config["format"]] },
			Execute: func(_ context.Context, call workflow.Call) (workflow.Outcome, error) {
				now := atWork.Add(1)
				defer atWork.Add(-1)
				for before := most.Load(); now > before && !most.CompareAndSwap(before, now); before = most.Load() {
				}
				time.Sleep(20 * time.Millisecond) // as taking apart takes
				return workflow.Outcome{Output: call.Config["format"]}, nil
			},
		})
		l.worker(8, 0)
		w := l.publish(`{"name": "Grows", "steps": [{"id": "a", "type": "answer"}, {"id": "b", "type": "grow", "config": {"text": "{{ steps.a.text }}", "format": "yaml"}}]}`)
		var found []models.Run
		for range 8 {
			found = append(found, l.start(w, nil))
		}
		for _, run := range found {
			equal(l, "status", l.ended(run.ID).Status, workflow.RunSucceeded)
		}
		equal(l, "at once", most.Load(), 1)
	})
}

// Whoever waits for room in this process is not late: what it has asked others to do
// would be asked for once more.
func TestTheTimeLimitStandsStillWhileAStepWaitsForRoom(t *testing.T) {
	each(t, func(l *lab) {
		roomy(l, 1, 300_000)
		l.lit.more = append(l.lit.more, workflow.StepType{
			Name: "slow", Title: "Slow", Effects: func(map[string]any) bool { return false },
			Execute: func(ctx context.Context, call workflow.Call) (workflow.Outcome, error) {
				err := call.Room(ctx, 300_000)
				l.lit.begun <- call.StepID
				<-l.lit.open
				return workflow.Outcome{}, err
			},
		})
		l.worker(2, 0)
		slow := l.run(`{"name": "Slow", "steps": [{"id": "s", "type": "slow"}]}`)
		<-l.lit.begun
		late := l.run(`{"name": "Waits", "steps": [{"id": "a", "type": "answer", "timeout": "100ms"}]}`)
		modelstest.Eventually(l, "it is shown as running", func() bool {
			rows := l.rows(late.ID)
			return len(rows) == 1 && rows[0].Status == workflow.StepRunning
		})
		close(l.lit.open)
		equal(l, "who waited", l.ended(late.ID).Status, workflow.RunSucceeded)
		equal(l, "who was waited for", l.ended(slow.ID).Status, workflow.RunSucceeded)
	})
}

// A step that is abandoned holds its room until it returns, and then gives it back.
func TestAnAbandonedStepGivesItsRoomBackWhenItReturns(t *testing.T) {
	each(t, func(l *lab) {
		roomy(l, 1, 300_000)
		l.lit.more = append(l.lit.more, workflow.StepType{
			Name: "stubborn", Title: "Stubborn", Effects: func(map[string]any) bool { return false },
			Execute: func(ctx context.Context, call workflow.Call) (workflow.Outcome, error) {
				err := call.Room(ctx, 300_000)
				l.lit.begun <- call.StepID
				<-l.lit.open // whatever the context says
				return workflow.Outcome{}, err
			},
		})
		l.worker(2, 0)
		stubborn := l.run(`{"name": "Stubborn", "steps": [{"id": "s", "type": "stubborn", "timeout": "100ms"}]}`)
		<-l.lit.begun
		equal(l, "abandoned", code(l.ended(stubborn.ID).Error), workflow.CodeTimeout)
		close(l.lit.open)
		equal(l, "after it", l.ended(l.run(`{"name": "Ask", "steps": [{"id": "a", "type": "answer"}]}`).ID).Status, workflow.RunSucceeded)
	})
}

func TestARunGoesOnWithLargeOutputsAfterItsWorkerWasLost(t *testing.T) {
	each(t, func(l *lab) {
		roomy(l, 1, 300_000)
		stop := l.worker(1, 0)
		run := l.run(`{"name": "Go on", "steps": [{"id": "a", "type": "answer"},
			{"id": "all", "type": "each", "config": {"list": ["{{ steps.a.text }}", 2]}, "do": [{"id": "n", "type": "nap"}]},
			{"id": "b", "type": "note", "config": {"n": "{{ steps.all.count }}", "list": "{{ steps.a.list }}"}}]}`)
		l.until(run.ID, workflow.RunWaiting)
		stop()
		l.worker(1, 0)
		equal(l, "output", json.RawMessage(l.ended(run.ID).Output), json.RawMessage(`{"list":["a","b"],"n":2}`))
	})
}

// A for_each keeps its list, and then what it came to, under one attempt: who has
// entered it must not remember the one for the other.
func TestAListIsNotRememberedForWhatItsLoopCameTo(t *testing.T) {
	each(t, func(l *lab) {
		roomy(l, 0, 300_000)
		first, second := engine.New(l.options()), engine.New(l.options())
		run := l.run(`{"name": "Two workers", "steps": [{"id": "a", "type": "answer"},
			{"id": "all", "type": "each", "config": {"list": ["{{ steps.a.text }}"]}, "do": [{"id": "n", "type": "nap"}, {"id": "b", "type": "answer"}]},
			{"id": "m", "type": "nap"},
			{"id": "last", "type": "note", "config": {"n": "{{ steps.all.count }}", "list": "{{ steps.all.items[0].list }}"}}]}`)
		for i, worker := range []*engine.Engine{first, second, first} {
			l.must(worker.Execute(t.Context(), run.ID))
			want := []string{workflow.RunWaiting, workflow.RunSucceeded, workflow.RunFailed}
			modelstest.Eventually(l, "the run can be taken again, or has ended", func() bool {
				now := l.get(run.ID)
				return slices.Contains(want, now.Status) && (now.DueAt == nil || now.DueAt.Before(models.Now())) && now.Attempt == i+1
			})
		}
		equal(l, "output", json.RawMessage(l.get(run.ID).Output), json.RawMessage(`{"list":["a","b"],"n":1}`))
	})
}
