package schedule

import (
	"slices"
	"strings"
	"testing"
	"time"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/worker/workflow"
)

func verdictsOf(t *testing.T, line, missed string, first, now time.Time) []verdict {
	t.Helper()
	rule, problems := Parse(workflow.Trigger{Cron: line})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	r := ruled{stored: models.Schedule{AccountedUntil: first.Add(-time.Microsecond)}, trigger: workflow.Trigger{Missed: missed}, rule: rule}
	return r.judge(now)
}

// count counts the verdicts with this outcome.
func count(verdicts []verdict, outcome string) (n int) {
	for _, v := range verdicts {
		if v.outcome == outcome {
			n++
		}
	}
	return n
}

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func TestTenMinutesWithoutAWorkerFollowTheMissedRule(t *testing.T) {
	now := noon.Add(10*time.Minute + 30*time.Second) // 12:01 … 12:10 are due, the last is not late
	for missed, want := range map[string][3]int{     // ran, caught up, missed
		MissedLatest: {0, 1, 9},
		MissedSkip:   {1, 0, 9},
		MissedAll:    {1, 9, 0},
	} {
		verdicts := verdictsOf(t, "* * * * *", missed, noon.Add(time.Minute), now)
		got := [3]int{count(verdicts, "ran"), count(verdicts, "caught_up"), count(verdicts, "missed")}
		if got != want || verdicts[9].outcome == "missed" {
			t.Errorf("%s: %v, want %v", missed, got, want)
		}
		for _, v := range verdicts {
			if (v.reason != "") != (v.outcome != "ran") {
				t.Errorf("%s: %+v", missed, v)
			}
		}
	}
}

func TestTimeWithinTheGraceRunsAsPlanned(t *testing.T) {
	verdicts := verdictsOf(t, "0 * * * *", MissedSkip, noon, noon.Add(Grace))
	if len(verdicts) != 1 || verdicts[0].outcome != "ran" {
		t.Fatalf("%+v", verdicts)
	}
}

func TestOneMissedDayIsCaughtUpOnce(t *testing.T) {
	verdicts := verdictsOf(t, "0 12 * * *", MissedLatest, noon, noon.Add(3*time.Hour))
	if len(verdicts) != 1 || verdicts[0].outcome != "caught_up" {
		t.Fatalf("%+v", verdicts)
	}
}

func TestAllCatchesUpTheNewestHundred(t *testing.T) {
	verdicts := verdictsOf(t, "* * * * *", MissedAll, noon, noon.Add(5*time.Hour+2*time.Minute+30*time.Second))
	if count(verdicts, "caught_up") != 100 || count(verdicts, "ran") != 1 || count(verdicts, "missed") != 202 {
		t.Fatalf("%d caught up, %d ran, %d missed", count(verdicts, "caught_up"), count(verdicts, "ran"), count(verdicts, "missed"))
	}
	if first := slices.IndexFunc(verdicts, func(v verdict) bool { return v.outcome == "caught_up" }); first != 202 {
		t.Fatalf("caught up from %d on", first)
	}
}

func TestYearsWithoutAWorkerAreSummarised(t *testing.T) {
	for _, line := range []string{"* * * * *", "0 * * * *", "* * 1 1 *", "0 0 * * *", "0 0 29 2 *"} {
		first, _ := Rule{cron: mustLine(t, line)}.Next(noon.AddDate(-30, 0, 0))
		var verdicts []verdict
		if worked := modelstest.Worked(func() { verdicts = verdictsOf(t, line, MissedLatest, first, noon) }); worked > 2*time.Second {
			t.Errorf("%s: each time of thirty years was looked at, for %s", line, worked)
		}
		if len(verdicts) > maxRows || !verdicts[0].at.Equal(first) || count(verdicts, "caught_up") != 1 || verdicts[len(verdicts)-1].outcome != "caught_up" {
			t.Errorf("%s: %d rows, from %+v to %+v", line, len(verdicts), verdicts[0], verdicts[len(verdicts)-1])
		}
		if summarised := strings.Contains(verdicts[0].reason, "not listed one by one"); summarised != (len(verdicts) == maxRows) {
			t.Errorf("%s: %d rows, the first says %q", line, len(verdicts), verdicts[0].reason)
		}
		if !slices.IsSortedFunc(verdicts, func(a, b verdict) int { return a.at.Compare(b.at) }) {
			t.Errorf("%s: not in order", line)
		}
	}
}

func mustLine(t *testing.T, text string) *line {
	t.Helper()
	l, message := parseLine(text)
	if message != "" {
		t.Fatal(message)
	}
	return &l
}
