package catalog

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/machine"
	"workflows/worker/queue"
)

// PauseLane has the workers take nothing further from one of the queue's lanes;
// what runs goes on. The row is the truth: without Redis the workers learn of it
// when Redis is back.
func (c *Catalog) PauseLane(ctx context.Context, lane, by string) error {
	err := c.changeLane(ctx, lane, "queue.paused", func(tx *gorm.DB) error { return models.PauseLane(ctx, tx, lane, by, c.now()) })
	if err != nil {
		return fmt.Errorf("pause the queue %.50q: %w", lane, err)
	}
	_ = c.Queue.SetPaused(ctx, lane, true)
	return nil
}

// ResumeLane lets the workers go on with the lane, at once.
func (c *Catalog) ResumeLane(ctx context.Context, lane string) error {
	err := c.changeLane(ctx, lane, "queue.resumed", func(tx *gorm.DB) error { return models.ResumeLane(ctx, tx, lane) })
	if err != nil {
		return fmt.Errorf("resume the queue %.50q: %w", lane, err)
	}
	_ = c.Queue.SetPaused(ctx, lane, false)
	return nil
}

// DrainWorker has a worker take no further run; what it executes goes on. Name is how people
// know it.
func (c *Catalog) DrainWorker(ctx context.Context, id, name, by string) error {
	return c.changeWorker(ctx, id, name, "worker.drained", func(tx *gorm.DB) error {
		return machine.Drain(ctx, tx, machine.DrainedWorker{WorkerID: id, DrainedAt: c.now(), DrainedBy: by})
	})
}

// ReleaseWorker has it take runs again.
func (c *Catalog) ReleaseWorker(ctx context.Context, id, name string) error {
	return c.changeWorker(ctx, id, name, "worker.released", func(tx *gorm.DB) error { return machine.Release(ctx, tx, id) })
}

func (c *Catalog) changeWorker(ctx context.Context, id, name, action string, change func(tx *gorm.DB) error) error {
	err := models.Tx(ctx, c.DB, func(tx *gorm.DB) error {
		if err := change(tx); err != nil {
			return err
		}
		return models.Record(ctx, tx, models.Act{Action: action, ObjectKind: "worker", ObjectID: id, ObjectName: name})
	})
	if err == nil {
		_ = c.Queue.Signal(ctx, id) // without Redis it looks by itself
	}
	return err
}

// ClearAside forgets the jobs that were set aside because no worker could use them; no run
// depends on one.
func (c *Catalog) ClearAside(ctx context.Context) error {
	return models.Tx(ctx, c.DB, func(tx *gorm.DB) error {
		if err := models.Record(ctx, tx, models.Act{Action: "queue.aside_cleared", ObjectKind: "queue"}); err != nil {
			return err
		}
		return c.Queue.ForgetAside(ctx) // what cannot be forgotten is not said to be
	})
}

func (c *Catalog) changeLane(ctx context.Context, lane, action string, change func(tx *gorm.DB) error) error {
	if !slices.Contains(queue.Lanes(), lane) {
		return models.ErrNotFound
	}
	return models.Tx(ctx, c.DB, func(tx *gorm.DB) error {
		if err := change(tx); err != nil {
			return err
		}
		return models.Record(ctx, tx, models.Act{Action: action, ObjectKind: "queue", ObjectName: lane})
	})
}
