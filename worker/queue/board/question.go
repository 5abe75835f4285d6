package board

import (
	"context"

	"workflows/worker/queue"
	"workflows/worker/queue/wire"
)

// question is a command together with what becomes of its reply.
type question struct {
	command wire.Command
	read    func(reply any)
}

// ask has all of them answered in one round trip. What is refused is read as
// nothing; the replies are returned besides.
func ask(ctx context.Context, q *queue.Queue, questions []question) ([]any, error) {
	commands := make([]wire.Command, len(questions))
	for i := range questions {
		commands[i] = questions[i].command
	}
	replies, err := q.Pipeline(ctx, commands...)
	if err != nil {
		return nil, wire.Unavailable(err)
	}
	for i, reply := range replies {
		questions[i].read(reply)
	}
	return replies, nil
}

// into reads a number.
func into(number *int64) func(reply any) {
	return func(reply any) { *number = wire.Number(reply) }
}
