package queue

import (
	"context"
	"slices"
	"strings"

	"github.com/gomodule/redigo/redis"
)

// conn is what gocraft/work takes for its connection to Redis. It holds none: it
// gathers commands and hands them to the queue's own pipeline. gocraft/work never
// sees an error, because it could only print it, again and again, and sleep.
type conn struct {
	pool    *pool
	pending []command
}

var _ redis.Conn = (*conn)(nil)

// Close implements redis.Conn.
func (c *conn) Close() error { return nil }

// Err implements redis.Conn: this connection cannot break.
func (c *conn) Err() error { return nil }

// Send implements redis.Conn.
func (c *conn) Send(name string, args ...any) error {
	c.pending = append(c.pending, cmd(name, args...))
	return nil
}

// Flush implements redis.Conn: the gathered commands are executed, replies unread.
func (c *conn) Flush() error {
	c.pool.write(c.take())
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
		c.pool.ack(slices.DeleteFunc(c.take(), needless))
		return nil, nil
	}
	if err := c.Flush(); err != nil {
		return nil, err
	}
	return c.pool.do(cmd(name, args...))
}

// needless tells what of an acknowledgement is left out: its MULTI, as no part
// depends on another, and the return of locks, of which takeScript takes none.
func needless(c command) bool { return c.name == "MULTI" || c.name == "DECR" || c.name == "HINCRBY" }

func (c *conn) take() []command {
	pending := c.pending
	c.pending = nil
	return pending
}

// write executes commands of which nobody reads the replies.
func (p *pool) write(commands []command) {
	if len(commands) == 0 || p.hopeless() {
		return
	}
	p.attempt(p.withExpiry(commands)...)
}

// do executes one command and gives gocraft/work a reply that it can live with.
func (p *pool) do(c command) (any, error) {
	key := scriptKey(c)
	if p.q.keys.fetched(key) {
		p.poolID.CompareAndSwap(nil, lastText(c.args))
		return p.fetch(&fetch{command: c, answer: make(chan any, 1)})
	}
	if p.hopeless() {
		return calm(c), nil
	}
	replies := p.attempt(c)
	if replies == nil {
		return calm(c), nil
	}
	refusal, refused := replies[0].(redis.Error)
	if refused && strings.HasPrefix(string(refusal), "NOSCRIPT") {
		return nil, refusal
	}
	if key == p.q.keys.scheduled() || key == p.q.keys.retry() {
		return p.requeued(key, replies[0])
	}
	if refused {
		return calm(c), nil
	}
	return replies[0], nil
}

// attempt is a pipeline of which gocraft/work gets nothing when Redis is away.
func (p *pool) attempt(commands ...command) []any {
	replies, err := p.q.pipeline(context.Background(), commands...)
	if err != nil {
		return nil
	}
	if refusal, ok := firstError(replies).(redis.Error); ok && !strings.HasPrefix(string(refusal), "NOSCRIPT") {
		p.refusedOne("Redis refuses a command of the worker pool", refusal)
	}
	return replies
}

// hopeless reports that nothing is worth trying: the pool stops and Redis is
// away, where one timeout after another would hold up the stop; or the pool is
// gone, although gocraft/work still waits for a handler, and must not beat on.
func (p *pool) hopeless() bool {
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
		if !p.q.mendIfBroken(context.Background(), refusal) {
			p.q.setAsideDue(context.Background(), key)
		}
		return nil, nil
	}
	if reply == nil {
		return nil, nil
	}
	p.attempt(cmd("PUBLISH", p.q.keys.bell(), 1)) // the script pushes without ringing
	return "ok", nil
}

// withExpiry makes a heartbeat end by itself, 15 s after its worker fell silent
// and whatever its clock says, and notes when workers were last seen.
func (p *pool) withExpiry(commands []command) []command {
	for _, c := range commands {
		key, _ := first(c.args).(string)
		if c.name == "HMSET" && p.q.keys.isHeartbeat(key) {
			return append(commands,
				cmd("EXPIRE", key, int(silence.Seconds())),
				cmd("SET", p.q.keys.workersSeen(), nowSeconds()))
		}
	}
	return commands
}

// scriptKey is the first key of a script call, else "".
func scriptKey(c command) string {
	if (c.name != "EVALSHA" && c.name != "EVAL") || len(c.args) < 3 {
		return ""
	}
	key, _ := c.args[2].(string)
	return key
}

// calm is a reply that says "there is nothing".
func calm(c command) any {
	if c.name == "SMEMBERS" {
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
