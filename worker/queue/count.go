package queue

import (
	"context"
	"fmt"
	"time"

	"github.com/gomodule/redigo/redis"

	"workflows/worker/queue/wire"
)

// keepCounts is how long a minute's counters stay.
const keepCounts = 72 * time.Hour

// Turnover is how many runs ended, and began, with for how long these had waited for it,
// together.
type Turnover struct {
	Succeeded, Failed, Started int
	Waited                     time.Duration
}

// Plus adds up both.
func (o Turnover) Plus(more Turnover) Turnover {
	return Turnover{o.Succeeded + more.Succeeded, o.Failed + more.Failed, o.Started + more.Started, o.Waited + more.Waited}
}

// Fields of the counters of a minute: those of all lanes together, and behind the name of a lane
// and a colon its own.
const (
	fieldSucceeded = "succeeded"
	fieldFailed    = "failed"
	fieldStarted   = "started"
	fieldWaited    = "waited_ms"
)

// Count adds what became of runs of each lane to the counters of the minute in which at lies, and
// outcomes to those of all time. Callers gather many into one call. Cancelled runs are not counted.
func (q *Queue) Count(ctx context.Context, at time.Time, lanes map[string]Turnover) error {
	key := q.Keys.Minute(at)
	var commands []wire.Command
	add := func(key, field string, n int) {
		if n != 0 {
			commands = append(commands, wire.Cmd("HINCRBY", key, field, n))
		}
	}
	var all Turnover
	for lane, o := range lanes {
		all = all.Plus(o)
		add(key, lane+":"+fieldSucceeded, o.Succeeded)
		add(key, lane+":"+fieldFailed, o.Failed)
		add(key, lane+":"+fieldStarted, o.Started)
		add(key, lane+":"+fieldWaited, int(o.Waited.Milliseconds()))
	}
	for _, total := range []string{key, q.Keys.Outcomes()} {
		add(total, fieldSucceeded, all.Succeeded)
		add(total, fieldFailed, all.Failed)
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

// Counted reads the counters of each lane in the minutes in which these times lie.
func (q *Queue) Counted(ctx context.Context, at ...time.Time) ([]map[string]Turnover, error) {
	var commands []wire.Command
	for _, minute := range at {
		for _, lane := range Lanes() {
			commands = append(commands, wire.Cmd("HMGET", q.Keys.Minute(minute), lane+":"+fieldSucceeded, lane+":"+fieldFailed, lane+":"+fieldStarted, lane+":"+fieldWaited))
		}
	}
	replies, err := q.Pipeline(ctx, commands...)
	if err == nil {
		err = wire.NotServing(replies)
	}
	if err != nil {
		return nil, fmt.Errorf("read what was counted: %w", wire.Unavailable(err))
	}
	counted := make([]map[string]Turnover, len(at))
	for i := range at {
		counted[i] = map[string]Turnover{}
		for j, lane := range Lanes() {
			n, err := redis.Int64s(replies[i*len(Lanes())+j], nil)
			if err != nil || len(n) != 4 { // of another form: nothing
				continue
			}
			counted[i][lane] = Turnover{int(n[0]), int(n[1]), int(n[2]), time.Duration(n[3]) * time.Millisecond}
		}
	}
	return counted, nil
}
