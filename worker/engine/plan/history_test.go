package plan

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"workflows/worker/workflow"
)

// The promises of planning, tried on definitions and histories of all shapes: every
// walk ends, no attempt begins twice or beside one that is at work, nothing is
// planned after the end, a run never stands still without saying what it waits for,
// and whoever reads the same attempts plans the same.

func TestEveryHistoryComesToItsEnd(t *testing.T) { rapid.Check(t, comesToItsEnd) }

func FuzzEveryHistoryComesToItsEnd(f *testing.F) { f.Fuzz(rapid.MakeFuzz(comesToItsEnd)) }

// life is a run that is played without a worker, a database or a clock.
type life struct {
	*rapid.T
	s     *State
	now   time.Time
	ids   int
	begun map[string]bool // spot and number of every attempt
	bad   int             // how much may still go wrong through nobody's fault
}

func comesToItsEnd(t *rapid.T) {
	ids := 0
	d := &workflow.Definition{Steps: drawSteps(t, 0, &ids)}
	l := &life{T: t, s: NewState(d), now: start, begun: map[string]bool{}, bad: 30}
	l.s.Came = map[string]any{}
	if rapid.IntRange(0, 4).Draw(t, "limited") == 0 {
		l.s.Deadline = start.Add(30 * time.Second)
	}
	for range 3000 {
		moves := l.s.NextMoves(l.now)
		l.hold(moves)
		if moves.End != nil {
			l.after(moves)
			return
		}
		l.live(moves)
	}
	t.Fatalf("no end in sight: %s", words(l.s.NextMoves(l.now)))
}

// drawSteps makes steps of all kinds, nested in one another.
func drawSteps(t *rapid.T, depth int, ids *int) []workflow.Step {
	list := make([]workflow.Step, rapid.IntRange(1-min(depth, 1), 3).Draw(t, "steps"))
	kinds := []string{"act", "act", "wait", "ask", "call", "pick", "loop"}
	if depth == 2 {
		kinds = kinds[:5]
	}
	for i := range list {
		*ids++
		step := &list[i]
		*step = workflow.Step{ID: fmt.Sprint("s", *ids), Type: rapid.SampledFrom(kinds).Draw(t, "type")}
		step.OnError = rapid.SampledFrom([]string{"", "continue"}).Draw(t, "on_error")
		step.Disabled = rapid.IntRange(0, 9).Draw(t, "disabled") == 0
		step.Retry = rapid.SampledFrom([]*workflow.Retry{nil, {MaxAttempts: 3, Delay: "3s"}}).Draw(t, "retry")
		switch step.Type {
		case "pick":
			step.Then, step.Else = drawSteps(t, depth+1, ids), drawSteps(t, depth+1, ids)
		case "loop":
			step.Timeout = rapid.SampledFrom([]string{"", "", "8s"}).Draw(t, "timeout")
			step.Do = drawSteps(t, depth+1, ids)
		}
	}
	return list
}

// hold holds moves against the promises.
func (l *life) hold(moves Moves) {
	if moves.End != nil && len(moves.Begin) > 0 {
		l.Fatalf("it ends and goes on: %s", words(moves))
	}
	for _, b := range moves.Begin {
		at := Spot{b.Step.ID, b.Iteration}
		if l.s.InHand[at] {
			l.Fatalf("%v begins beside itself", at)
		}
		if latest := l.s.Done.Latest(at); latest != nil && latest.Status == workflow.StepSucceeded {
			l.Fatalf("%v has succeeded and begins again", at)
		}
		if key := fmt.Sprint(at, b.Number); l.begun[key] {
			l.Fatalf("attempt %s begins twice", key)
		}
	}
	idle := len(moves.Settle) == 0 && moves.End == nil && len(moves.Begin) == 0 && len(l.s.InHand) == 0
	if idle && moves.WaitFor == "" {
		l.Fatalf("the run stands still")
	}
	if len(l.s.InHand) == 0 {
		if again := l.reread().NextMoves(l.now); words(again) != words(moves) {
			l.Fatalf("another worker plans %s, not %s", words(again), words(moves))
		}
	}
}

// reread is the state as another worker reads it.
func (l *life) reread() *State {
	other := NewState(l.s.Definition)
	other.Deadline, other.Done, other.Loops, other.Came = l.s.Deadline, l.s.Done, l.s.Loops, l.s.Came
	return other
}

// live does one thing that can happen next.
func (l *life) live(moves Moves) {
	switch {
	case len(moves.Settle) > 0:
		for _, s := range moves.Settle {
			l.settle(s)
		}
	case len(moves.Begin) > 0 && !l.badLuck("delay"):
		for _, b := range moves.Begin {
			l.begin(b)
		}
	case len(l.s.InHand) > 0 && l.badLuck("crash"):
		l.s.InHand = nil // its worker is gone
	case len(l.s.InHand) > 0:
		l.ends(rapid.SampledFrom(l.atWork()).Draw(l.T, "which"))
	default:
		l.passes(moves)
	}
}

func (l *life) badLuck(what string) bool {
	if l.bad == 0 || rapid.IntRange(0, 9).Draw(l.T, what) > 0 {
		return false
	}
	l.bad--
	return true
}

// passes lets time pass, and somebody bring what is waited for.
func (l *life) passes(moves Moves) {
	if moves.Until.IsZero() || rapid.Bool().Draw(l.T, "comes") {
		for _, attempts := range l.s.Done {
			for _, a := range attempts {
				if a.Status == workflow.StepWaiting && a.WaitsFor() != workflow.WaitTime {
					l.s.Came[a.ID] = true
				}
			}
		}
	}
	if !moves.Until.IsZero() && moves.Until.After(l.now) {
		l.now = moves.Until
	}
}

