package pages

import (
	"time"

	"workflows/app/frame"
	"workflows/models"
	"workflows/models/schedules"
	"workflows/views"
	"workflows/worker/schedule"
	"workflows/worker/workflow"
)

// lateAfter is how far in the past an active schedule's next time must lie to be
// called late; the scheduler looks every second.
const lateAfter = 30 * time.Second

// sentenceOf says when a schedule fires; a rule that cannot be read any more is
// shown as it was written.
func sentenceOf(t workflow.Trigger) string {
	if rule, problems := schedule.Parse(t); len(problems) == 0 {
		return rule.Sentence()
	}
	return t.Cron + t.Every + t.At
}

// comingRow is a schedule as lists show it.
func comingRow(s schedules.Coming, now time.Time) views.ComingRow {
	trigger := schedule.TriggerOf(s.Schedule)
	row := views.ComingRow{
		ID: s.ID, URL: "/schedules/" + s.ID, Workflow: s.WorkflowName, WorkflowURL: "/workflows/" + s.WorkflowID,
		Sentence: sentenceOf(trigger), Status: s.Status, Next: frame.TimeOf(s.NextAt), Last: frame.TimeOf(s.LastPlannedAt), ZoneName: s.TimeZone,
	}
	if rule, problems := schedule.Parse(trigger); len(problems) == 0 {
		row.Zone = rule.Zone()
	}
	if s.Status == models.SchedulePaused {
		row.Paused = pauseWords(s, row.Zone)
	}
	if s.Status == models.ScheduleActive && s.NextFireAt != nil && now.Sub(*s.NextFireAt) > lateAfter {
		row.Status = "late"
	}
	return row
}

// pauseWords say by whom, until when and why a schedule is paused: its own pause,
// or that of its workflow.
func pauseWords(s schedules.Coming, zone *time.Location) string {
	by, until, reason := s.WorkflowPausedBy, s.WorkflowPausedUntil, s.WorkflowPausedReason
	words := "With its workflow"
	if s.PausedAt != nil {
		words, by, until, reason = "By itself", s.PausedBy, s.PausedUntil, s.PausedReason
	}
	if by != "" {
		words += ", by " + by
	}
	if until != nil {
		if zone == nil {
			zone = time.UTC
		}
		words += ", until " + until.In(zone).Format("Mon 2 Jan 2006 15:04")
	}
	if reason != "" {
		words += ": " + reason
	}
	return words
}

func comingRows(coming []schedules.Coming, now time.Time) []views.ComingRow {
	rows := make([]views.ComingRow, len(coming))
	for i, s := range coming {
		rows[i] = comingRow(s, now)
	}
	return rows
}
