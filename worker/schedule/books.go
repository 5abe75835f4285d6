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

// close accounts for all planned times up to the given moment that nobody has
// accounted for, none of which is started. It returns the rows for the ledger; the
// schedule stands there from then on.
func (k *ruled) accountUntil(until time.Time, outcome, reason string, now time.Time) []models.PlannedRun {
	if !until.After(k.stored.AccountedUntil) {
		return nil
	}
	decisions := k.withoutRuns(until, outcome, reason)
	rows := make([]models.PlannedRun, len(decisions))
	for i, d := range decisions {
		rows[i] = plannedRow(k.stored, d, now)
	}
	k.stored.AccountedUntil = until
	if len(decisions) > 0 {
		k.stored.LastPlannedAt = &decisions[len(decisions)-1].at
	}
	return rows
}

// withoutRuns gives all times that are not accounted for the same outcome, but
// for free days, which have their own.
func (k ruled) withoutRuns(until time.Time, outcome, reason string) []verdict {
	times, more := k.rule.between(k.stored.AccountedUntil, until)
	decisions := make([]verdict, len(times))
	for i, p := range times {
		decisions[i] = verdict{at: p.at, outcome: outcome, reason: reason}
		if p.free != "" {
			decisions[i] = verdict{at: p.at, outcome: workflow.OutcomeSkipped, reason: p.free}
		}
	}
	if more && len(decisions) > 1 {
		summarize(decisions, outcome, reason)
	}
	return decisions
}

// settleBooks accounts for what was planned until now of schedules that change:
// paused when they were, else missed for the given reason.
func accountFor(ctx context.Context, tx *gorm.DB, k *ruled, w models.Workflow, until time.Time, reason string, now time.Time) error {
	var rows []models.PlannedRun
	switch k.stored.Status {
	case models.SchedulePaused:
		rows = k.accountUntil(until, workflow.OutcomePaused, pausedWords(k.stored, w), now)
	case models.ScheduleActive:
		rows = k.accountUntil(until, workflow.OutcomeMissed, reason, now)
	default: // nothing was planned
		if until.After(k.stored.AccountedUntil) {
			k.stored.AccountedUntil = until
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

func plannedRow(s models.Schedule, d verdict, now time.Time) models.PlannedRun {
	return models.PlannedRun{
		ID: models.NewID(), ScheduleID: s.ID, WorkflowID: s.WorkflowID, PlannedAt: d.at, Outcome: d.outcome,
		LateMS: max(now.Sub(d.at).Milliseconds(), 0), Reason: d.reason, CreatedAt: now,
	}
}
