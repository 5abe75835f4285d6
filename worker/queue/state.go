package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/gomodule/redigo/redis"

	"workflows/models"
)

// SetState publishes a small JSON value under a name, for as long as ttl. It is
// for showing only: schedulers say what is next, and who they are.
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

// State reads what SetState has published; models.ErrNotFound when it has expired.
func (q *Queue) State(ctx context.Context, name string, into any) error {
	replies, err := q.pipeline(ctx, cmd("GET", q.keys.state(name)))
	if err == nil {
		err = firstError(replies)
	}
	if err != nil {
		return fmt.Errorf("read the state %s: %w", name, unavailable(err))
	}
	data, ok := replies[0].([]byte)
	if !ok {
		return fmt.Errorf("read the state %s: %w", name, models.ErrNotFound)
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("read the state %s: %w", name, err)
	}
	return nil
}

// States lists the names that begin with prefix and have not expired, sorted.
func (q *Queue) States(ctx context.Context, prefix string) ([]string, error) {
	replies, err := q.pipeline(ctx, cmd("SMEMBERS", q.keys.states()))
	if err != nil {
		return nil, fmt.Errorf("list the states: %w", unavailable(err))
	}
	names, _ := redis.Strings(replies[0], nil)
	sort.Strings(names)
	var asked []string
	var commands []command
	for _, name := range names {
		if strings.HasPrefix(name, prefix) {
			asked, commands = append(asked, name), append(commands, cmd("EXISTS", q.keys.state(name)))
		}
	}
	replies, err = q.pipeline(ctx, commands...)
	if err != nil {
		return nil, fmt.Errorf("list the states: %w", unavailable(err))
	}
	var found []string
	var gone []command
	for i, name := range asked {
		if replies[i] == int64(1) {
			found = append(found, name)
			continue
		}
		gone = append(gone, cmd("SREM", q.keys.states(), name))
	}
	_, _ = q.pipeline(ctx, gone...) // tidying: the next reader tries again
	return found, nil
}
