package plan

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"workflows/worker/workflow"
)

var start = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func at(seconds int) *time.Time {
	t := start.Add(time.Duration(seconds) * time.Second)
	return &t
}

func historyOf(attempts ...Attempt) History {
	h := History{}
	for i := range attempts {
		h.Add(&attempts[i])
	}
	return h
}

func TestWhatToDoNextFollowsFromTheResults(t *testing.T) {
	one := []workflow.Step{{ID: "a"}, {ID: "b"}}
	failed := workflow.Failure{Code: "broken", Message: "No."}.Stored()
	branch := []workflow.Step{{ID: "c", Then: []workflow.Step{{ID: "t"}}, Else: []workflow.Step{{ID: "e"}}}, {ID: "z"}}
	for name, test := range map[string]struct {
		steps    []workflow.Step
		rows     History
		deadline int // seconds from start; 0 is none
		want     string
	}{
		"nothing has run":              {one, nil, 0, "execute a#1"},
		"the first has succeeded":      {one, historyOf(Attempt{StepID: "a", Status: "succeeded"}), 0, "execute b#1"},
		"no steps at all":              {nil, nil, 0, "finish"},
		"all have succeeded":           {one[:1], historyOf(Attempt{StepID: "a", Status: "succeeded"}), 0, "finish with a"},
		"failed for good":              {one, historyOf(Attempt{StepID: "a", Status: "failed", Error: failed}), 0, "finish failed broken at a"},
		"failed and may":               {[]workflow.Step{{ID: "a", OnError: "continue"}, {ID: "b"}}, historyOf(Attempt{StepID: "a", Status: "failed", Error: failed}), 0, "execute b#1"},
		"failed, tried later":          {one, historyOf(Attempt{StepID: "a", Number: 1, Status: "failed", WakeAt: at(5)}), 0, "wait retry 5"},
		"failed, tried now":            {one, historyOf(Attempt{StepID: "a", Number: 1, Status: "failed", WakeAt: at(0)}), 0, "execute a#2"},
		"waits":                        {one, historyOf(Attempt{StepID: "a", Status: "waiting", WakeAt: at(5)}), 0, "wait time 5"},
		"has waited":                   {one, historyOf(Attempt{StepID: "a", Status: "waiting", WakeAt: at(-1)}), 0, "settle a"},
		"condition chose then":         {branch, historyOf(Attempt{StepID: "c", Status: "succeeded", Branch: "then"}), 0, "execute t#1"},
		"condition chose else":         {branch, historyOf(Attempt{StepID: "c", Status: "succeeded", Branch: "else"}), 0, "execute e#1"},
		"branch is finished":           {branch, historyOf(Attempt{StepID: "c", Status: "succeeded", Branch: "then"}, Attempt{StepID: "t", Status: "succeeded"}), 0, "execute z#1"},
		"over the run's limit":         {one, nil, -1, "finish failed timeout at a"},
		"limit reached at the end":     {one[:1], historyOf(Attempt{StepID: "a", Status: "succeeded"}), -1, "finish with a"},
		"limit before the wait's end":  {one, historyOf(Attempt{StepID: "a", Status: "waiting", WakeAt: at(50)}), 20, "wait time 20"},
		"limit passed while it waited": {one, historyOf(Attempt{StepID: "a", Status: "waiting", WakeAt: at(50)}), -1, "finish failed timeout at a"},
	} {
		var deadline time.Time
		if test.deadline != 0 {
			deadline = *at(test.deadline)
		}
		s := &State{Definition: &workflow.Definition{Steps: test.steps}, Done: test.rows, Deadline: deadline}
		if got := words(s.NextMoves(start)); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

// words are moves as a test reads it.
func words(m Moves) string {
	var said []string
	for _, s := range m.Settle {
		said = append(said, "settle "+placed(s.Step.ID, s.Attempt.Iteration)+causeOf(s.Cause))
	}
	if m.End != nil && m.End.Failure != nil {
		said = append(said, "finish failed "+m.End.Failure.Code+" at "+m.End.Failure.StepID)
	} else if m.End != nil && m.End.Last != nil {
		said = append(said, "finish with "+m.End.Last.StepID)
	} else if m.End != nil {
		said = append(said, "finish")
	}
	for _, b := range m.Begin {
		said = append(said, fmt.Sprintf("execute %s#%d", placed(b.Step.ID, b.Iteration), b.Number))
	}
	if m.WaitFor != "" && len(m.Begin) == 0 && len(m.Settle) == 0 && m.End == nil {
		wait := "wait " + m.WaitFor
		if !m.Until.IsZero() {
			wait += fmt.Sprintf(" %d", int(m.Until.Sub(start).Seconds()))
		}
		said = append(said, wait)
	}
	return strings.Join(said, ", ")
}

func placed(stepID, iteration string) string {
	if iteration == "" {
		return stepID
	}
	return stepID + "@" + iteration
}

func causeOf(cause *workflow.StepError) string {
	if cause == nil {
		return ""
	}
	return " failed " + cause.Code
}

func TestBackoffDoublesUpToItsLongest(t *testing.T) {
	rule := workflow.Retry{MaxAttempts: 9, Backoff: "exponential", Delay: "10s", MaxDelay: "1m"}
	var got []string
	for n := 1; n <= 5; n++ {
		got = append(got, backoff(rule, n).String())
	}
	if want := []string{"10s", "20s", "40s", "1m0s", "1m0s"}; !slices.Equal(got, want) {
		t.Fatal(got)
	}
	if d := backoff(workflow.Retry{}, 7); d != 10*time.Second {
		t.Fatal(d)
	}
	if d := backoff(workflow.Retry{Backoff: "exponential"}, 50); d != 10*time.Minute {
		t.Fatal(d)
	}
}

func TestRetryHeedsWhatTheOtherSideAskedFor(t *testing.T) {
	rule := &workflow.Retry{MaxAttempts: 3, Delay: "10s"}
	rows := []*Attempt{
		{Status: "failed", Error: workflow.Failure{Code: workflow.CodeInterrupted}.Stored()},
		{Status: "failed", Error: workflow.Failure{Code: "broken"}.Stored()},
		{Status: "failed", Error: workflow.Failure{Code: workflow.CodeWorkerLost}.Stored()},
		{Status: "failed", Error: workflow.Failure{Code: "broken"}.Stored()},
	}
	if got := RetryAt(rule, rows, &workflow.StepError{RetryAfter: time.Minute}, start); got == nil || !got.Equal(start.Add(time.Minute)) {
		t.Fatal(got)
	}
	rows = append(rows, &Attempt{Status: "failed", Error: workflow.Failure{Code: "broken"}.Stored()})
	if got := RetryAt(rule, rows, &workflow.StepError{}, start); got != nil {
		t.Fatal("tried a fourth time", got)
	}
}
