package engine

import (
	"context"
	"sync"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/runs"
	"workflows/worker/queue"
)

// admitLimit bounds how many runs one transaction gives places.
const admitLimit = 500

// Admit gives the runs that a workflow's limit holds back the places that are
// free, in the order in which they were started, and rings for them. It reports
// how many. Two at once give no place twice.
func (e *Engine) Admit(ctx context.Context, workflowID string) (int, error) {
	if waiting, err := runs.AnyHeldBack(ctx, e.db, workflowID); err != nil || !waiting {
		return 0, err
	}
	var admitted []runs.Rung
	err := models.Tx(ctx, e.db, func(tx *gorm.DB) error {
		admitted = nil
		if err := runs.LockPlaces(ctx, tx, workflowID); err != nil {
			return err
		}
		limit, err := e.limitOf(ctx, tx, workflowID)
		if err != nil {
			return err
		}
		if limit == 0 { // it was lifted: they are as good as just started
			admitted, err = runs.Admit(ctx, tx, workflowID, queue.BacklogLane, e.now(), admitLimit)
			return err
		}
		number, err := runs.CountPlaces(ctx, tx, workflowID, limit)
		if err != nil || number >= limit {
			return err
		}
		admitted, err = runs.Admit(ctx, tx, workflowID, "", e.now(), min(limit-number, admitLimit))
		return err
	})
	if err != nil {
		return 0, err
	}
	e.ring(ctx, hintsOf(admitted))
	return len(admitted), nil
}

// limitOf is how many runs of the workflow may be unfinished at once by what is
// published now; 0 is no limit.
func (e *Engine) limitOf(ctx context.Context, tx *gorm.DB, workflowID string) (int, error) {
	target, err := models.WorkflowToRun(ctx, tx, workflowID)
	if err != nil || target.VersionID == nil {
		return 0, err
	}
	version, err := e.version(ctx, tx, *target.VersionID)
	if err != nil {
		return 0, err
	}
	return version.definition.Settings.MaxRunning, nil
}

// noteFreed has the runs that wait for the place of one that has ended looked at. In
// a process that runs the engine that is done aside, for all places that have
// become free meanwhile at once; the sweeper does it if this is lost.
func (e *Engine) noteFreed(run models.Run) {
	if run.Limited {
		e.freed.add(run.WorkflowID)
	}
}

// freedPlaces are the workflows of which runs have ended that had a place.
type freedPlaces struct {
	mu        sync.Mutex
	workflows map[string]bool
	signal    chan struct{}
}

func newFreedPlaces() *freedPlaces {
	return &freedPlaces{workflows: map[string]bool{}, signal: make(chan struct{}, 1)}
}

func (p *freedPlaces) add(workflowID string) {
	p.mu.Lock()
	p.workflows[workflowID] = true
	p.mu.Unlock()
	select {
	case p.signal <- struct{}{}:
	default:
	}
}

func (p *freedPlaces) popAll() map[string]bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	freed := p.workflows
	p.workflows = map[string]bool{}
	return freed
}

// admitFreed gives freed places to whom waits for them until ctx ends.
func (e *Engine) admitFreed(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-e.freed.signal:
		}
		for workflowID := range e.freed.popAll() {
			e.admitNoted(ctx, workflowID)
		}
	}
}

func (e *Engine) admitNoted(ctx context.Context, workflowID string) int {
	ctx, done := models.Bounded(ctx)
	defer done()
	admitted, err := e.Admit(ctx, workflowID)
	if err != nil && ctx.Err() == nil && !models.Unreachable(err) {
		e.log.Error("runs that wait for a place could not be looked at", "workflow_id", workflowID, "error", err)
	}
	return admitted
}
