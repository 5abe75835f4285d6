package queue

import (
	"context"
	"strings"

	"github.com/gomodule/redigo/redis"
)

// keepMoved is how many seconds a key stays that was moved out of the way.
const keepMoved = 7 * 24 * 3600

// mendIfBroken reports whether the refusal came from a key of a wrong type, and
// moves such keys out of the way. Nothing in Redis is the only copy of anything.
func (q *Queue) mendIfBroken(ctx context.Context, refusal redis.Error) bool {
	text := string(refusal)
	if !strings.Contains(text, "WRONGTYPE") && !strings.Contains(text, "wrong kind of value") {
		return false
	}
	types := q.expectedTypes()
	names := make([]string, 0, len(types))
	commands := make([]command, 0, len(types))
	for key := range types {
		names = append(names, key)
		commands = append(commands, cmd("TYPE", key))
	}
	replies, err := q.pipeline(ctx, commands...)
	if err != nil {
		return false
	}
	mended := false
	for i, key := range names {
		kind, _ := redis.String(replies[i], nil)
		if kind == "none" || kind == types[key] {
			continue
		}
		q.log.Warn("a Redis key of a wrong type was moved out of the way", "key", key, "type", kind, "expected", types[key])
		replies, err := q.pipeline(ctx, cmd("RENAME", key, q.keys.moved(key)), cmd("EXPIRE", q.keys.moved(key), keepMoved))
		mended = mended || (err == nil && firstError(replies) == nil)
	}
	return mended
}

// expectedTypes names the type of each key that gocraft/work's scripts touch.
func (q *Queue) expectedTypes() map[string]string {
	types := map[string]string{
		q.keys.knownJobs(): "set", q.keys.pools(): "set", q.keys.setAside(): "list", q.keys.states(): "set",
		q.keys.scheduled(): "zset", q.keys.retry(): "zset", q.keys.dead(): "zset",
	}
	for _, lane := range Lanes() {
		types[q.keys.lane(lane)] = "list"
		types[q.keys.paused(lane)] = "string"
	}
	return types
}
