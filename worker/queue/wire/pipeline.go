package wire

import (
	"context"
	"errors"
	"time"

	"github.com/gomodule/redigo/redis"
)

// Command is one Redis command with its arguments.
type Command struct {
	Name string
	Args []any
}

// Cmd makes a command.
func Cmd(name string, args ...any) Command { return Command{Name: name, Args: args} }

// Pipeline sends the commands in one round trip and returns a reply for each.
// A reply that is a redis.Error is the server's refusal of that one command; the
// returned error says that the server could not be reached. Both are told to the
// log, as an outage, here and nowhere else.
func (w *Wire) Pipeline(ctx context.Context, commands ...Command) ([]any, error) {
	if len(commands) == 0 {
		return nil, nil
	}
	began := time.Now()
	replies, err := w.exchange(ctx, commands)
	w.noteRoundTrip(ctx, began, commands, replies, err)
	return replies, err
}

func (w *Wire) exchange(ctx context.Context, commands []Command) ([]any, error) {
	ctx, cancel := context.WithTimeout(ctx, ioTimeout)
	defer cancel()
	conn, err := w.pool.GetContext(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	for _, c := range commands {
		if err := conn.Send(c.Name, c.Args...); err != nil {
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

// Exec is a pipeline of which every command must be accepted.
func (w *Wire) Exec(ctx context.Context, commands ...Command) error {
	replies, err := w.Pipeline(ctx, commands...)
	if err == nil {
		err = FirstError(replies)
	}
	if err != nil {
		return Unavailable(err)
	}
	return nil
}
