package queue

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/gomodule/redigo/redis"
)

const (
	// ioTimeout bounds one round trip: a half-open connection is given up after it.
	ioTimeout   = 5 * time.Second
	dialTimeout = 2 * time.Second
	// idleTimeout is below the 300 s after which hosted servers cut idle connections.
	idleTimeout = 240 * time.Second
	// maxConns bounds the connections of one process; a small hosted Redis allows
	// 20 for all. The pool's fetchers hold none while they wait.
	maxConns = 8
)

// Options say where Redis is.
type Options struct {
	// URL is redis://… or rediss://…
	URL string
	// Namespace begins every key; "workflows" when empty.
	Namespace string
	// TLSInsecure accepts a certificate that nobody known has signed.
	TLSInsecure bool
	Log         *slog.Logger
}

// Queue is the way to Redis. It is safe for use by many goroutines.
type Queue struct {
	target  target
	keys    keys
	log     *slog.Logger
	pool    *redis.Pool
	rooms   rooms
	outages outages
}

// Open prepares the connections and makes none; an address that cannot be read
// is the only error.
func Open(options Options) (*Queue, error) {
	target, err := readAddress(options.URL, options.TLSInsecure)
	if err != nil {
		return nil, err
	}
	q := &Queue{target: target, keys: newKeys(options.Namespace), log: options.Log}
	if q.log == nil {
		q.log = slog.New(slog.DiscardHandler)
	}
	q.outages = newOutages(q.log, q.Address())
	q.pool = &redis.Pool{
		DialContext:  q.target.dial,
		MaxIdle:      maxConns,
		MaxActive:    maxConns,
		Wait:         true,
		IdleTimeout:  idleTimeout,
		TestOnBorrow: testIdle,
	}
	return q, nil
}

// Close ends the connections that nobody uses, and each other one as it is given back.
func (q *Queue) Close() error { return q.pool.Close() }

// Address is where Redis is looked for, without its password.
func (q *Queue) Address() string { return q.target.String() }

// Namespace is what every key begins with, before the colon.
func (q *Queue) Namespace() string { return q.keys.namespace() }

// Away reports whether Redis could not be reached when it was last asked.
func (q *Queue) Away() bool { return q.outages.unreached.Away() }

// Ping asks Redis for a sign of life; models.ErrUnavailable says that none came.
func (q *Queue) Ping(ctx context.Context) error {
	replies, err := q.pipeline(ctx, cmd("PING"))
	if err == nil {
		err = firstError(replies)
	}
	if err != nil {
		return fmt.Errorf("reach Redis at %s: %w", q.Address(), unavailable(err))
	}
	return nil
}

// testIdle asks a connection that has been idle for a while whether it still
// works, before a command is lost on it.
func testIdle(conn redis.Conn, since time.Time) error {
	if time.Since(since) < 30*time.Second {
		return nil
	}
	_, err := redis.DoWithTimeout(conn, dialTimeout, "PING")
	return err
}
