package catalog

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"workflows/models"
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
