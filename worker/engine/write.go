package engine

import (
	"context"
	"errors"
	"time"

	"workflows/models"
	"workflows/models/runs"
	"workflows/worker/queue"
	"workflows/worker/workflow"
)

// writeFor is how long a result is kept and offered while the database is away.
const writeFor = 2 * time.Minute

// change is one thing that an execution wants committed: a claim or an advance.
type change struct {
	claim   string // a run's id
	advance *runs.Advance
	leaves  []models.Left // what steps leave behind with the advance
}

// receipt is what became of a change.
type receipt struct {
	claimed *runs.Claimed // nil: the run was not to be had
	counted bool          // false: the run is not held any more
}

// commitAll commits the changes of many executions at once.
func (e *Engine) commitAll(changes []change) ([]receipt, error) {
	ctx, done := models.Bounded(context.Background()) // a server that hangs does not hold all runs for ever
	defer done()
	if len(changes[0].leaves) > 0 {
		counted, err := runs.CommitOne(ctx, e.db, *changes[0].advance, changes[0].leaves...)
		return []receipt{{counted: counted}}, err
	}
	commit := runs.Batch{Owner: e.owner, Now: e.now(), Lease: e.lease}
	for _, c := range changes {
		if c.advance != nil {
			commit.Advances = append(commit.Advances, *c.advance)
		} else {
			commit.Claims = append(commit.Claims, c.claim)
		}
	}
	claimed, counted, err := runs.Commit(ctx, e.db, commit)
	if err != nil {
		return nil, err
	}
	byID := make(map[string]*runs.Claimed, len(claimed))
	for i := range claimed {
		byID[claimed[i].ID] = &claimed[i]
	}
	receipts := make([]receipt, len(changes))
	for i, c := range changes {
		if c.advance != nil {
			receipts[i].counted, counted = counted[0], counted[1:]
			continue
		}
		receipts[i].claimed = byID[c.claim]
		delete(byID, c.claim) // a doubled hint gets nothing
	}
	return receipts, nil
}

// save writes what is finished so far; the run stays ours. errFenced says that
// it is not.
func (x *execution) save() error {
	return x.write(runs.Advance{Status: workflow.RunRunning})
}

// write commits a state of the run with everything that has not been written.
func (x *execution) write(a runs.Advance) error {
	a.RunID, a.Attempt, a.Progress = x.run.ID, x.run.Attempt, x.progress
	if x.State != nil && !x.Deadline.IsZero() {
		a.DeadlineAt = &x.Deadline
	}
	for _, row := range x.dirty {
		a.Steps = append(a.Steps, stepRun(x.run.ID, row))
	}
	counted, err := x.offer(change{advance: &a, leaves: x.leaves})
	if err == nil && !counted {
		err = errFenced
	}
	if err != nil {
		return err
	}
	x.cacheStored()
	x.dirty, x.progress, x.leaves = nil, false, nil
	return nil
}

// offer has a change committed, together with those of other runs, and keeps trying
// unless it is refused: a result that is dropped is a step that has to be done again. A
// commit whose answer was lost may have counted; then the second offer finds the run as
// the first has left it.
func (x *execution) offer(c change) (bool, error) {
	commit := x.e.commits.submit
	if len(c.leaves) > 0 { // may be large, wait for others or be refused: that must hold up nobody else
		commit = x.e.commits.alone
	}
	pause := 50 * time.Millisecond
	for began := time.Now(); ; pause = min(2*pause, time.Second) {
		tried := time.Now()
		done, err := commit(c)
		x.e.database.Note(tried, err)
		if err == nil {
			return done.counted || (pause > 50*time.Millisecond && x.hasLanded(*c.advance)), nil
		}
		if models.Refused(err) || ofRequest(err) {
			return false, err
		}
		if time.Since(began) > x.patience() {
			return false, err
		}
		time.Sleep(pause) // also when the context has ended: the attempt number fences what comes late
	}
}

// patience is short while the process is being stopped.
func (x *execution) patience() time.Duration {
	if errors.Is(context.Cause(x.ctx), queue.ErrShutdown) {
		return abandonAfter
	}
	return writeFor
}

// hasLanded reports whether the run is in the state of an advance whose answer was lost.
func (x *execution) hasLanded(a runs.Advance) bool {
	ctx, done := models.Bounded(context.WithoutCancel(x.ctx))
	defer done()
	run, err := runs.Get(ctx, x.e.db, a.RunID)
	return err == nil && run.Attempt == a.Attempt && run.Status == a.Status && a.Status != workflow.RunRunning
}
