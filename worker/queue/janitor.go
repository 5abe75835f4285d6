package queue

import (
	"context"
	"strings"
	"time"

	"github.com/gomodule/redigo/redis"
)

const (
	// silence is how long a worker may be unheard before it counts as gone; it
	// beats every five seconds.
	silence = 15 * time.Second
	// scanCalls bounds how many steps through the key space one round makes; the
	// next round goes on from there.
	scanCalls = 10
)

// janitor removes what workers left in Redis when they died. gocraft/work's own
// reaper does it after ten minutes and stops at the first job that it cannot read.
type janitor struct {
	q      *Queue
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
	ticker := time.NewTicker(silence)
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
	beats := make([]command, 0, len(pools))
	for _, id := range pools {
		beats = append(beats, cmd("HGET", j.q.keys.heartbeat(id), "heartbeat_at"))
	}
	replies, err := j.q.pipeline(ctx, beats...)
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
		if now.Sub(last.since) >= silence {
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
	replies, err := j.q.pipeline(ctx, cmd("SMEMBERS", j.q.keys.pools()))
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
		replies, err := j.q.pipeline(ctx, cmd("SCAN", j.cursor, "MATCH", globEscape(j.q.keys.prefix)+"jobs:*:inprogress", "COUNT", 1000))
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
	for _, lane := range Lanes() {
		rest, ok := strings.CutPrefix(key, j.q.keys.lane(lane)+":")
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
	replies, err := j.q.pipeline(ctx, cmd("HGET", j.q.keys.heartbeat(id), "worker_ids"))
	if err != nil {
		return
	}
	workers, _ := redis.String(replies[0], nil)
	commands := []command{cmd("SREM", j.q.keys.pools(), id), cmd("DEL", j.q.keys.heartbeat(id))}
	for _, lane := range Lanes() {
		commands = append(commands, cmd("DEL", j.q.keys.held(lane, id)))
	}
	for _, worker := range strings.Split(workers, ",") {
		commands = append(commands, cmd("DEL", j.q.keys.worker(worker)))
	}
	if _, err := j.q.pipeline(ctx, commands...); err == nil {
		j.q.log.Info("the traces of a silent worker were removed", "pool", id)
	}
}

// globEscape makes a namespace stand for itself in a pattern.
func globEscape(text string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(text)
}
