package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gomodule/redigo/redis"
)

// SetState publishes a small JSON value under a name, for as long as ttl. It is
// for showing only: schedulers say who they are and what is next.
func (q *Queue) SetState(ctx context.Context, name string, value any, ttl time.Duration) error {
	data, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("marshal the state %s: %w", name, err)
	}
	err = q.run(ctx,
		cmd("SET", q.keys.state(name), data, "PX", max(ttl.Milliseconds(), 1)),
		cmd("SADD", q.keys.states(), name))
	if err != nil {
		return fmt.Errorf("publish the state %s: %w", name, err)
	}
	return nil
}

// States reads what is published under names that begin with prefix, in their
// order. Names whose state has expired are forgotten.
func (q *Queue) States(ctx context.Context, prefix string) ([]json.RawMessage, error) {
	replies, err := q.pipeline(ctx, cmd("SMEMBERS", q.keys.states()))
	if err != nil {
		return nil, fmt.Errorf("list the states: %w", unavailable(err))
	}
	names, _ := redis.Strings(replies[0], nil)
	names = slices.DeleteFunc(names, func(name string) bool { return !strings.HasPrefix(name, prefix) })
	slices.Sort(names)
	var commands []command
	for _, name := range names {
		commands = append(commands, cmd("GET", q.keys.state(name)))
	}
	if replies, err = q.pipeline(ctx, commands...); err != nil {
		return nil, fmt.Errorf("read the states: %w", unavailable(err))
	}
	var states []json.RawMessage
	var gone []command
	for i, reply := range replies {
		if state, ok := reply.([]byte); ok {
			states = append(states, state)
		} else if reply == nil {
			gone = append(gone, cmd("SREM", q.keys.states(), names[i]))
		}
	}
	_, _ = q.pipeline(ctx, gone...) // tidying: the next reader tries again
	return states, nil
}
