package queue

import (
	"context"
	"fmt"
	"time"

	"github.com/gomodule/redigo/redis"
)

// keepCounts is how long a minute's counters stay.
const keepCounts = 72 * time.Hour

// Minute is how many runs came to their end in one minute.
type Minute struct {
	At                time.Time
	Succeeded, Failed int
}

// Count adds outcomes to the counters of the minute in which at lies. Callers
// gather many outcomes into one call. Cancelled runs are not counted.
func (q *Queue) Count(ctx context.Context, at time.Time, succeeded, failed int) error {
	key := q.keys.minute(at)
	var commands []command
	if succeeded != 0 {
		commands = append(commands, cmd("HINCRBY", key, "succeeded", succeeded))
	}
	if failed != 0 {
		commands = append(commands, cmd("HINCRBY", key, "failed", failed))
	}
	if len(commands) == 0 {
		return nil
	}
	commands = append(commands, cmd("EXPIRE", key, int(keepCounts.Seconds())))
	if err := q.run(ctx, commands...); err != nil {
		return fmt.Errorf("count outcomes: %w", err)
	}
	return nil
}

// minutesOfHistory is what the pages show.
const minutesOfHistory = 60

// historyCommands ask for the counters of the last hour, oldest first; the last
// is the minute that runs now.
func (q *Queue) historyCommands(now time.Time) []command {
	commands := make([]command, minutesOfHistory)
	for i := range commands {
		commands[i] = cmd("HMGET", q.keys.minute(minuteAt(now, i)), "succeeded", "failed")
	}
	return commands
}

func readHistory(now time.Time, replies []any) []Minute {
	history := make([]Minute, len(replies))
	for i, reply := range replies {
		history[i].At = minuteAt(now, i)
		if counts, err := redis.Ints(reply, nil); err == nil && len(counts) == 2 {
			history[i].Succeeded, history[i].Failed = counts[0], counts[1]
		}
	}
	return history
}

func minuteAt(now time.Time, i int) time.Time {
	return now.UTC().Truncate(time.Minute).Add(time.Duration(i-minutesOfHistory+1) * time.Minute)
}
