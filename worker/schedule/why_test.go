package schedule

import (
	"testing"
	"time"

	"workflows/models"
	"workflows/worker/workflow"
)

func TestWhyItDidNotRunIsOneSentenceWithOneRemedy(t *testing.T) {
	rule, problems := Parse(workflow.Trigger{Cron: "0 9 * * *", TimeZone: "Europe/Berlin"})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	once, _ := Parse(workflow.Trigger{At: "2026-11-01T09:00:00+01:00", TimeZone: "Europe/Berlin"})
	at := func(day, hour int) *time.Time {
		moment := time.Date(2026, 11, day, hour, 0, 0, 0, time.UTC)
		return &moment
	}
	run := "run"
	active := models.Schedule{Status: models.ScheduleActive, NextAt: at(24, 8), NextFireAt: at(24, 8), AccountedUntil: *at(23, 8), CreatedAt: *at(1, 0)}
	with := func(change func(c *Case)) Case {
		c := Case{Schedule: active, Workflow: models.Workflow{Status: workflow.StatusActive}, Rule: rule, Readable: true, Workers: 1, Now: noon}
		change(&c)
		return c
	}
	row := func(outcome, reason string, run *string, late int64) func(c *Case) {
		return func(c *Case) {
			c.Last = &models.PlannedRun{PlannedAt: *at(23, 8), Outcome: outcome, Reason: reason, RunID: run, LateMS: late}
		}
	}
	started := func(reason string, status string, change func(c *Case)) Case {
		return with(func(c *Case) {
			row("ran", reason, &run, 400)(c)
			c.Run = &models.Run{Status: status, Queue: "default", Error: models.JSON(`{"code":"x","message":"The shop is closed."}`)}
			change(c)
		})
	}
	nothing := func(*Case) {}
	for name, c := range map[string]struct {
		known  Case
		want   string
		remedy Remedy
	}{
		"removed":    {with(func(c *Case) { c.Schedule.Status = models.ScheduleRemoved }), "It is not part of what is published any more.", RemedyEditWorkflow},
		"unreadable": {with(func(c *Case) { c.Readable = false }), "Its rule cannot be read: a time zone or a calendar that it names does not exist any more.", RemedyEdit},
		"off":        {with(func(c *Case) { c.Schedule.Status = models.ScheduleOff }), "It is switched off: nothing is planned until somebody switches it on and publishes.", RemedyEdit},
		"ended":      {with(func(c *Case) { c.Schedule.Status, c.Rule = models.ScheduleEnded, once }), "It has no further time: it was meant for Sun 1 Nov 2026 at 09:00 only.", RemedyEdit},
		"paused": {with(func(c *Case) {
			c.Schedule.Status, c.Schedule.PausedAt, c.Schedule.PausedBy, c.Schedule.PausedReason, c.Schedule.PausedUntil = models.SchedulePaused, at(20, 0), "Ada", "Noise", at(30, 8)
		}), "The schedule was paused by Ada: Noise, until Mon 30 Nov 2026 at 09:00.", RemedyResume},
		"paused with its workflow": {with(func(c *Case) {
			c.Schedule.Status, c.Workflow.Status, c.Workflow.PausedBy = models.SchedulePaused, workflow.StatusPaused, "Ada"
		}), "The workflow was paused by Ada, until somebody resumes it.", RemedyResumeWorkflow},
		"late without workers": {with(func(c *Case) { c.Schedule.NextFireAt, c.Workers = at(23, 8), 0 }), "It should have started on Mon 23 Nov 2026 at 09:00, but no worker is connected.", RemedyQueue},
		"late":                 {with(func(c *Case) { c.Schedule.NextFireAt = at(23, 8) }), "It should have started on Mon 23 Nov 2026 at 09:00, and no worker has taken it up: what the workers log says why.", RemedyQueue},
		"new":                  {with(func(*Case) {}), "Its first time has not come: it runs next on Tue 24 Nov 2026 at 09:00.", RemedyNone},
		"ran":                  {with(row("ran", "", &run, 400)), "It did run on Mon 23 Nov 2026 at 09:00. It runs next on Tue 24 Nov 2026 at 09:00.", RemedyShowRun},
		"failed":               {started("", "failed", nothing), "It did run on Mon 23 Nov 2026 at 09:00, but failed: The shop is closed.", RemedyShowRun},
		"cancelled":            {started("", "cancelled", nothing), "It did run on Mon 23 Nov 2026 at 09:00, but was cancelled: The shop is closed.", RemedyShowRun},
		"undecided":            {started("", "waiting", func(c *Case) { c.Run.WaitingFor = "decision" }), "It did run on Mon 23 Nov 2026 at 09:00, and waits for a decision: it is not known whether a step has acted.", RemedyShowRun},
		"at work":              {started("", "running", nothing), "It did run on Mon 23 Nov 2026 at 09:00, and is at work. It runs next on Tue 24 Nov 2026 at 09:00.", RemedyShowRun},
		"had waited":           {started("It waits for the run of X to end.", "succeeded", nothing), "It did run on Mon 23 Nov 2026 at 09:00. It runs next on Tue 24 Nov 2026 at 09:00.", RemedyShowRun},
		"no free worker":       {started("", "queued", nothing), "Its run of Mon 23 Nov 2026 at 09:00 has not begun: it starts as soon as a worker is free.", RemedyShowRun},
		"no worker for it":     {started("", "queued", func(c *Case) { c.Workers = 0 }), "Its run of Mon 23 Nov 2026 at 09:00 has not begun: no worker is connected.", RemedyQueue},
		"its queue is paused":  {started("", "queued", func(c *Case) { c.QueuePaused = true }), "Its run of Mon 23 Nov 2026 at 09:00 has not begun: the queue “default” is paused.", RemedyQueue},
		"waits for its turn":   {started("", "queued", func(c *Case) { c.Run.HeldBack = true }), "Its run of Mon 23 Nov 2026 at 09:00 has not begun: it waits for its turn, since only so many runs of this workflow go on at once.", RemedyShowRun},
		"waits for another":    {started("It waits for the run of X to end.", "queued", func(c *Case) { c.Run.HeldBack = true }), "Its run of Mon 23 Nov 2026 at 09:00 has not begun: it waits for the run of X to end.", RemedyShowRun},
		"late run":             {with(row("caught_up", "", &run, 3600_400)), "It did run on Mon 23 Nov 2026 at 09:00, 1 hour late. It runs next on Tue 24 Nov 2026 at 09:00.", RemedyShowRun},
		"in the way":           {with(row("skipped", "The run of X was not finished.", &run, 0)), "The time of Mon 23 Nov 2026 at 09:00 was skipped. The run of X was not finished.", RemedyShowRun},
		"free day":             {with(row("skipped", "Monday is a free day in the calendar “G”.", nil, 0)), "The time of Mon 23 Nov 2026 at 09:00 was skipped. Monday is a free day in the calendar “G”.", RemedyCalendars},
		"limit":                {with(row("skipped", "Not started, because this workflow runs one at a time.", nil, 0)), "The time of Mon 23 Nov 2026 at 09:00 was skipped. Not started, because this workflow runs one at a time.", RemedyEditWorkflow},
		"missed":               {with(row("missed", nobodyThere, nil, 0)), "The time of Mon 23 Nov 2026 at 09:00 was missed. No worker was there to start it.", RemedyRunNow},
		"cannot start":         {with(row("missed", "It could not start: n: Enter it.", nil, 0)), "The time of Mon 23 Nov 2026 at 09:00 was missed. It could not start: n: Enter it.", RemedyEditWorkflow},
		"was paused":           {with(row("paused", "The workflow was paused by Ada.", nil, 0)), "The time of Mon 23 Nov 2026 at 09:00 was passed over. The workflow was paused by Ada.", RemedyRunNow},
	} {
		if got := c.known.WhyNow(); got.Sentence != c.want || got.Remedy != c.remedy {
			t.Errorf("%s: %q with %q", name, got.Sentence, got.Remedy)
		}
	}
	for name, c := range map[string]struct {
		at   time.Time
		want string
	}{
		"not planned":   {*at(22, 12), "It was not planned for this time. The times around it are Sun 22 Nov 2026 at 09:00 and Mon 23 Nov 2026 at 09:00."},
		"to come":       {*at(25, 8), "That is still to come. The times around it are Wed 25 Nov 2026 at 09:00 and Thu 26 Nov 2026 at 09:00."},
		"before it was": {time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), "This schedule has been published only since Sun 1 Nov 2026 at 01:00."},
		"another rule":  {*at(20, 8), "The rule of today has this time, but nothing was planned for it then: the rule was another one, or it was switched off or not published."},
	} {
		if got := with(func(*Case) {}).WhyAt(c.at, nil); got.Sentence != c.want {
			t.Errorf("%s: %q", name, got.Sentence)
		}
	}
}
