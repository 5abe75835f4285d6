package schedule

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/worker/workflow"
)

// Sync makes the schedules of a workflow those of the definition that is being
// published, in the publishing transaction, so that the next time moves with it.
// A trigger whose times have not changed keeps its anchor and its next time; one
// that is gone is marked removed, because its ledger stays. active is false
// while the workflow is paused.
func Sync(ctx context.Context, tx *gorm.DB, workflowID string, d workflow.Definition, active bool, now time.Time) error {
	stored, err := models.SchedulesOf(ctx, tx, workflowID)
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
		before, known := left[t.ID]
		delete(left, t.ID)
		if err := syncOne(ctx, tx, workflowID, t, before, known, active, now); err != nil {
			return err
		}
	}
	for _, gone := range left {
		if gone.Status == models.ScheduleRemoved {
			continue
		}
		if err := models.SetScheduleState(ctx, tx, gone.ID, models.ScheduleRemoved, nil, now); err != nil {
			return err
		}
	}
	return nil
}

func syncOne(ctx context.Context, tx *gorm.DB, workflowID string, t workflow.Trigger, before models.Schedule, known, active bool, now time.Time) error {
	rule, problems := Parse(t)
	if len(problems) > 0 {
		return fmt.Errorf("schedule trigger %s: %s", t.ID, problems[0].Message)
	}
	s := models.Schedule{
		ID: before.ID, WorkflowID: workflowID, TriggerID: t.ID, Cron: t.Cron, Every: t.Every, At: t.At,
		TimeZone: cmp.Or(t.TimeZone, "UTC"), Missed: cmp.Or(t.Missed, MissedLatest), Overlap: cmp.Or(t.Overlap, OverlapSkip),
		AnchorAt: now, CreatedAt: before.CreatedAt, UpdatedAt: now,
	}
	if known && before.Status != models.ScheduleRemoved && sameTimes(before, s) {
		return models.UpdateScheduleHandling(ctx, tx, before.ID, s.Missed, s.Overlap, now)
	}
	s.Status, s.NextFireAt = stateFrom(rule.From(now), active, now)
	if known {
		return models.UpdateScheduleRule(ctx, tx, s)
	}
	s.ID, s.CreatedAt = models.NewID(), now
	return models.InsertSchedule(ctx, tx, &s)
}

func sameTimes(a, b models.Schedule) bool {
	return a.Cron == b.Cron && a.Every == b.Every && a.At == b.At && a.TimeZone == b.TimeZone
}

// stateFrom says in which state a schedule is from now on, and its next time.
func stateFrom(rule Rule, active bool, now time.Time) (string, *time.Time) {
	next, ok := rule.Next(now)
	switch {
	case !ok:
		return models.ScheduleEnded, nil
	case !active:
		return models.SchedulePaused, nil
	}
	return models.ScheduleActive, &next
}

// Pause stops a workflow's schedules. Doing it twice changes nothing more.
func Pause(ctx context.Context, tx *gorm.DB, workflowID string, now time.Time) error {
	return each(ctx, tx, workflowID, models.ScheduleActive, func(s models.Schedule) error {
		return models.SetScheduleState(ctx, tx, s.ID, models.SchedulePaused, nil, now)
	})
}

// Resume lets a workflow's schedules go on with their first time after now: what
// was planned during the pause is never made up for.
func Resume(ctx context.Context, tx *gorm.DB, workflowID string, now time.Time) error {
	return each(ctx, tx, workflowID, models.SchedulePaused, func(s models.Schedule) error {
		rule, problems := ruleOf(s)
		if len(problems) > 0 {
			return fmt.Errorf("resume schedule %s: %s", s.ID, problems[0].Message)
		}
		status, next := stateFrom(rule, true, now)
		return models.SetScheduleState(ctx, tx, s.ID, status, next, now)
	})
}

func each(ctx context.Context, tx *gorm.DB, workflowID, status string, do func(models.Schedule) error) error {
	schedules, err := models.SchedulesOf(ctx, tx, workflowID)
	if err != nil {
		return err
	}
	for _, s := range schedules {
		if s.Status != status {
			continue
		}
		if err := do(s); err != nil {
			return err
		}
	}
	return nil
}

// ruleOf reads a stored schedule's rule, with its anchor.
func ruleOf(s models.Schedule) (Rule, []workflow.Problem) {
	rule, problems := Parse(workflow.Trigger{Cron: s.Cron, Every: s.Every, At: s.At, TimeZone: s.TimeZone})
	return rule.From(s.AnchorAt), problems
}
