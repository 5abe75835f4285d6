package engine

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

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
		got := words(decide(&workflow.Definition{Steps: test.steps}, test.rows, start, deadline))
		if got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

func words(d decision) string {
	switch d.action {
	case executeStep:
		return fmt.Sprintf("execute %s#%d", d.step.ID, d.attempt)
	case settleStep:
		return "settle " + d.step.ID
	case waitUntil:
		return fmt.Sprintf("wait %s %d", d.waitFor, int(d.until.Sub(start).Seconds()))
	}
	switch {
	case d.failure != nil:
		return "finish failed " + d.failure.Code + " at " + d.failure.StepID
	case d.last != nil:
		return "finish with " + d.last.StepID
	}
	return "finish"
}

// steps draws a tree of steps with unique ids.
func drawSteps(t *rapid.T, depth int, id *int) []workflow.Step {
	list := make([]workflow.Step, rapid.IntRange(0, 3).Draw(t, "steps"))
	for i := range list {
		*id++
		list[i] = workflow.Step{ID: fmt.Sprintf("s%d", *id), OnError: rapid.SampledFrom([]string{"", "continue"}).Draw(t, "on_error")}
		if depth < 2 && rapid.Bool().Draw(t, "nested") {
			list[i].Then, list[i].Else = drawSteps(t, depth+1, id), drawSteps(t, depth+1, id)
		}
	}
	return list
}

// A run is played with arbitrary outcomes, and its results are forgotten and read
// again between any two decisions, as another worker would.
func TestAnyRunEndsAndNoResultIsEverReplaced(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := 0
		d := workflow.Definition{Steps: drawSteps(t, 0, &id)}
		done, now := results{}, start
		settled := map[string]bool{}
		var order []string
		workflow.Walk(d.Steps, func(_ string, step *workflow.Step, _ []*workflow.Step) bool {
			order = append(order, step.ID)
			return true
		})
		place := -1
		for moves := 0; ; moves++ {
			if moves > 20*(id+1) {
				t.Fatal("the run does not end")
			}
			next := decide(&d, done, now, time.Time{})
			if again := decide(&d, done, now, time.Time{}); words(again) != words(next) {
				t.Fatalf("two workers decide differently: %s, %s", words(next), words(again))
			}
			switch next.action {
			case finishRun:
				return
			case waitUntil:
				if !next.until.After(now) {
					t.Fatal("waits for the past")
				}
				now = next.until
			case settleStep:
				done.latest(next.step.ID).Status = workflow.StepSucceeded
				settled[next.step.ID] = true
			case executeStep:
				if settled[next.step.ID] {
					t.Fatalf("%s has its result and is executed again", next.step.ID)
				}
				at := slices.Index(order, next.step.ID)
				if at < place {
					t.Fatalf("%s is executed after a later step", next.step.ID)
				}
				place = at
				row := play(t, next, now)
				settled[row.StepID] = row.Status != workflow.StepWaiting && row.WakeAt == nil
				done.add(row)
			}
		}
	})
}

func play(t *rapid.T, next decision, now time.Time) *models.StepRun {
	row := &models.StepRun{StepID: next.step.ID, Attempt: next.attempt, Status: workflow.StepSucceeded}
	later := now.Add(time.Second)
	switch rapid.SampledFrom([]string{"then", "else", "", "wait", "retry", "fail"}).Draw(t, "outcome") {
	case "then":
		row.Branch = "then"
	case "else":
		row.Branch = "else"
	case "wait":
		row.Status, row.WakeAt = workflow.StepWaiting, &later
	case "retry":
		row.Status = workflow.StepFailed
		if next.attempt < 3 {
			row.WakeAt = &later
		}
	case "fail":
		row.Status = workflow.StepFailed
	}
	return row
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
