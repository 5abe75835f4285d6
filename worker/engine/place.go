package engine

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/worker/queue"
	"workflows/worker/workflow"
)

const (
	// many is how many runs of a workflow stand in its lane; further ones go into
	// the backlog, so that those of others are not behind them. A workflow that
	// somebody has put before others may have manyHigh.
	many     = 10
	manyHigh = 100
	// limitRetry is when a start that was refused for the limit may be worth another try.
	limitRetry = 5 * time.Second
)

const codeSkippedLimit = "skipped_limit"

// laneFor chooses the lane of a new run by its workflow's priority and by how
// many others of it wait for a worker.
func laneFor(priority string, waiting int) string {
	lane, few := queue.DefaultLane, many
	switch priority {
	case "high":
		lane, few = queue.HighLane, manyHigh
	case "low":
		lane = queue.LowLane
	}
	if waiting >= few {
		return queue.BacklogLane
	}
	return lane
}

// place gives a new run its place if its workflow has a limit: it may begin, is
// held back, or is skipped; else the error is a *models.LimitError. The limit is
// that of the published version, whichever version this run is of.
func (e *Engine) place(ctx context.Context, tx *gorm.DB, target models.Workflow, started *version, run *models.Run) error {
	current := started
	if target.VersionID != nil {
		var err error
		if current, err = e.version(ctx, tx, *target.VersionID); err != nil {
			return err
		}
	}
	limit := current.definition.Settings.MaxRunning
	if limit == 0 {
		return nil
	}
	free, err := e.free(ctx, tx, target.ID, limit)
	if err != nil {
		return err
	}
	run.Limited = true
	if free {
		return nil
	}
	switch current.definition.Settings.OnLimit {
	case "skip":
		now := e.now()
		reason := failure{Code: codeSkippedLimit, Message: "Skipped, because " + fullWords(limit) + "."}
		run.Status, run.FinishedAt, run.Error = workflow.RunCancelled, &now, reason.stored()
	case "reject":
		return &models.LimitError{
			Code: "limit_reached", RetryAfter: limitRetry,
			Message: "Not started, because " + fullWords(limit) + ". Start it again when one has ended.",
		}
	default:
		run.HeldBack = true
		if limit > many { // all of them may get their places at once
			run.Queue = queue.BacklogLane
		}
	}
	return nil
}

// free reports whether the workflow has a place for the run. Nobody else can take
// it before the transaction ends.
func (e *Engine) free(ctx context.Context, tx *gorm.DB, workflowID string, limit int) (bool, error) {
	if err := models.LockPlaces(ctx, tx, workflowID); err != nil {
		return false, err
	}
	// Whoever waits already comes first.
	if waiting, err := models.AnyHeldBack(ctx, tx, workflowID); err != nil || waiting {
		return false, err
	}
	taken, err := models.CountPlaces(ctx, tx, workflowID, limit)
	return taken < limit, err
}

func fullWords(limit int) string {
	if limit == 1 {
		return "this workflow runs one at a time and one is not finished"
	}
	return fmt.Sprintf("this workflow runs at most %d at once and as many are not finished", limit)
}

// Skipped is why a run that was just started is over already, "" for any other.
func Skipped(run models.Run) string {
	if reason := readFailure(run.Error); run.Status == workflow.RunCancelled && reason.Code == codeSkippedLimit {
		return reason.Message
	}
	return ""
}
