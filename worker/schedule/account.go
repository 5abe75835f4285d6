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

// accountUntil accounts for all planned times up to the given moment that nobody has
// accounted for, none of which is started. It returns the rows for the ledger; the
// schedule stands there from then on.
func (r *ruled) accountUntil(until time.Time, outcome, reason string, now time.Time) []models.PlannedRun {
	if !until.After(r.stored.AccountedUntil) {
		return nil
	}
	verdicts := r.withoutRuns(until, outcome, reason)
	rows := make([]models.PlannedRun, len(verdicts))
	for i, v := range verdicts {
		rows[i] = plannedRow(r.stored, v, now)
	}
	r.stored.AccountedUntil = until
	if len(verdicts) > 0 {
		r.stored.LastPlannedAt = &verdicts[len(verdicts)-1].at
	}
	return rows
}

// withoutRuns gives all times that are not accounted for the same outcome, but
// for free days, which have their own.
func (r ruled) withoutRuns(until time.Time, outcome, reason string) []verdict {
	times, more := r.rule.between(r.stored.AccountedUntil, until)
	verdicts := make([]verdict, len(times))
	for i, p := range times {
		verdicts[i] = verdict{at: p.at, outcome: outcome, reason: reason}
		if p.free != "" {
			verdicts[i] = verdict{at: p.at, outcome: workflow.OutcomeSkipped, reason: p.free}
		}
	}
	if more && len(verdicts) > 1 {
		summarize(verdicts, outcome, reason)
	}
	return verdicts
}

// accountFor accounts for what was planned until now of schedules that change:
// paused when they were, else missed for the given reason.
func accountFor(ctx context.Context, tx *gorm.DB, r *ruled, w models.Workflow, until time.Time, reason string, now time.Time) error {
	var rows []models.PlannedRun
	switch r.stored.Status {
	case models.SchedulePaused:
		rows = r.accountUntil(until, workflow.OutcomePaused, pausedWords(r.stored, w), now)
	case models.ScheduleActive:
		rows = r.accountUntil(until, workflow.OutcomeMissed, reason, now)
	default: // nothing was planned
		if until.After(r.stored.AccountedUntil) {
			r.stored.AccountedUntil = until
		}
	}
	_, err := schedules.InsertPlanned(ctx, tx, rows)
	return err
}

// pausedWords says by whom and why a schedule is paused.
func pausedWords(s models.Schedule, w models.Workflow) string {
	what, by, reason := "The workflow was paused", w.PausedBy, w.PausedReason
	if s.PausedAt != nil {
		what, by, reason = "The schedule was paused", s.PausedBy, s.PausedReason
	}
	if by != "" {
		what += " by " + by
	}
	if reason != "" {
		return fmt.Sprintf("%s: %s", what, reason)
	}
	return what + "."
}

func plannedRow(s models.Schedule, v verdict, now time.Time) models.PlannedRun {
	return models.PlannedRun{
		ID: models.NewID(), ScheduleID: s.ID, WorkflowID: s.WorkflowID, PlannedAt: v.at, Outcome: v.outcome,
		LateMS: max(now.Sub(v.at).Milliseconds(), 0), Reason: v.reason, CreatedAt: now,
	}
}
