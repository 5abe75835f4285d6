package schedule

import (
	"context"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/schedules"
)

const pausedMeanwhile = "No worker had started it when it was paused."

// Pause stops a workflow's schedules; before is the locked workflow as it was, w
// as it is now. Their planned times go on being accounted for. Doing it twice
// changes nothing more.
func Pause(ctx context.Context, tx *gorm.DB, before, w models.Workflow, now time.Time) error {
	return restate(ctx, tx, before, w, nil, now, now)
}

// Resume lets a workflow's schedules go on with their first time after until:
// what was planned during the pause is never made up for. before is the workflow
// as it was paused, w as it is now.
func Resume(ctx context.Context, tx *gorm.DB, before, w models.Workflow, until, now time.Time) error {
	return restate(ctx, tx, before, w, nil, until, now)
}

// PauseOne pauses one schedule by itself, or changes such a pause. The workflow's
// row is locked.
func PauseOne(ctx context.Context, tx *gorm.DB, w models.Workflow, s models.Schedule, now time.Time) error {
	return restate(ctx, tx, w, w, &s, now, now)
}

// ResumeOne ends a schedule's own pause: it goes on with its first time after
// until, if its workflow is not paused.
func ResumeOne(ctx context.Context, tx *gorm.DB, w models.Workflow, s models.Schedule, until, now time.Time) error {
	s.PausedAt, s.PausedUntil, s.PausedReason, s.PausedBy = nil, nil, "", ""
	return restate(ctx, tx, w, w, &s, until, now)
}

// restate brings a workflow's schedules, or the one given with its new pause, into
// the state that they now have. What was planned up to until is accounted for
// under the state before.
func restate(ctx context.Context, tx *gorm.DB, before, w models.Workflow, one *models.Schedule, until, now time.Time) error {
	stored, err := schedules.KeepOf(ctx, tx, w.ID)
	if err != nil {
		return err
	}
	all, broken, err := readRules(ctx, tx, stored)
	if err != nil {
		return err
	}
	for _, s := range stored {
		active := s.Status == models.ScheduleActive || s.Status == models.SchedulePaused
		if problem := broken[s.ID]; problem != "" && active && (one == nil || one.ID == s.ID) {
			return &models.ConflictError{Code: "unreadable_schedule", Message: "A schedule of this workflow cannot be read here, so it can be neither paused nor resumed. " + problem + " Do it where the newer program runs, or correct the trigger and publish again."}
		}
	}
	for i := range all {
		r := &all[i]
		if one != nil && r.stored.ID != one.ID {
			continue
		}
		if r.stored.Status != models.ScheduleActive && r.stored.Status != models.SchedulePaused {
			continue // nothing is planned
		}
		next := r.stored
		if one != nil {
			next.PausedAt, next.PausedUntil, next.PausedReason, next.PausedBy = one.PausedAt, one.PausedUntil, one.PausedReason, one.PausedBy
		}
		if err := accountFor(ctx, tx, r, before, until, pausedMeanwhile, now); err != nil {
			return err
		}
		next.AccountedUntil, next.LastPlannedAt = r.stored.AccountedUntil, r.stored.LastPlannedAt
		r.stored = next
		if err := schedules.Update(ctx, tx, r.withNextTimes(r.statusIn(w), now)); err != nil {
			return err
		}
	}
	return leaveToNewer(ctx, tx, w.ID)
}
