package models

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
)

// CountLimit bounds the counts that pages show: counting stops there, so that a
// backlog of millions costs no more than one of a hundred thousand.
const CountLimit = 100_000

// QueueNumbers are the database's side of the queue page.
type QueueNumbers struct {
	// Queued, Running and Waiting count runs, up to CountLimit each.
	Queued, Running, Waiting int64
	// Late counts the schedules whose next time is long enough past to need a person.
	Late int
}

// lateAfter is how far in the past an active schedule's next time is a trouble:
// the scheduler looks every second.
const lateAfter = 30 * time.Second

// CountQueue counts in one statement, from the partial indexes.
func CountQueue(ctx context.Context, db *gorm.DB, now time.Time) (QueueNumbers, error) {
	const statement = `SELECT
  (SELECT count(*) FROM (SELECT 1 FROM runs WHERE status = 'queued' LIMIT 100000) AS q) AS queued,
  (SELECT count(*) FROM (SELECT 1 FROM runs WHERE status = 'running' LIMIT 100000) AS r) AS running,
  (SELECT count(*) FROM (SELECT 1 FROM runs WHERE status = 'waiting' LIMIT 100000) AS w) AS waiting,
  (SELECT count(*) FROM schedules WHERE status = 'active' AND next_fire_at < ?) AS late`
	var numbers QueueNumbers
	if err := db.WithContext(ctx).Raw(statement, now.Add(-lateAfter)).Scan(&numbers).Error; err != nil {
		return QueueNumbers{}, fmt.Errorf("count the queue: %w", kind(err))
	}
	return numbers, nil
}