func (l *life) atWork() []*Attempt {
	var list []*Attempt
	for at := range l.s.InHand {
		list = append(list, l.s.Done.Latest(at))
	}
	slices.SortFunc(list, func(a, b *Attempt) int { return cmp.Or(cmp.Compare(len(a.ID), len(b.ID)), cmp.Compare(a.ID, b.ID)) })
	return list
}

func (l *life) begin(b Beginning) {
	l.ids++
	began := l.now
	a := &Attempt{ID: fmt.Sprint("a", l.ids), StepID: b.Step.ID, Type: b.Step.Type, Iteration: b.Iteration, Number: b.Number, Status: workflow.StepRunning, StartedAt: &began}
	l.begun[fmt.Sprint(a.Spot(), b.Number)] = true
	l.s.Done.Add(a)
	if l.s.InHand == nil {
		l.s.InHand = map[Spot]bool{}
	}
	l.s.InHand[a.Spot()] = true
}

// ends has an attempt come to something that its kind can come to.
func (l *life) ends(a *Attempt) {
	delete(l.s.InHand, a.Spot())
	step, _, _ := workflow.FindStep(l.s.Definition, a.StepID)
	switch {
	case rapid.IntRange(0, 4).Draw(l.T, "fails") == 0:
		l.fails(a, step)
	case a.Type == "wait":
		a.Status, a.WakeAt = workflow.StepWaiting, l.in(4)
	case a.Type == "ask":
		a.Status, a.Branch = workflow.StepWaiting, workflow.WaitApproval
		if rapid.Bool().Draw(l.T, "expires") {
			a.WakeAt = l.in(6)
		}
	case a.Type == "call":
		child := "child of " + a.ID
		a.Status, a.ChildID = workflow.StepWaiting, &child
	case a.Type == "pick":
		a.Status, a.Branch = workflow.StepSucceeded, rapid.SampledFrom([]string{"then", "else"}).Draw(l.T, "branch")
	case a.Type == "loop":
		a.Branch = BlockDo
		l.s.Enter(a, &Loop{
			List: make([]json.RawMessage, rapid.IntRange(0, 4).Draw(l.T, "items")), MaxParallel: rapid.IntRange(0, 3).Draw(l.T, "parallel"),
			OnItemError: rapid.SampledFrom([]string{"", "continue"}).Draw(l.T, "rule"),
		})
	default:
		a.Status = workflow.StepSucceeded
	}
}

func (l *life) in(seconds int) *time.Time {
	t := l.now.Add(time.Duration(seconds) * time.Second)
	return &t
}

func (l *life) fails(a *Attempt, step *workflow.Step) {
	code := "broken"
	if l.badLuck("interrupted") {
		code = workflow.CodeInterrupted
	} else if l.badLuck("unknown") {
		code = workflow.CodeUnknownOutcome
	}
	a.Status, a.Error = workflow.StepFailed, workflow.Failure{Code: code, Message: "No."}.Stored()
	switch code {
	case workflow.CodeInterrupted:
		a.WakeAt = l.in(0)
	case workflow.CodeUnknownOutcome:
		a.Status, a.WakeAt = workflow.StepWaiting, nil
	default:
		a.WakeAt = RetryAt(step.Retry, l.s.Done[a.Spot()], &workflow.StepError{Code: code}, l.now)
	}
}

func (l *life) settle(s Settlement) {
	if s.Cause != nil {
		s.Attempt.Status, s.Attempt.Error = workflow.StepFailed, workflow.Failure{Code: s.Cause.Code}.Stored()
		s.Attempt.WakeAt = RetryAt(s.Step.Retry, l.s.Done[s.Attempt.Spot()], s.Cause, l.now)
		return
	}
	s.Attempt.Status, s.Attempt.WakeAt = workflow.StepSucceeded, nil
	if s.Items == nil {
		s.Attempt.Branch = ""
	}
}

// after holds an ended run against the promises: it stays ended, its page shows
// nothing that goes on, and a run that repeats it begins where it broke off.
func (l *life) after(end Moves) {
	if again := l.s.NextMoves(l.now.Add(time.Hour)); words(again) != words(end) && again.End == nil {
		l.Fatalf("after the end it plans %s", words(again))
	}
	status := workflow.RunSucceeded
	if end.End.Failure != nil {
		status = workflow.RunFailed
	}
	var attempts []Attempt
	for _, list := range l.s.Done {
		for _, a := range list {
			if a.Status == workflow.StepRunning || a.Status == workflow.StepWaiting {
				a.Status = workflow.StepCancelled
			}
			attempts = append(attempts, *a)
		}
	}
	for _, step := range Outline(*l.s.Definition, workflow.Types{}, status, attempts, nil) {
		if step.Status == workflow.StepPending || step.Status == workflow.StepRunning || step.Status == workflow.StepWaiting {
			l.Fatalf("the run is %s and %s@%s is %s", status, step.StepID, step.Iteration, step.Status)
		}
	}
	next, results := ResumeFrom(l.s.Definition, l.s.Done, true)
	if next == nil && status == workflow.RunFailed && end.End.Failure.Code != workflow.CodeTimeout {
		l.Fatalf("the run failed and every step has its result")
	}
	again := NewState(l.s.Definition)
	for _, a := range results {
		if again.Done.Latest(a.Spot()) != nil {
			l.Fatalf("%v is kept twice", a.Spot())
		}
		again.Done.Add(a)
	}
	for _, b := range again.NextMoves(start).Begin {
		if again.Done.Latest(Spot{b.Step.ID, b.Iteration}) != nil {
			l.Fatalf("%s@%s is kept and begins again", b.Step.ID, b.Iteration)
		}
	}
}
