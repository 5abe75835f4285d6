package pool

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/gomodule/redigo/redis"

	"workflows/worker/queue"
	"workflows/worker/queue/wire"
)

// conn is what gocraft/work takes for its connection to Redis. It holds none: it
// gathers commands and hands them to the queue's own pipeline. gocraft/work never
// sees an error, because it could only print it, again and again, and sleep.
type conn struct {
	pool    *pool
	pending []wire.Command
}

var _ redis.Conn = (*conn)(nil)

// Close implements redis.Conn.
func (c *conn) Close() error { return nil }

// Err implements redis.Conn: this connection cannot break.
func (c *conn) Err() error { return nil }

// Send implements redis.Conn.
func (c *conn) Send(name string, args ...any) error {
	c.pending = append(c.pending, wire.Cmd(name, args...))
	return nil
}

// Flush implements redis.Conn: the gathered commands are executed, replies unread.
func (c *conn) Flush() error {
	c.pool.tell(c.gathered())
	return nil
}

// Receive implements redis.Conn; the pool never calls it.
func (c *conn) Receive() (any, error) { return nil, nil }

// Do implements redis.Conn.
func (c *conn) Do(name string, args ...any) (any, error) {
	if name == "" { // the end of a borrowing
		return nil, c.Flush()
	}
	if name == "EXEC" {
		c.pool.ack(slices.DeleteFunc(c.gathered(), needless))
		return nil, nil
	}
	if err := c.Flush(); err != nil {
		return nil, err
	}
	return c.pool.doOne(wire.Cmd(name, args...))
}

// needless tells what of an acknowledgement is left out: its MULTI, as no part
// depends on another, and the return of locks, of which handOut takes none.
func needless(c wire.Command) bool {
	return c.Name == "MULTI" || c.Name == "DECR" || c.Name == "HINCRBY"
}

func (c *conn) gathered() []wire.Command {
	pending := c.pending
	c.pending = nil
	return pending
}

// tell executes commands of which nobody reads the replies.
func (p *pool) tell(commands []wire.Command) {
	if len(commands) == 0 || p.pointless() {
		return
	}
	p.tryPipeline(p.withExpiry(commands)...)
}

// doOne executes one command and gives gocraft/work a reply that it can live with.
func (p *pool) doOne(c wire.Command) (any, error) {
	key := scriptKey(c)
	if p.isLane(key) {
		p.poolID.CompareAndSwap(nil, lastText(c.Args))
		return p.awaitJob(&fetch{command: c, answer: make(chan any, 1)})
	}
	if p.pointless() {
		return calm(c), nil
	}
	replies := p.tryPipeline(c)
	if replies == nil {
		return calm(c), nil
	}
	refusal, refused := replies[0].(redis.Error)
	if refused && strings.HasPrefix(string(refusal), "NOSCRIPT") {
		return nil, refusal
	}
	if key == p.q.Keys.Scheduled() || key == p.q.Keys.Retry() {
		return p.requeued(key, replies[0])
	}
	if refused {
		return calm(c), nil
	}
	return replies[0], nil
}

// tryPipeline is a pipeline of which gocraft/work gets nothing when Redis is away.
func (p *pool) tryPipeline(commands ...wire.Command) []any {
	replies, err := p.q.Pipeline(context.Background(), commands...)
	if err != nil {
		return nil
	}
	if refusal, ok := wire.FirstError(replies).(redis.Error); ok && !strings.HasPrefix(string(refusal), "NOSCRIPT") {
		p.complainOf("Redis refuses a command of the worker pool", refusal)
	}
	return replies
}

// pointless reports that nothing is worth trying: the pool stops and Redis is
// away, where one timeout after another would hold up the stop; or the pool is
// gone, although gocraft/work still waits for a handler, and must not beat on.
func (p *pool) pointless() bool {
	select {
	case <-p.ackDone:
		return true
	case <-p.stopping:
		return p.q.Away()
	default:
		return false
	}
}

// requeued reads the reply of the script that moves one due job to its lane.
// What blocks the head of the set is put aside; else it would block it for ever.
func (p *pool) requeued(key string, reply any) (any, error) {
	if refusal, refused := reply.(redis.Error); refused {
		if !p.mendIfBroken(refusal) {
			p.setAsideDue(key)
		}
		return nil, nil
	}
	if reply == nil {
		return nil, nil
	}
	p.tryPipeline(wire.Cmd("PUBLISH", p.q.Keys.Bell(), 1)) // the script pushes without ringing
	return "ok", nil
}

// withExpiry makes a heartbeat end by itself, 15 s after its worker fell silent
// and whatever its clock says, and notes when workers were last seen.
func (p *pool) withExpiry(commands []wire.Command) []wire.Command {
	for _, c := range commands {
		key, _ := first(c.Args).(string)
		if c.Name == "HMSET" && p.q.Keys.IsHeartbeat(key) {
			return append(commands,
				wire.Cmd("EXPIRE", key, int(queue.Silence.Seconds())),
				wire.Cmd("SET", p.q.Keys.WorkersSeen(), time.Now().Unix()))
		}
	}
	return commands
}

// scriptKey is the first key of a script call, else "".
func scriptKey(c wire.Command) string {
	if (c.Name != "EVALSHA" && c.Name != "EVAL") || len(c.Args) < 3 {
		return ""
	}
	key, _ := c.Args[2].(string)
	return key
}

// calm is a reply that says "there is nothing".
func calm(c wire.Command) any {
	if c.Name == "SMEMBERS" {
		return []any{}
	}
	return nil
}

func first(args []any) any {
	if len(args) == 0 {
		return nil
	}
	return args[0]
}
