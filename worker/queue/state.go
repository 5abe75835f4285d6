package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gomodule/redigo/redis"

	"workflows/worker/queue/wire"
)

// lookedAt is how many names each writer looks at, whether there is a state under them
// still: each of a set of any size comes up in time.
const lookedAt = 5

// SetState publishes a small JSON value under a name, for as long as ttl. It is
// for showing only: schedulers say who they are and what is next. Whoever writes takes
// names out whose state has expired: nobody may ever read them.
func (q *Queue) SetState(ctx context.Context, name string, value any, ttl time.Duration) error {
	data, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("marshal the state %s: %w", name, err)
	}
	err = q.Exec(ctx,
		wire.Cmd("SET", q.Keys.State(name), data, "PX", max(ttl.Milliseconds(), 1)),
		wire.Cmd("SADD", q.Keys.States(), name))
	if err != nil {
		return fmt.Errorf("publish the state %s: %w", name, err)
	}
	if some, err := q.Pipeline(ctx, wire.Cmd("SRANDMEMBER", q.Keys.States(), lookedAt)); err == nil { // else the next writer does
		_, _ = q.statesUnder(ctx, StateNames(some[0], ""))
	}
	return nil
}

// States reads what is published under names that begin with prefix, in their
// order. Names whose state has expired are forgotten.
func (q *Queue) States(ctx context.Context, prefix string) ([]json.RawMessage, error) {
	replies, err := q.Pipeline(ctx, wire.Cmd("SMEMBERS", q.Keys.States()))
	if err != nil {
		return nil, fmt.Errorf("list the states: %w", wire.Unavailable(err))
	}
	return q.statesUnder(ctx, StateNames(replies[0], prefix))
}

// statesUnder reads the states under these names, and forgets those without one.
func (q *Queue) statesUnder(ctx context.Context, names []string) ([]json.RawMessage, error) {
	var commands []wire.Command
	for _, name := range names {
		commands = append(commands, wire.Cmd("GET", q.Keys.State(name)))
	}
	replies, err := q.Pipeline(ctx, commands...)
	if err != nil {
		return nil, fmt.Errorf("read the states: %w", wire.Unavailable(err))
	}
	var states []json.RawMessage
	var gone []wire.Command
	for i, reply := range replies {
		if state, ok := reply.([]byte); ok {
			states = append(states, state)
		} else if reply == nil {
			gone = append(gone, wire.Cmd("SREM", q.Keys.States(), names[i]))
		}
	}
	_, _ = q.Pipeline(ctx, gone...) // tidying: the next reader tries again
	return states, nil
}

// StateNames are those in Redis's answer that begin with prefix, in their order.
func StateNames(reply any, prefix string) []string {
	names, _ := redis.Strings(reply, nil)
	names = slices.DeleteFunc(names, func(name string) bool { return !strings.HasPrefix(name, prefix) })
	slices.Sort(names)
	return names
}

// ReadState reads one state from Redis's answer; false: it has expired, or a program
// that knows more has written it.
func ReadState[T any](reply any) (state T, known bool) {
	data, _ := reply.([]byte)
	known = json.Unmarshal(data, &state) == nil
	return state, known
}

// StatesOf are the states under names that begin with prefix which can be read.
func StatesOf[T any](ctx context.Context, q *Queue, prefix string) ([]T, error) {
	found, err := q.States(ctx, prefix)
	if err != nil {
		return nil, err
	}
	var states []T
	for _, data := range found {
		if state, known := ReadState[T]([]byte(data)); known {
			states = append(states, state)
		}
	}
	return states, nil
}
