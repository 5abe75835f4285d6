package alerts

import (
	"context"
	"time"

	"gorm.io/gorm"

	"workflows/models"
)

// PassOver moves deadlines that have passed to their next time and judges none of them.
// One that cannot be read is left as it is.
func PassOver(ctx context.Context, db *gorm.DB, until time.Time) error {
	var unread []string
	for {
		n := 0
		var left []string
		err := models.Tx(ctx, db, func(tx *gorm.DB) error {
			due, err := models.LockDueDeadlines(ctx, tx, until, unread, atOnce)
			if err != nil {
				return err
			}
			n, left = len(due), nil
			for _, stored := range due {
				d, err := DeadlineOf(stored)
				var next time.Time
				if err == nil {
					next, err = nextDeadline(d, until)
				}
				if err != nil {
					left = append(left, stored.ID)
					continue
				}
				if err := models.MoveDeadline(ctx, tx, stored.ID, next); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || n < atOnce {
			return err
		}
		unread = append(unread, left...)
	}
}
