package machine

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"workflows/models"
)

// QueueMinute is what a queue was like in one minute.
type QueueMinute struct {
	Minute time.Time // its beginning
	Queue  string
	// Waiting is how many hints stood in it at the end of the minute, OldestMS for how long
	// the oldest of them had.
	Waiting, OldestMS int64
	// Succeeded and Failed count the runs that ended so in the minute, Started those that
	// began, and WaitedMS is for how long these had waited, together.
	Succeeded, Failed, Started, WaitedMS int64
}

// nothing reports that there is nothing to be kept of the minute.
func (m QueueMinute) nothing() bool { return m == QueueMinute{Minute: m.Minute, Queue: m.Queue} }

// minuteOf is the number since 1970 of the minute in which t lies.
func minuteOf(t time.Time) int64 { return t.Unix() / 60 }

// keepMinutes is for how long minutes are kept: what a week takes, whenever it begins.
const keepMinutes = 8 * 24 * time.Hour

// KeepMinutes keeps the minutes; of one that is kept already the larger numbers count.
// Minutes in which there was nothing are left out, and those too old are removed.
func KeepMinutes(ctx context.Context, db *gorm.DB, minutes []QueueMinute, now time.Time) error {
	greatest := "max"
	if models.IsPostgres(db) {
		greatest = "greatest"
	}
	err := models.Tx(ctx, db, func(tx *gorm.DB) error {
		for _, m := range minutes {
			if m.nothing() {
				continue
			}
			statement := "INSERT INTO queue_minutes (minute, queue, waiting, oldest_ms, succeeded, failed, started, waited_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (minute, queue) DO UPDATE SET "
			for i, name := range []string{"waiting", "oldest_ms", "succeeded", "failed", "started", "waited_ms"} {
				if i > 0 {
					statement += ", "
				}
				statement += fmt.Sprintf("%s = %s(queue_minutes.%s, excluded.%s)", name, greatest, name, name)
			}
			if err := tx.Exec(statement, minuteOf(m.Minute), m.Queue, m.Waiting, m.OldestMS, m.Succeeded, m.Failed, m.Started, m.WaitedMS).Error; err != nil {
				return err
			}
		}
		return tx.Exec("DELETE FROM queue_minutes WHERE minute < ?", minuteOf(now.Add(-keepMinutes))).Error
	})
	if err != nil {
		return fmt.Errorf("keep what the queues were like: %w", models.Kind(err))
	}
	return nil
}

// History is what a queue, or "" for all together, was like from a time on, oldest first, in
// pieces of so many minutes, empty ones included: counts are summed; Waiting and OldestMS are
// the largest that there were, of all together the sum and the largest.
func History(ctx context.Context, db *gorm.DB, queue string, from time.Time, piece time.Duration, pieces int) ([]QueueMinute, error) {
	statement := `SELECT piece, max(waiting) AS waiting, max(oldest_ms) AS oldest_ms, sum(succeeded) AS succeeded, sum(failed) AS failed, sum(started) AS started, sum(waited_ms) AS waited_ms
		FROM (SELECT (minute - ?) / ? AS piece, minute, sum(waiting) AS waiting, max(oldest_ms) AS oldest_ms, sum(succeeded) AS succeeded, sum(failed) AS failed, sum(started) AS started, sum(waited_ms) AS waited_ms
			FROM queue_minutes WHERE minute >= ? AND minute < ? AND (? = '' OR queue = ?) GROUP BY minute) AS m
		GROUP BY piece`
	var found []struct {
		Piece                                                   int
		Waiting, OldestMS, Succeeded, Failed, Started, WaitedMS int64
	}
	until := from.Add(time.Duration(pieces) * piece)
	err := db.WithContext(ctx).Raw(statement, minuteOf(from), int64(piece/time.Minute), minuteOf(from), minuteOf(until), queue, queue).Scan(&found).Error
	if err != nil {
		return nil, fmt.Errorf("read what the queues were like: %w", models.Kind(err))
	}
	history := make([]QueueMinute, pieces)
	for _, f := range found {
		if f.Piece >= 0 && f.Piece < pieces {
			history[f.Piece] = QueueMinute{Waiting: f.Waiting, OldestMS: f.OldestMS, Succeeded: f.Succeeded, Failed: f.Failed, Started: f.Started, WaitedMS: f.WaitedMS}
		}
	}
	for i := range history {
		history[i].Minute, history[i].Queue = from.Add(time.Duration(i)*piece), queue
	}
	return history, nil
}
