// Package alerts watches what should happen and raises an alert when it does not:
// a schedule that nobody takes up, a deadline by which no run has succeeded, a run
// that takes too long, a calendar whose address fails for days. Planned times that are missed raise theirs where they are
// written, in package schedule.
package alerts

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/worker/document"
	"workflows/worker/schedule"
	"workflows/worker/workflow"
)

// Sync watches a workflow by the definition that is being published, in the
// publishing transaction. A deadline that has not changed keeps its next time and
// its open alert; the alert of one that is gone is over.
func Sync(ctx context.Context, tx *gorm.DB, workflowID string, d workflow.Definition, now time.Time) error {
	var most time.Duration
	if text := d.Settings.MaxDuration; text != "" {
		var err error
		if most, err = workflow.ParseDuration(text); err != nil {
			return fmt.Errorf("publish max_duration: %w", err)
		}
	}
	if err := models.SetMaxDuration(ctx, tx, workflowID, most); err != nil {
		return err
	}
	stored, err := models.DeadlinesOf(ctx, tx, workflowID)
	if err != nil {
		return err
	}
	left := map[string]models.Deadline{}
	for _, deadline := range stored {
		left[string(deadline.Rule)] = deadline
	}
	var wanted []models.Deadline
	for _, deadline := range d.Settings.MustSucceedBy {
		written, err := models.ToJSON(deadline)
		if err != nil {
			return err
		}
		if same, exists := left[string(written)]; exists {
			wanted = append(wanted, same)
			delete(left, string(written))
			continue
		}
		next, err := nextDeadline(deadline, now)
		if err != nil {
			return err
		}
		wanted = append(wanted, models.Deadline{ID: models.NewID(), WorkflowID: workflowID, Rule: written, NextAt: next})
	}
	for _, gone := range left {
		for _, kind := range []string{models.AlertOverdue, models.AlertUnreadable} {
			if err := models.CloseAlert(ctx, tx, kind, gone.ID, "The deadline was changed or removed.", now); err != nil {
				return err
			}
		}
	}
	return models.ReplaceDeadlines(ctx, tx, workflowID, wanted)
}

// nextDeadline is the first time after the given one, whatever a calendar says of
// its day: its free days may be others by then.
func nextDeadline(d workflow.Deadline, after time.Time) (time.Time, error) {
	rule, problems := schedule.Parse(d.Trigger())
	if len(problems) > 0 {
		return time.Time{}, fmt.Errorf("read the deadline %s: %s", d.Words(), problems[0].Message)
	}
	next, ok := rule.Next(after)
	if !ok {
		return time.Time{}, fmt.Errorf("read the deadline %s: it never comes", d.Words())
	}
	return next, nil
}

// DeadlineOf reads what a stored deadline says.
func DeadlineOf(stored models.Deadline) (workflow.Deadline, error) {
	var d workflow.Deadline
	if err := document.DecodeKnown(stored.Rule, &d); err != nil {
		return workflow.Deadline{}, fmt.Errorf("read a deadline: %w", err)
	}
	return d, nil
}
