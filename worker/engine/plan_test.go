package engine

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"workflows/models"
	"workflows/worker/workflow"
)

var start = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func at(seconds int) *time.Time {
	t := start.Add(time.Duration(seconds) * time.Second)
	return &t
}

func resultsOf(rows ...models.StepRun) results {
	r := results{}
	for i := range rows {
		r.add(&rows[i])
	}
	return r
}

func TestWhatToDoNextFollowsFromTheResults(t *testing.T) {
	one := []workflow.Step{{ID: "a"}, {ID: "b"}}
	failed := failure{Code: "broken", Message: "No."}.stored()
	branch := []workflow.Step{{ID: "c", Then: []workflow.Step{{ID: "t"}}, Else: []workflow.Step{{ID: "e"}}}, {ID: "z"}}
	for name, test := range map[string]struct {
		steps    []workflow.Step
		rows     results
		deadline int // seconds from start; 0 is none
		want     string
	}{
		"nothing has run":              {one, nil, 0, "execute a#1"},
		"the first has succeeded":      {one, resultsOf(models.StepRun{StepID: "a", Status: "succeeded"}), 0, "execute b#1"},
		"no steps at all":              {nil, nil, 0, "finish"},
		"all have succeeded":           {one[:1], resultsOf(models.StepRun{StepID: "a", Status: "succeeded"}), 0, "finish with a"},
		"failed for good":              {one, resultsOf(models.StepRun{StepID: "a", Status: "failed", Error: failed}), 0, "finish failed broken at a"},
		"failed and may":               {[]workflow.Step{{ID: "a", OnError: "continue"}, {ID: "b"}}, resultsOf(models.StepRun{StepID: "a", Status: "failed", Error: failed}), 0, "execute b#1"},
		"failed, tried later":          {one, resultsOf(models.StepRun{StepID: "a", Attempt: 1, Status: "failed", WakeAt: at(5)}), 0, "wait retry 5"},
		"failed, tried now":            {one, resultsOf(models.StepRun{StepID: "a", Attempt: 1, Status: "failed", WakeAt: at(0)}), 0, "execute a#2"},
		"waits":                        {one, resultsOf(models.StepRun{StepID: "a", Status: "waiting", WakeAt: at(5)}), 0, "wait time 5"},
		"has waited":                   {one, resultsOf(models.StepRun{StepID: "a", Status: "waiting", WakeAt: at(-1)}), 0, "settle a"},
		"condition chose then":         {branch, resultsOf(models.StepRun{StepID: "c", Status: "succeeded", Branch: "then"}), 0, "execute t#1"},
		"condition chose else":         {branch, resultsOf(models.StepRun{StepID: "c", Status: "succeeded", Branch: "else"}), 0, "execute e#1"},
		"branch is finished":           {branch, resultsOf(models.StepRun{StepID: "c", Status: "succeeded", Branch: "then"}, models.StepRun{StepID: "t", Status: "succeeded"}), 0, "execute z#1"},
		"over the run's limit":         {one, nil, -1, "finish failed timeout at a"},
		"limit reached at the end":     {one[:1], resultsOf(models.StepRun{StepID: "a", Status: "succeeded"}), -1, "finish with a"},
		"limit before the wait's end":  {one, resultsOf(models.StepRun{StepID: "a", Status: "waiting", WakeAt: at(50)}), 20, "wait time 20"},
		"limit passed while it waited": {one, resultsOf(models.StepRun{StepID: "a", Status: "waiting", WakeAt: at(50)}), -1, "finish failed timeout at a"},
	} {
		var deadline time.Time
		if test.deadline != 0 {
			deadline = *at(test.deadline)
		}
		m := &machine{definition: &workflow.Definition{Steps: test.steps}, done: test.rows, deadline: deadline}
		if got := words(m.next(start)); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

// words is a plan as a test reads it.
func words(p plan) string {
	var said []string
	for _, s := range p.settle {
		said = append(said, "settle "+placed(s.step.ID, s.row.Iteration)+causeOf(s.cause))
	}
	if p.end != nil && p.end.failure != nil {
		said = append(said, "finish failed "+p.end.failure.Code+" at "+p.end.failure.StepID)
	} else if p.end != nil && p.end.last != nil {
		said = append(said, "finish with "+p.end.last.StepID)
	} else if p.end != nil {
		said = append(said, "finish")
	}
	for _, b := range p.begin {
		said = append(said, fmt.Sprintf("execute %s#%d", placed(b.step.ID, b.iteration), b.attempt))
	}
	if p.waitFor != "" && len(p.begin) == 0 && len(p.settle) == 0 && p.end == nil {
		wait := "wait " + p.waitFor
		if !p.until.IsZero() {
			wait += fmt.Sprintf(" %d", int(p.until.Sub(start).Seconds()))
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
	rows := []*models.StepRun{
		{Status: "failed", Error: failure{Code: codeInterrupted}.stored()},
		{Status: "failed", Error: failure{Code: "broken"}.stored()},
		{Status: "failed", Error: failure{Code: codeWorkerLost}.stored()},
		{Status: "failed", Error: failure{Code: "broken"}.stored()},
	}
	if got := retryAt(rule, rows, &workflow.StepError{RetryAfter: time.Minute}, start); got == nil || !got.Equal(start.Add(time.Minute)) {
		t.Fatal(got)
	}
	rows = append(rows, &models.StepRun{Status: "failed", Error: failure{Code: "broken"}.stored()})
	if got := retryAt(rule, rows, &workflow.StepError{}, start); got != nil {
		t.Fatal("tried a fourth time", got)
	}
}

func TestZeroCharactersAreReplacedAndNothingElse(t *testing.T) {
	for value, want := range map[string]string{
		"a\x00b":     "\"a\\ufffdb\"",
		"\\u0000":    `"\\u0000"`,
		"\\\x00":     "\"\\\\\\ufffd\"",
		"<b>&\u2028": `"<b>&\u2028"`,
	} {
		if got, err := toJSON(value); err != nil || string(got) != want {
			t.Errorf("%q: %s %v, want %s", value, got, err, want)
		}
	}
}
