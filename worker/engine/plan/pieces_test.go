package plan_test

import (
	"strings"
	"testing"
	"time"

	"workflows/worker/engine/plan"
	"workflows/worker/steps"
	"workflows/worker/workflow"
)

// tried is an attempt from one second to another; a negative end is none.
func tried(kind string, number, from, to int, status string, change ...func(a *plan.Attempt)) plan.Attempt {
	a := plan.Attempt{StepID: "s", Type: kind, Number: number, Status: status, StartedAt: second(from)}
	if to >= 0 {
		a.FinishedAt = second(to)
	}
	for _, c := range change {
		c(&a)
	}
	return a
}

func second(n int) *time.Time {
	at := time.Date(2026, 11, 2, 9, 0, n, 0, time.UTC)
	return &at
}

func wakes(at int) func(a *plan.Attempt) { return func(a *plan.Attempt) { a.WakeAt = second(at) } }

func failedWith(code string) func(a *plan.Attempt) {
	return func(a *plan.Attempt) { a.Error = workflow.Failure{Code: code, Message: "So it is."}.Stored() }
}

func TestTheTimeOfAStepIsTakenApartByWhatIsStored(t *testing.T) {
	child := "01930000-0000-7000-8000-000000000000"
	for name, of := range map[string]struct {
		attempts []plan.Attempt
		want     string
	}{
		"work":           {[]plan.Attempt{tried("http_request", 1, 0, 5, "succeeded")}, "work 0-5"},
		"work goes on":   {[]plan.Attempt{tried("http_request", 1, 0, -1, "running")}, "work 0-50 open"},
		"not begun":      {[]plan.Attempt{{StepID: "s", Type: "wait"}}, ""},
		"none":           {nil, ""},
		"tried again":    {[]plan.Attempt{tried("http_request", 1, 0, 2, "failed", wakes(12)), tried("http_request", 2, 13, 14, "succeeded")}, "failed work 0-2, pause 2-12, queue 12-13, work 13-14"},
		"woken early":    {[]plan.Attempt{tried("http_request", 1, 0, 2, "failed", wakes(12)), tried("http_request", 2, 9, 14, "succeeded")}, "failed work 0-2, pause 2-9, work 9-14"},
		"to be tried":    {[]plan.Attempt{tried("http_request", 1, 0, 2, "failed", wakes(60))}, "failed work 0-2, pause 2-50 open until 60"},
		"overdue":        {[]plan.Attempt{tried("http_request", 1, 0, 2, "failed", wakes(40))}, "failed work 0-2, pause 2-40, queue 40-50 open"},
		"failed":         {[]plan.Attempt{tried("http_request", 1, 0, 2, "failed")}, "failed work 0-2"},
		"worker stopped": {[]plan.Attempt{tried("http_request", 1, 0, 2, "failed", failedWith("interrupted")), tried("http_request", 2, 4, 5, "succeeded")}, "failed work 0-2, queue 2-4, work 4-5"},
		"worker lost":    {[]plan.Attempt{tried("http_request", 1, 0, 15, "failed", failedWith("worker_lost")), tried("http_request", 2, 15, 16, "succeeded")}, "failed lost 0-15, work 15-16"},
		"undecided":      {[]plan.Attempt{tried("http_request", 1, 0, -1, "waiting", failedWith("unknown_outcome"))}, "decision 0-50 open"},
		"decided":        {[]plan.Attempt{tried("http_request", 1, 0, 30, "succeeded", func(a *plan.Attempt) { a.Note = "Ann decided." })}, "decision 0-30"},
		"waits":          {[]plan.Attempt{tried("wait", 1, 0, -1, "waiting", wakes(70))}, "time 0-50 open until 70"},
		"waited":         {[]plan.Attempt{tried("wait", 1, 0, 31, "succeeded", wakes(30))}, "time 0-30, queue 30-31"},
		"was cancelled":  {[]plan.Attempt{tried("wait", 1, 0, 10, "cancelled")}, "time 0-10"},
		"asks":           {[]plan.Attempt{tried("approval", 1, 0, -1, "waiting", func(a *plan.Attempt) { a.Branch = "approval" })}, "person 0-50 open"},
		"was answered":   {[]plan.Attempt{tried("approval", 1, 0, 20, "succeeded")}, "person 0-20"},
		"calls":          {[]plan.Attempt{tried("run_workflow", 1, 0, -1, "waiting", func(a *plan.Attempt) { a.ChildID = &child })}, "run 0-50 open"},
		"called":         {[]plan.Attempt{tried("run_workflow", 1, 0, 20, "succeeded", func(a *plan.Attempt) { a.ChildID = &child })}, "run 0-20"},
		"loop":           {[]plan.Attempt{tried("for_each", 1, 0, 20, "succeeded", func(a *plan.Attempt) { a.Branch = plan.BlockDo })}, "loop 0-20"},
	} {
		var words []string
		for _, p := range plan.Pieces(of.attempts, steps.All(steps.Options{}), *second(50)) {
			word := p.Kind + " " + p.From.Format("5") + "-" + p.To.Format("5")
			if p.Failed {
				word = "failed " + word
			}
			if p.Open {
				word += " open"
			}
			if !p.Until.IsZero() {
				word += " until " + time.Duration(p.Until.Sub(*second(0))).String()
			}
			words = append(words, word)
		}
		if got, want := strings.Join(words, ", "), strings.NewReplacer("until 60", "until 1m0s", "until 70", "until 1m10s").Replace(of.want); got != want {
			t.Errorf("%s: %q instead of %q", name, got, want)
		}
	}
}
