package queue

import (
	"context"
	"fmt"
	"time"

	"github.com/gomodule/redigo/redis"
)

// Stats are the queue's numbers as Redis has them.
type Stats struct {
	Lanes []Lane
	// Scheduled, Retrying and Dead are gocraft/work's sets; SetAside counts the
	// kept records of jobs that no worker could use.
	Scheduled, Retrying, Dead, SetAside int64
	// Aside are the newest of those records.
	Aside   []Aside
	Workers []Worker
	// History holds the last sixty minutes, oldest first, empty ones included.
	History []Minute
	At      time.Time
}

// Lane is one queue.
type Lane struct {
	Name string
	Size int64
	// Latency is how long the oldest hint has been waiting.
	Latency time.Duration
	Paused  bool
}

// Stats reads the numbers in three round trips. A key of a wrong type counts as
// nothing; models.ErrUnavailable says that Redis cannot be reached.
func (q *Queue) Stats(ctx context.Context) (Stats, error) {
	now := time.Now().UTC()
	commands := []command{
		cmd("ZCARD", q.keys.scheduled()), cmd("ZCARD", q.keys.retry()), cmd("ZCARD", q.keys.dead()),
		cmd("LLEN", q.keys.setAside()), cmd("SMEMBERS", q.keys.pools()), cmd("LRANGE", q.keys.setAside(), 0, showAside-1),
	}
	fixed := len(commands)
	for _, lane := range Lanes() {
		commands = append(commands, cmd("LLEN", q.keys.lane(lane)), cmd("LINDEX", q.keys.lane(lane), -1), cmd("EXISTS", q.keys.paused(lane)))
	}
	history := len(commands)
	commands = append(commands, q.historyCommands(now)...)
	replies, err := q.pipeline(ctx, commands...)
	if err != nil {
		return Stats{}, fmt.Errorf("read the queue's numbers: %w", unavailable(err))
	}
	if down := notServing(replies); down != nil {
		return Stats{}, fmt.Errorf("read the queue's numbers: %w", unavailable(down))
	}
	stats := Stats{
		Scheduled: number(replies[0]), Retrying: number(replies[1]), Dead: number(replies[2]), SetAside: number(replies[3]), Aside: readAsides(replies[5]),
		History: readHistory(now, replies[history:]), At: now,
	}
	for i, lane := range Lanes() {
		at := fixed + 3*i
		stats.Lanes = append(stats.Lanes, Lane{
			Name: lane, Size: number(replies[at]), Latency: age(replies[at+1], now), Paused: number(replies[at+2]) > 0,
		})
	}
	pools, _ := redis.Strings(replies[4], nil)
	stats.Workers, err = q.workers(ctx, pools, now)
	if err != nil {
		return Stats{}, fmt.Errorf("read the workers' heartbeats: %w", unavailable(err))
	}
	return stats, nil
}

// notServing is the refusal that Redis gives to everything while it loads its
// data or wants a password: no number is known then.
func notServing(replies []any) error {
	for _, reply := range replies {
		if _, refused := reply.(redis.Error); !refused {
			return nil
		}
	}
	return firstError(replies)
}

func number(reply any) int64 {
	n, err := redis.Int64(reply, nil)
	if err != nil {
		return 0
	}
	return n
}

// age is how long ago a job was pushed.
func age(reply any, now time.Time) time.Duration {
	data, _ := reply.([]byte)
	at := pushedAt(data)
	if at.IsZero() {
		return 0
	}
	return max(now.Sub(at).Truncate(time.Second), 0)
}
