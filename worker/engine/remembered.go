package engine

import (
	"context"
	"errors"
	"time"

	"workflows/models"
	"workflows/worker/engine/plan"
	"workflows/worker/workflow"
)

// leaveRemembered makes what is stored of what a step has seen.
func leaveRemembered(l Leaving) (models.Left, error) {
	seen := l.What.(workflow.Remembered)
	return models.Memory{
		WorkflowID: l.WorkflowID, StepID: l.StepID, Scope: seen.Scope, StepRunID: l.StepRunID, At: models.Now(),
		New: seen.New, Again: seen.Again, Keep: seen.Keep, Note: seen.Note,
	}, nil
}

// contested reports whether another run may leave the same behind first. Such a thing is
// stored at once: nothing else must be undone for it.
func contested(left models.Left) bool {
	_, is := left.(models.Memory)
	return is
}

// storeContested stores an attempt with what it leaves behind; before is how much was to
// be left before it. Where another run was first, the attempt counts for nothing, and
// the next one begins at once.
func (x *execution) storeContested(row *plan.Attempt, before int) error {
	if x.ctx.Err() != nil {
		return nil // it is written with the end, if it still may be
	}
	err := x.save()
	if !errors.Is(err, models.ErrRemembered) {
		return err
	}
	now := x.now()
	x.leaves = x.leaves[:before]
	row.Status, row.Output, row.FinishedAt, row.WakeAt = workflow.StepFailed, nil, &now, &now
	row.Error = workflow.Failure{Code: workflow.CodeInterrupted, Message: models.ErrRemembered.Message + " It looks again."}.Stored()
	x.touch(row, false)
	return nil
}

// recollect is what the call's step remembers; it waits for a database that is away, as
// long as the step may take.
func (x *execution) recollect(ctx context.Context, c *call, scope string, items []string) (workflow.Recalled, error) {
	for {
		began := time.Now()
		bounded, done := models.Bounded(ctx)
		found, err := models.Recall(bounded, x.e.db, x.run.WorkflowID, c.step.ID, scope, items)
		done()
		x.e.database.Note(began, err)
		if err == nil {
			return recalled(found), nil
		}
		if !errors.Is(err, models.ErrUnavailable) {
			return workflow.Recalled{}, err
		}
		select {
		case <-ctx.Done():
			return workflow.Recalled{}, context.Cause(ctx)
		case <-time.After(time.Second):
		}
	}
}

func recalled(found models.Recollection) workflow.Recalled {
	r := workflow.Recalled{Count: found.Count, Note: found.Note, Seen: make(map[string]bool, len(found.Seen))}
	if found.Since != nil {
		r.Since = *found.Since
	}
	for item, at := range found.Seen {
		r.Seen[item], r.Stale = true, r.Stale || models.Stale(at, models.Now())
	}
	return r
}
