package schedule

import (
	"slices"
	"strings"
	"testing"
	"time"

	"workflows/models"
	"workflows/worker/workflow"
)

func decided(t *testing.T, line, missed string, first, now time.Time) []verdict {
	t.Helper()
	rule, problems := Parse(workflow.Trigger{Cron: line})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	k := ruled{stored: models.Schedule{AccountedUntil: first.Add(-time.Microsecond)}, trigger: workflow.Trigger{Missed: missed}, rule: rule}
	return k.judge(now)
}

// count counts the decisions with this outcome.
func count(decisions []verdict, outcome string) (n int) {
	for _, d := range decisions {
		if d.outcome == outcome {
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
		decisions := decided(t, "* * * * *", missed, noon.Add(time.Minute), now)
		got := [3]int{count(decisions, "ran"), count(decisions, "caught_up"), count(decisions, "missed")}
		if got != want || decisions[9].outcome == "missed" {
			t.Errorf("%s: %v, want %v", missed, got, want)
		}
		for _, d := range decisions {
			if (d.reason != "") != (d.outcome == "missed") {
				t.Errorf("%s: %+v", missed, d)
			}
		}
	}
}

func TestTimeWithinTheGraceRunsAsPlanned(t *testing.T) {
	decisions := decided(t, "0 * * * *", MissedSkip, noon, noon.Add(Grace))
	if len(decisions) != 1 || decisions[0].outcome != "ran" {
		t.Fatalf("%+v", decisions)
	}
}

func TestOneMissedDayIsCaughtUpOnce(t *testing.T) {
	decisions := decided(t, "0 12 * * *", MissedLatest, noon, noon.Add(3*time.Hour))
	if len(decisions) != 1 || decisions[0].outcome != "caught_up" {
		t.Fatalf("%+v", decisions)
	}
}

func TestAllCatchesUpTheNewestHundred(t *testing.T) {
	decisions := decided(t, "* * * * *", MissedAll, noon, noon.Add(5*time.Hour+2*time.Minute+30*time.Second))
	if count(decisions, "caught_up") != 100 || count(decisions, "ran") != 1 || count(decisions, "missed") != 202 {
		t.Fatalf("%d caught up, %d ran, %d missed", count(decisions, "caught_up"), count(decisions, "ran"), count(decisions, "missed"))
	}
	if first := slices.IndexFunc(decisions, func(d verdict) bool { return d.outcome == "caught_up" }); first != 202 {
		t.Fatalf("caught up from %d on", first)
	}
}

func TestYearsWithoutAWorkerAreSummarised(t *testing.T) {
	for _, line := range []string{"* * * * *", "0 * * * *", "* * 1 1 *", "0 0 * * *", "0 0 29 2 *"} {
		begin := time.Now()
		first, _ := Rule{cron: mustLine(t, line)}.Next(noon.AddDate(-10, 0, 0))
		decisions := decided(t, line, MissedLatest, first, noon)
		if took := time.Since(begin); took > 2*time.Second {
			t.Errorf("%s took %s", line, took)
		}
		if len(decisions) > maxRows || !decisions[0].at.Equal(first) || count(decisions, "caught_up") != 1 || decisions[len(decisions)-1].outcome != "caught_up" {
			t.Errorf("%s: %d rows, from %+v to %+v", line, len(decisions), decisions[0], decisions[len(decisions)-1])
		}
		if summarised := strings.Contains(decisions[0].reason, "not listed one by one"); summarised != (len(decisions) == maxRows) {
			t.Errorf("%s: %d rows, the first says %q", line, len(decisions), decisions[0].reason)
		}
		if !slices.IsSortedFunc(decisions, func(a, b verdict) int { return a.at.Compare(b.at) }) {
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
