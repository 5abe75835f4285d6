package queue

import (
	"context"
	"errors"
	"time"

	"github.com/gomodule/redigo/redis"

	"workflows/models"
)

// command is one Redis command with its arguments.
type command struct {
	name string
	args []any
}

func cmd(name string, args ...any) command { return command{name: name, args: args} }

// pipeline sends the commands in one round trip and returns a reply for each.
// A reply that is a redis.Error is the server's refusal of that one command; the
// returned error says that the server could not be reached. Both are told to the
// log, as an outage, here and nowhere else.
func (q *Queue) pipeline(ctx context.Context, commands ...command) ([]any, error) {
	if len(commands) == 0 {
		return nil, nil
	}
	began := time.Now()
	replies, err := q.exchange(ctx, commands)
	q.tell(ctx, began, commands, replies, err)
	return replies, err
}

func (q *Queue) exchange(ctx context.Context, commands []command) ([]any, error) {
	ctx, cancel := context.WithTimeout(ctx, ioTimeout)
	defer cancel()
	conn, err := q.pool.GetContext(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	for _, c := range commands {
		if err := conn.Send(c.name, c.args...); err != nil {
			return nil, err
		}
	}
	if err := conn.Flush(); err != nil {
		return nil, err
	}
	deadline, _ := ctx.Deadline()
	replies := make([]any, len(commands))
	for i := range commands {
		reply, err := redis.ReceiveWithTimeout(conn, max(time.Until(deadline), time.Millisecond))
		if refusal := redis.Error(""); errors.As(err, &refusal) {
			replies[i] = refusal
			continue
		}
		if err != nil {
			return nil, err
		}
		replies[i] = reply
	}
	return replies, nil
}

// run is a pipeline of which every command must be accepted.
func (q *Queue) run(ctx context.Context, commands ...command) error {
	replies, err := q.pipeline(ctx, commands...)
	if err == nil {
		err = firstError(replies)
	}
	if err != nil {
		return unavailable(err)
	}
	return nil
}

// firstError is the first refusal among the replies.
func firstError(replies []any) error {
	for _, reply := range replies {
		if refusal, ok := reply.(redis.Error); ok {
			return refusal
		}
	}
	return nil
}

// unavailable marks what Redis could not do now. Its refusals count too: out of
// memory, read-only and loading are all "not now" for whoever wanted to ring.
func unavailable(err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	return errors.Join(models.ErrUnavailable, err)
}
