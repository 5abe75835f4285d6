package board

import (
	"time"

	"github.com/gomodule/redigo/redis"

	"workflows/worker/queue"
	"workflows/worker/queue/wire"
)

// Minute is how many runs came to their end in one minute.
type Minute struct {
	At                time.Time
	Succeeded, Failed int
}

// minutesOfHistory is what the pages show.
const minutesOfHistory = 60

// emptyHistory is the last hour, oldest first, in which nothing came to its end;
// the last is the minute that runs now.
func emptyHistory(now time.Time) []Minute {
	history := make([]Minute, minutesOfHistory)
	for i := range history {
		history[i].At = now.UTC().Truncate(time.Minute).Add(time.Duration(i-minutesOfHistory+1) * time.Minute)
	}
	return history
}

// question asks for the counters of the minute.
func (m *Minute) question(q *queue.Queue) question {
	return question{wire.Cmd("HMGET", q.Keys.Minute(m.At), "succeeded", "failed"), func(reply any) {
		succeeded, failed := readOutcomes(reply)
		m.Succeeded, m.Failed = int(succeeded), int(failed)
	}}
}

// readOutcomes reads a pair of counters; of another form they are 0.
func readOutcomes(reply any) (succeeded, failed int64) {
	if counts, err := redis.Int64s(reply, nil); err == nil && len(counts) == 2 {
		return counts[0], counts[1]
	}
	return 0, 0
}
