package board

import (
	"context"
	"fmt"
	"time"

	"github.com/gomodule/redigo/redis"

	"workflows/worker/queue"
	"workflows/worker/queue/wire"
)

// Stats are the queue's numbers as Redis has them.
type Stats struct {
	Lanes []Lane
	// Scheduled, Retrying and Dead are gocraft/work's sets; SetAside counts the
	// kept records of jobs that no worker could use.
	Scheduled, Retrying, Dead, SetAside int64
	// Aside are the newest of those records.
	Aside   []queue.Aside
	Workers []Worker
	// Outdated are the workers that are older than the database and take nothing.
	Outdated []queue.Outdated
	// Succeeded and Failed count the runs that have ended so since Redis last forgot.
	Succeeded, Failed int64
	// BeatAt is when any worker last beat; zero if unknown.
	BeatAt time.Time
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

// ReadStats reads the numbers in three round trips. A key of a wrong type counts as
// nothing; models.ErrUnavailable says that Redis cannot be reached.
func ReadStats(ctx context.Context, q *queue.Queue) (Stats, error) {
	now := time.Now().UTC()
	stats := Stats{Lanes: emptyLanes(), History: emptyHistory(now), At: now}
	var pools, outdated []string
	questions := []question{
		{wire.Cmd("ZCARD", q.Keys.Scheduled()), into(&stats.Scheduled)},
		{wire.Cmd("ZCARD", q.Keys.Retry()), into(&stats.Retrying)},
		{wire.Cmd("ZCARD", q.Keys.Dead()), into(&stats.Dead)},
		{wire.Cmd("LLEN", q.Keys.SetAside()), into(&stats.SetAside)},
		{wire.Cmd("LRANGE", q.Keys.SetAside(), 0, showAside-1), func(reply any) { stats.Aside = readAsides(reply) }},
		{wire.Cmd("SMEMBERS", q.Keys.Pools()), func(reply any) { pools, _ = redis.Strings(reply, nil) }},
		{wire.Cmd("SMEMBERS", q.Keys.States()), func(reply any) { outdated = queue.StateNames(reply, queue.OutdatedPrefix) }},
		{wire.Cmd("HMGET", q.Keys.Outcomes(), "succeeded", "failed"), func(reply any) { stats.Succeeded, stats.Failed = readOutcomes(reply) }},
		{wire.Cmd("GET", q.Keys.WorkersSeen()), func(reply any) { stats.BeatAt = readSeconds(reply) }},
	}
	for i := range stats.Lanes {
		questions = append(questions, stats.Lanes[i].questions(q, now)...)
	}
	for i := range stats.History {
		questions = append(questions, stats.History[i].question(q))
	}
	replies, err := ask(ctx, q, questions)
	if err != nil {
		return Stats{}, fmt.Errorf("read the queue's numbers: %w", err)
	}
	if down := wire.NotServing(replies); down != nil {
		return Stats{}, fmt.Errorf("read the queue's numbers: %w", wire.Unavailable(down))
	}
	if err = stats.readWorkers(ctx, q, pools, outdated); err != nil {
		return Stats{}, fmt.Errorf("read the workers' heartbeats: %w", err)
	}
	return stats, nil
}

// emptyLanes are the lanes with nothing in them.
func emptyLanes() []Lane {
	var lanes []Lane
	for _, name := range queue.Lanes() {
		lanes = append(lanes, Lane{Name: name})
	}
	return lanes
}

func (l *Lane) questions(q *queue.Queue, now time.Time) []question {
	return []question{
		{wire.Cmd("LLEN", q.Keys.Lane(l.Name)), into(&l.Size)},
		{wire.Cmd("LINDEX", q.Keys.Lane(l.Name), -1), func(reply any) { l.Latency = age(reply, now) }},
		{wire.Cmd("EXISTS", q.Keys.Paused(l.Name)), func(reply any) { l.Paused = wire.Number(reply) > 0 }},
	}
}

// age is how long ago a job was pushed.
func age(reply any, now time.Time) time.Duration {
	data, _ := reply.([]byte)
	at := queue.PushedAt(data)
	if at.IsZero() {
		return 0
	}
	return max(now.Sub(at).Truncate(time.Second), 0)
}
