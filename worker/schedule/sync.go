package schedule

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/schedules"
	"workflows/worker/workflow"
)

const changedMeanwhile = "No worker had started it when the schedule was changed."

// Sync makes the schedules of a workflow those of the definition that is being
// published, in the publishing transaction, so that the next time moves with it.
// A trigger whose times have not changed keeps its anchor and its next time; one
// that is gone is marked removed, because its ledger stays. The workflow's row is
// locked. Calendars that do not exist are an error: publishing has checked them.
func Sync(ctx context.Context, tx *gorm.DB, w models.Workflow, d workflow.Definition, now time.Time) error {
	stored, err := schedules.KeepOf(ctx, tx, w.ID)
	if err != nil {
		return err
	}
	var names []string
	for _, t := range d.Triggers {
		names = append(names, t.Calendar)
	}
	calendars, err := LoadCalendars(ctx, tx, names...)
	if err != nil {
		return err
	}
	left := make(map[string]models.Schedule, len(stored))
	for _, s := range stored {
		left[s.TriggerID] = s
	}
	for _, t := range d.Triggers {
		if t.Type != "schedule" {
			continue
		}
		before, exists := left[t.ID]
		delete(left, t.ID)
		if err := syncOne(ctx, tx, w, t, before, exists, calendars, now); err != nil {
			return err
		}
	}
	for _, gone := range left {
		if gone.Status == models.ScheduleRemoved {
			continue
		}
		if err := accountByOldRule(ctx, tx, w, &gone, now); err != nil {
			return err
		}
		gone.Status, gone.NextFireAt, gone.NextAt, gone.UpdatedAt = models.ScheduleRemoved, nil, nil, now
		if err := schedules.Update(ctx, tx, gone); err != nil {
			return err
		}
	}
	return leaveToNewer(ctx, tx, w.ID)
}

// accountByOldRule accounts for what a schedule has planned until now, by its rule so far.
func accountByOldRule(ctx context.Context, tx *gorm.DB, w models.Workflow, s *models.Schedule, now time.Time) error {
	all, _, err := readRules(ctx, tx, []models.Schedule{*s})
	if err != nil || len(all) == 0 { // a rule that cannot be read any more plans nothing
		return err
	}
	err = accountFor(ctx, tx, &all[0], w, now, changedMeanwhile, now)
	*s = all[0].stored
	return err
}

func syncOne(ctx context.Context, tx *gorm.DB, w models.Workflow, t workflow.Trigger, before models.Schedule, exists bool, calendars Calendars, now time.Time) error {
	document, err := models.ToJSON(t)
	if err != nil {
		return err
	}
	s := before
	s.Rule, s.TimeZone, s.UpdatedAt = document, zoneName(t), now
	if exists && before.Status != models.ScheduleRemoved && SameTimes(TriggerOf(before), t) {
		return schedules.Update(ctx, tx, s)
	}
	if exists {
		if err := accountByOldRule(ctx, tx, w, &before, now); err != nil {
			return err
		}
		s.AccountedUntil, s.LastPlannedAt = before.AccountedUntil, before.LastPlannedAt
	} else {
		s.ID, s.WorkflowID, s.TriggerID, s.CreatedAt = models.NewID(), w.ID, t.ID, now
	}
	s.Reread, s.MovedAt, s.MovedWhy = "", nil, "" // that was about the rule before
	if s.AnchorAt = now; now.After(s.AccountedUntil) {
		s.AccountedUntil = now
	}
	rule, problems := newRule(t, s.ID, s.AnchorAt, calendars)
	if len(problems) > 0 {
		return fmt.Errorf("schedule trigger %s: %s", t.ID, problems[0].Message)
	}
	r := ruled{stored: s, trigger: t, rule: rule}
	if s = r.withNextTimes(r.statusIn(w), now); exists {
		return schedules.Update(ctx, tx, s)
	}
	return schedules.Insert(ctx, tx, &s)
}

func zoneName(t workflow.Trigger) string {
	if t.TimeZone == "" {
		return "UTC"
	}
	return t.TimeZone
}

// timesOf writes of a trigger what its times depend on.
func timesOf(t workflow.Trigger) string {
	t.TimeZone, t.Missed, t.Overlap, t.MissedMaxAge = zoneName(t), "", "", ""
	text, _ := models.ToJSON(t) // of texts and numbers: that never fails
	return string(text)
}

// SameTimes reports whether two triggers, whatever their names are, plan the same times.
func SameTimes(a, b workflow.Trigger) bool {
	a.ID, b.ID = "", ""
	return timesOf(a) == timesOf(b)
}

// statusIn is the status that a schedule has in its workflow's state, if it has any
// time left.
func (r ruled) statusIn(w models.Workflow) string {
	switch {
	case r.trigger.Disabled:
		return models.ScheduleOff
	case r.stored.PausedAt != nil || w.Status != workflow.StatusActive:
		return models.SchedulePaused
	}
	return models.ScheduleActive
}
