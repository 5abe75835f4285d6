package schedule

import (
	"testing"
	"time"

	"workflows/models"
	"workflows/worker/workflow"
)

func TestTheLedgerSaysWhichRuleHadATimeRun(t *testing.T) {
	const berlin = "Europe/Berlin"
	for name, c := range map[string]struct {
		trigger workflow.Trigger
		at      time.Time
		want    string
	}{
		"as it is written":   {workflow.Trigger{Cron: "0 9 * * *", TimeZone: berlin}, time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC), ""},
		"an interval":        {workflow.Trigger{Every: "30m", TimeZone: berlin}, time.Date(2027, 3, 28, 1, 0, 0, 0, time.UTC), ""},
		"skipped":            {workflow.Trigger{Cron: "30 2 * * *", TimeZone: berlin}, time.Date(2027, 3, 28, 1, 0, 0, 0, time.UTC), "The clock went forward over 02:30, so it ran right after."},
		"right after a skip": {workflow.Trigger{Cron: "0 3 * * *", TimeZone: berlin}, time.Date(2027, 3, 28, 1, 0, 0, 0, time.UTC), ""},
		"each hour":          {workflow.Trigger{Cron: "30 * * * *", TimeZone: berlin}, time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC), ""},
		"twice":              {workflow.Trigger{Cron: "30 2 * * *", TimeZone: berlin}, time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC), "02:30 came twice, since the clock went back: it ran the first time."},
		"before what is twice": {
			workflow.Trigger{Cron: "59 1 * * *", TimeZone: berlin}, time.Date(2026, 10, 24, 23, 59, 0, 0, time.UTC), "",
		},
		"moved": {
			workflow.Trigger{Cron: "0 9 * * 5", Calendar: "Germany", FreeDays: FreeDaysMove},
			time.Date(2026, 12, 28, 9, 0, 0, 0, time.UTC),
			"It was moved here: Friday, 25 December 2026 is a free day in the calendar “Germany”: Christmas Day.",
		},
		"moved to where one is": {workflow.Trigger{Cron: "0 9 * * *", Calendar: "Germany", FreeDays: FreeDaysMove}, time.Date(2026, 12, 28, 9, 0, 0, 0, time.UTC), ""},
		"spread": {
			workflow.Trigger{Cron: "0 9 * * *", Jitter: "10m"},
			time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC),
			"Its place in the spread of 10 minutes was 3 minutes 33 seconds after the time.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			rule, problems := newRule(c.trigger, "id", c.at.Add(-time.Hour), Calendars{"Germany": germany(t)})
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			r := ruled{stored: models.Schedule{AccountedUntil: c.at.Add(-time.Microsecond)}, trigger: c.trigger, rule: rule}
			verdicts := r.judge(rule.firesAt(c.at))
			if len(verdicts) != 1 || !verdicts[0].at.Equal(c.at) || verdicts[0].outcome != workflow.OutcomeRan {
				t.Fatalf("%+v", verdicts)
			}
			if verdicts[0].reason != c.want {
				t.Errorf("%q, want %q", verdicts[0].reason, c.want)
			}
			if r.verdicts = verdicts; (c.want == "") != r.plain() && c.trigger.Calendar == "" {
				t.Error("what was foreseen does not say so")
			}
		})
	}
}

func TestEveryLineOfTheLedgerSaysWhichRuleDecided(t *testing.T) {
	now := noon.Add(10*time.Minute + 30*time.Second)
	for missed, want := range map[string]map[int]string{ // by the number of the time
		MissedLatest: {0: "No worker was there to start it; the run planned for 2026-11-23 12:10 UTC makes up for it.", 9: caughtUpEarlier},
		MissedSkip:   {0: "No worker was there to start it. Its rule for missed times leaves it out.", 9: "As planned."},
		MissedAll:    {0: caughtUpLate, 9: "As planned."},
	} {
		verdicts := verdictsOf(t, "* * * * *", missed, noon.Add(time.Minute), now)
		for i, words := range want {
			if got := LedgerWords(models.PlannedRun{Outcome: verdicts[i].outcome, Reason: verdicts[i].reason}); got != words {
				t.Errorf("%s: time %d: %q, want %q", missed, i, got, words)
			}
		}
	}
	if late := verdictsOf(t, "0 12 * * *", MissedLatest, noon, noon.Add(3*time.Hour)); late[0].reason != caughtUpLate {
		t.Errorf("%+v", late)
	}
	before := LedgerWords(models.PlannedRun{Outcome: workflow.OutcomeCaughtUp}) // of a program before this one
	if before != caughtUpLate {
		t.Error(before)
	}
}
