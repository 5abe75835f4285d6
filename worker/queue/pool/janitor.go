package pool

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/gomodule/redigo/redis"

	"workflows/worker/queue"
	"workflows/worker/queue/wire"
)

const (
	// scanCalls bounds how many steps through the key space one round makes; the
	// next round goes on from there.
	scanCalls = 10
)

// janitor removes what workers left in Redis when they died. gocraft/work's own
// reaper does it after ten minutes and stops at the first job that it cannot read.
type janitor struct {
	q      *queue.Queue
	log    *slog.Logger
	cursor string
	seen   map[string]sighting
}

// sighting is a pool's heartbeat as it was, and since when it has not changed. A
// worker is judged by this and our clock, never by the time that it wrote.
type sighting struct {
	beat  string
	since time.Time
}

func (j *janitor) run(ctx context.Context) {
	ticker := time.NewTicker(queue.Silence)
	defer ticker.Stop()
	for {
		j.round(ctx, time.Now())
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// round looks at every pool that has a trace and cleans up after those that have
// been silent. Errors end the round; the next one begins anew.
func (j *janitor) round(ctx context.Context, now time.Time) {
	pools, err := j.pools(ctx)
	if err != nil {
		return
	}
	beats := make([]wire.Command, 0, len(pools))
	for _, id := range pools {
		beats = append(beats, wire.Cmd("HGET", j.q.Keys.Heartbeat(id), "heartbeat_at"))
	}
	replies, err := j.q.Pipeline(ctx, beats...)
	if err != nil {
		return
	}
	seen := make(map[string]sighting, len(pools))
	for i, id := range pools {
		beat, _ := redis.String(replies[i], nil)
		last, known := j.seen[id]
		if !known || last.beat != beat {
			last = sighting{beat: beat, since: now}
		}
		if now.Sub(last.since) >= queue.Silence {
			j.bury(ctx, id)
			continue
		}
		seen[id] = last
	}
	j.seen = seen
}

// pools lists the ids of all pools that have a heartbeat, an entry among the
// pools, or jobs in progress.
func (j *janitor) pools(ctx context.Context) ([]string, error) {
	replies, err := j.q.Pipeline(ctx, wire.Cmd("SMEMBERS", j.q.Keys.Pools()))
	if err != nil {
		return nil, err
	}
	ids, _ := redis.Strings(replies[0], nil)
	found := map[string]bool{}
	for _, id := range ids {
		found[id] = true
	}
	if err := j.scan(ctx, found); err != nil {
		return nil, err
	}
	ids = ids[:0]
	for id := range found {
		ids = append(ids, id)
	}
	return ids, nil
}

// scan adds the pools of the in-progress lists that it meets.
func (j *janitor) scan(ctx context.Context, found map[string]bool) error {
	if j.cursor == "" {
		j.cursor = "0"
	}
	for range scanCalls {
		replies, err := j.q.Pipeline(ctx, wire.Cmd("SCAN", j.cursor, "MATCH", j.q.Keys.AnyInProgress(), "COUNT", 1000))
		if err != nil {
			return err
		}
		page, err := redis.Values(replies[0], nil)
		if err != nil || len(page) != 2 {
			j.cursor = "0"
			return nil
		}
		j.cursor, _ = redis.String(page[0], nil)
		keys, _ := redis.Strings(page[1], nil)
		for _, key := range keys {
			if id := j.owner(key); id != "" {
				found[id] = true
			}
		}
		if j.cursor == "0" {
			return nil
		}
	}
	return nil
}

// owner is the pool that an in-progress list of one of our lanes belongs to.
func (j *janitor) owner(key string) string {
	for _, lane := range queue.Lanes() {
		rest, ok := strings.CutPrefix(key, j.q.Keys.Lane(lane)+":")
		if !ok {
			continue
		}
		if id, ok := strings.CutSuffix(rest, ":inprogress"); ok {
			return id
		}
	}
	return ""
}

// bury removes what a dead pool left. Its runs come back by themselves: those that
// it had claimed when their leases end, the others when the sweeper misses a hint.
func (j *janitor) bury(ctx context.Context, id string) {
	replies, err := j.q.Pipeline(ctx, wire.Cmd("HGET", j.q.Keys.Heartbeat(id), "worker_ids"))
	if err != nil {
		return
	}
	workers, _ := redis.String(replies[0], nil)
	commands := []wire.Command{wire.Cmd("SREM", j.q.Keys.Pools(), id), wire.Cmd("DEL", j.q.Keys.Heartbeat(id))}
	for _, lane := range queue.Lanes() {
		commands = append(commands, wire.Cmd("DEL", j.q.Keys.InProgress(lane, id)))
	}
	for _, worker := range strings.Split(workers, ",") {
		commands = append(commands, wire.Cmd("DEL", j.q.Keys.Worker(worker)))
	}
	if _, err := j.q.Pipeline(ctx, commands...); err == nil {
		j.log.Info("the traces of a silent worker were removed", "pool", id)
	}
}
