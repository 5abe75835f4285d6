package engine

import (
	"context"
	"fmt"
	"time"

	"workflows/models"
	"workflows/models/runs"
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

// placesTaken is how the places of a limited workflow stand for new runs.
type placesTaken struct {
	waiting bool // others wait for a place already
	number  int  // of those that are taken
}

// givePlace gives a new run its place if its workflow has a limit: it may begin, is
// held back, or is skipped; else the error is a *models.LimitError. The limit is
// that of the published version, whichever version this run is of. A run that
// stands behind another gets its place when that has ended.
func (b *Starting) givePlace(ctx context.Context, target models.Workflow, started *starter, req StartRequest, run *models.Run) error {
	current := started
	if target.VersionID != nil {
		var err error
		if current, err = b.e.starter(ctx, b.tx, *target.VersionID); err != nil {
			return err
		}
	}
	limit := current.settings.MaxRunning
	if run.Limited = limit > 0 || req.Followed || req.BehindID != ""; req.BehindID != "" {
		run.HeldBack = true
		return nil
	}
	if limit == 0 {
		return nil
	}
	places, err := b.placesOf(ctx, target.ID, limit)
	if err != nil {
		return err
	}
	if !places.waiting && places.number < limit { // whoever waits already comes first
		places.number++
		return nil
	}
	switch current.settings.OnLimit {
	case "skip":
		now := b.e.now()
		reason := workflow.Failure{Code: codeSkippedLimit, Message: "Skipped, because " + fullWords(limit) + "."}
		run.Status, run.FinishedAt, run.Error = workflow.RunCancelled, &now, reason.Stored()
	case "reject":
		return &models.LimitError{
			Code: "limit_reached", RetryAfter: limitRetry,
			Message: "Not started, because " + fullWords(limit) + ". Start it again when one has ended.",
		}
	default:
		run.HeldBack, places.waiting = true, true
		if limit > many { // all of them may get their places at once
			run.Queue = queue.BacklogLane
		}
	}
	return nil
}

// placesOf counts a workflow's places. Nobody else can take one before the
// transaction ends.
func (b *Starting) placesOf(ctx context.Context, workflowID string, limit int) (*placesTaken, error) {
	if found := b.places[workflowID]; found != nil {
		return found, nil
	}
	if err := runs.LockPlaces(ctx, b.tx, workflowID); err != nil {
		return nil, err
	}
	var places placesTaken
	var err error
	if places.waiting, err = runs.AnyHeldBack(ctx, b.tx, workflowID); err != nil {
		return nil, err
	}
	if places.number, err = runs.CountPlaces(ctx, b.tx, workflowID, limit); err != nil {
		return nil, err
	}
	b.places[workflowID] = &places
	return &places, nil
}

func fullWords(limit int) string {
	if limit == 1 {
		return "this workflow runs one at a time and one is not finished"
	}
	return fmt.Sprintf("this workflow runs at most %d at once and as many are not finished", limit)
}

// Skipped is why a run that was just started is over already, "" for any other.
func Skipped(run models.Run) string {
	if reason := workflow.ReadFailure(run.Error); run.Status == workflow.RunCancelled && reason.Code == codeSkippedLimit {
		return reason.Message
	}
	return ""
}
