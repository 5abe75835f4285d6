package engine

import (
	"context"
	"errors"
	"time"

	"workflows/models"
	"workflows/models/runs"
)

// childrenLimit bounds how many orphans one look finds.
const childrenLimit = 500

func (x *execution) hasChildren() bool {
	if x.State == nil {
		return false
	}
	for _, rows := range x.Done {
		for _, row := range rows {
			if row.ChildID != nil {
				return true
			}
		}
	}
	return false
}

// wakeParentOf has the run go on if one that it waits for has ended. The sweeper
// does the same for all runs, should this be lost.
func (e *Engine) wakeParentOf(ctx context.Context, id string) {
	ctx, done := models.Bounded(ctx)
	defer done()
	began := time.Now()
	woken, err := runs.WakeParent(ctx, e.db, id, e.now())
	e.database.Note(began, err)
	e.ring(ctx, hintsOf(woken))
}

// cancelOrphans cancels the runs that nobody waits for any more: those of one
// run, or of any when parentID is empty.
func (e *Engine) cancelOrphans(ctx context.Context, parentID string) {
	ctx, done := models.Bounded(ctx)
	defer done()
	began := time.Now()
	orphans, err := runs.Orphans(ctx, e.db, parentID, childrenLimit)
	e.database.Note(began, err)
	for _, id := range orphans {
		if _, err := e.cancelOrphan(ctx, id, "The run that started it has ended, or does not wait for it any more."); err != nil && !errors.As(err, new(*models.ConflictError)) {
			e.log.Error("a run that nobody waits for could not be cancelled", "run_id", id, "error", err)
		}
	}
}

// familiesEvery is how often the sweeper looks for what the end of a run left
// undone between runs.
const familiesEvery = 5 * time.Second

// families does for all runs what is done at the end of each, in case a worker
// was lost in between.
func (s *sweeper) families(ctx context.Context, now time.Time) error {
	if time.Since(s.familiesAt) < familiesEvery {
		return nil
	}
	s.familiesAt = time.Now()
	woken, err := runs.WakeParents(ctx, s.e.db, now, sweepLimit)
	if err != nil {
		return err
	}
	s.e.ring(ctx, hintsOf(woken))
	s.e.cancelOrphans(ctx, "")
	return nil
}
