package queue

import (
	"context"
	"fmt"
	"time"

	"workflows/worker/queue/wire"
)

// keepCounts is how long a minute's counters stay.
const keepCounts = 72 * time.Hour

// Count adds outcomes to the counters of the minute in which at lies, and to those of all time. Callers
// gather many outcomes into one call. Cancelled runs are not counted.
func (q *Queue) Count(ctx context.Context, at time.Time, succeeded, failed int) error {
	key := q.Keys.Minute(at)
	var commands []wire.Command
	if succeeded != 0 {
		commands = append(commands, wire.Cmd("HINCRBY", key, "succeeded", succeeded), wire.Cmd("HINCRBY", q.Keys.Outcomes(), "succeeded", succeeded))
	}
	if failed != 0 {
		commands = append(commands, wire.Cmd("HINCRBY", key, "failed", failed), wire.Cmd("HINCRBY", q.Keys.Outcomes(), "failed", failed))
	}
	if len(commands) == 0 {
		return nil
	}
	commands = append(commands, wire.Cmd("EXPIRE", key, int(keepCounts.Seconds())))
	if err := q.Exec(ctx, commands...); err != nil {
		return fmt.Errorf("count outcomes: %w", err)
	}
	return nil
}
