package pool

import (
	"context"
	"strings"

	"github.com/gomodule/redigo/redis"

	"workflows/worker/queue"
	"workflows/worker/queue/wire"
)

// keepMoved is how many seconds a key stays that was moved out of the way.
const keepMoved = 7 * 24 * 3600

// mendIfBroken reports whether the refusal came from a key of a wrong type, and
// moves such keys out of the way. Nothing in Redis is the only copy of anything.
func (p *pool) mendIfBroken(refusal redis.Error) bool {
	text := string(refusal)
	if !strings.Contains(text, "WRONGTYPE") && !strings.Contains(text, "wrong kind of value") {
		return false
	}
	types := p.expectedTypes()
	names := make([]string, 0, len(types))
	commands := make([]wire.Command, 0, len(types))
	for key := range types {
		names = append(names, key)
		commands = append(commands, wire.Cmd("TYPE", key))
	}
	replies, err := p.q.Pipeline(context.Background(), commands...)
	if err != nil {
		return false
	}
	mended := false
	for i, key := range names {
		kind, _ := redis.String(replies[i], nil)
		if kind == "none" || kind == types[key] {
			continue
		}
		p.log.Warn("a Redis key of a wrong type was moved out of the way", "key", key, "type", kind, "expected", types[key])
		moved := p.q.Keys.Moved(key)
		replies, err := p.q.Pipeline(context.Background(), wire.Cmd("RENAME", key, moved), wire.Cmd("EXPIRE", moved, keepMoved))
		mended = mended || (err == nil && wire.FirstError(replies) == nil)
	}
	return mended
}

// expectedTypes names the type of each key that gocraft/work's scripts touch.
func (p *pool) expectedTypes() map[string]string {
	keys := p.q.Keys
	types := map[string]string{
		keys.KnownJobs(): "set", keys.Pools(): "set", keys.SetAside(): "list", keys.States(): "set",
		keys.Scheduled(): "zset", keys.Retry(): "zset", keys.Dead(): "zset",
	}
	for _, lane := range queue.Lanes() {
		types[keys.Lane(lane)] = "list"
		types[keys.Paused(lane)] = "string"
	}
	return types
}
