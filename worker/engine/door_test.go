package engine_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/worker/engine"
	"workflows/worker/workflow"
)

// cursed is something to wait for that panics in the run's own goroutine.
type cursed struct{}

func (cursed) WaitsFor() string { panic("a defect") }

// illegible is an output that panics when it is written.
type illegible struct{}

func (illegible) MarshalJSON() ([]byte, error) { panic("a defect") }

func TestARunWhoseExecutionPanicsIsGivenBackAndEndsAfterThreeTries(t *testing.T) {
	each(t, func(l *lab) {
		l.lease = 400 * time.Millisecond
		l.worker(1, 0)
		run := l.run(`{"name": "Cursed", "steps": [{"id": "c", "type": "cursed"}]}`)
		ended := l.ended(run.ID)
		equal(l, "run", []any{ended.Status, code(ended.Error), ended.Attempt}, []any{workflow.RunFailed, "poison", 4})
		after := l.ended(l.run(`{"name": "Well", "steps": [{"id": "n", "type": "note"}]}`).ID)
		equal(l, "the next run of the same worker", after.Status, workflow.RunSucceeded)
	})
}

func TestWhatIsInHandIsCutOffWhenTheExecutionPanics(t *testing.T) {
	each(t, func(l *lab) {
		run := l.run(`{"name": "Cursed", "steps": [{"id": "l", "type": "each", "config": {"list": ["held", "cursed"], "max_parallel": 2},
			"do": [{"id": "c", "type": "cursed", "config": {"item": "{{ item }}"}}]}]}`)
		l.must(l.e.Execute(context.Background(), run.ID))
		if cause := <-l.lit.ended; cause == nil {
			l.Fatal("the other item was not cut off")
		}
		equal(l, "the database's word", l.get(run.ID).Status, workflow.RunRunning) // until the lease ends
	})
}

func TestAPanicInAnOutputIsTheStepsFailure(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(1, 0)
		run := l.ended(l.run(`{"name": "Illegible", "steps": [{"id": "i", "type": "illegible"}]}`).ID)
		equal(l, "run", []any{run.Status, code(run.Error), run.Attempt}, []any{workflow.RunFailed, "panic", 1})
	})
}

func TestAPanicInEffectsIsTheStepsFailure(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(1, 0)
		run := l.ended(l.run(`{"name": "Torn", "steps": [{"id": "t", "type": "torn", "on_error": "continue"}, {"id": "n", "type": "note"}]}`).ID)
		equal(l, "run", []any{run.Status, run.Attempt}, []any{workflow.RunSucceeded, 1})
		equal(l, "rows", summary(l.rows(run.ID)), []string{"t failed panic", "n succeeded"})
		equal(l, "steps executed", l.lit.called(), []string{"n"})
	})
}

func TestAPanicWhileARunsEndIsWrittenLosesNeitherTheRunNorTheWorker(t *testing.T) {
	each(t, func(l *lab) {
		l.lease = 400 * time.Millisecond
		var armed atomic.Bool
		options := l.options()
		options.Now = func() time.Time {
			if armed.CompareAndSwap(true, false) {
				panic("a defect")
			}
			return models.Now()
		}
		arm := options.Types["note"]
		arm.Name, arm.Execute = "arm", func(context.Context, workflow.Call) (workflow.Outcome, error) {
			armed.Store(true) // the commit of the run's end asks for the time next
			return workflow.Outcome{}, nil
		}
		options.Types["arm"] = arm
		frail := engine.New(options)
		run := l.run(`{"name": "Arm", "steps": [{"id": "a", "type": "arm"}]}`)
		l.must(frail.Execute(context.Background(), run.ID))
		modelstest.Eventually(l, "the commit has panicked", func() bool { return !armed.Load() })
		for range 3 { // more than there are turns to commit
			next := l.run(`{"name": "Next", "steps": [{"id": "n", "type": "note"}]}`)
			l.must(frail.Execute(context.Background(), next.ID))
			equal(l, "another run of the same process", l.ended(next.ID).Status, workflow.RunSucceeded)
		}
		equal(l, "the database's word", l.get(run.ID).Status, workflow.RunRunning)
		l.lit.more = append(l.lit.more, options.Types["arm"])
		l.worker(1, 0)
		ended := l.ended(run.ID)
		equal(l, "run", []any{ended.Status, ended.Attempt}, []any{workflow.RunSucceeded, 2})
	})
}

func TestTheErrorWithWhichAnExecutionPanicsIsLoggedAsOne(t *testing.T) {
	each(t, func(l *lab) {
		broken, logged := errors.New("broken"), make(chan any, 1)
		var armed atomic.Bool
		options := l.options()
		options.Log = slog.New(slog.NewTextHandler(io.Discard, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == "panic" {
				logged <- a.Value.Any()
			}
			return a
		}}))
		options.Now = func() time.Time {
			if armed.CompareAndSwap(true, false) {
				panic(broken)
			}
			return models.Now()
		}
		arm := options.Types["note"]
		arm.Name, arm.Execute = "arm", func(context.Context, workflow.Call) (workflow.Outcome, error) {
			armed.Store(true) // the commit of the run's end asks for the time next
			return workflow.Outcome{}, nil
		}
		options.Types["arm"] = arm
		frail := engine.New(options)
		l.must(frail.Execute(context.Background(), l.run(`{"name": "Arm", "steps": [{"id": "a", "type": "arm"}]}`).ID))
		if got := <-logged; got != broken {
			l.Errorf("it is logged as %T %v", got, got)
		}
	})
}

func TestTheLineOfAFailedRunNamesItsStepAndCodeAndNothingOfOthers(t *testing.T) {
	each(t, func(l *lab) {
		var mu sync.Mutex
		var written bytes.Buffer
		lines := func() string { mu.Lock(); defer mu.Unlock(); return written.String() }
		options := l.options()
		options.Log = slog.New(slog.NewTextHandler(writerFunc(func(p []byte) (int, error) {
			mu.Lock()
			defer mu.Unlock()
			return written.Write(p)
		}), nil))
		arm := options.Types["note"]
		arm.Name, arm.Execute = "arm", func(context.Context, workflow.Call) (workflow.Outcome, error) {
			return workflow.Outcome{}, &workflow.StepError{Code: "too_hot", Message: "What others say.", Permanent: true}
		}
		options.Types["arm"] = arm
		run := l.run(`{"name": "Arm", "steps": [{"id": "a_step", "type": "arm"}]}`)
		l.must(engine.New(options).Execute(context.Background(), run.ID))
		modelstest.Eventually(l, "the run's end is logged", func() bool { return strings.Contains(lines(), "run finished") })
		for _, want := range []string{"status=failed", "code=too_hot", "step_id=a_step"} {
			if !strings.Contains(lines(), want) {
				l.Errorf("%s is not in %s", want, lines())
			}
		}
		if strings.Contains(lines(), "others say") {
			l.Errorf("the log says %s", lines())
		}
	})
}

type writerFunc func(p []byte) (int, error)

func (w writerFunc) Write(p []byte) (int, error) { return w(p) }
