// Package wire is the way to Redis: the address, the connections, one pipeline for
// all commands, and the spelling of every key. It knows nothing of runs.
//
// All that goes to Redis goes through Pipeline, so this is also where an outage is
// met and told. Only the rooms of worker/queue may import it: no other package
// names a key or a command.
package wire

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
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

// RoundTrip is how long an answer may take before the connection is given up.
const RoundTrip = ioTimeout

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

// Wire is the way to one Redis. It is safe for use by many goroutines.
type Wire struct {
	Keys    Keys
	target  target
	pool    *redis.Pool
	outages outages
	failed  atomic.Pointer[time.Time] // when the server was last not reached
}

// Open prepares the connections and makes none; an address that cannot be read
// is the only error.
func Open(options Options) (*Wire, error) {
	target, err := readAddress(options.URL, options.TLSInsecure)
	if err != nil {
		return nil, err
	}
	log := options.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	w := &Wire{Keys: newKeys(options.Namespace), target: target, outages: newOutages(log, target.String())}
	w.pool = &redis.Pool{
		DialContext:  target.dial,
		MaxIdle:      maxConns,
		MaxActive:    maxConns,
		Wait:         true,
		IdleTimeout:  idleTimeout,
		TestOnBorrow: w.testIdle,
	}
	return w, nil
}

// Close ends the connections that nobody uses, and each other one as it is given back.
func (w *Wire) Close() error { return w.pool.Close() }

// Dial opens a connection besides, for a subscription. Its end is the caller's.
func (w *Wire) Dial(ctx context.Context) (redis.Conn, error) { return w.target.dial(ctx) }

// Address is where Redis is looked for, without its password.
func (w *Wire) Address() string { return w.target.String() }

// Namespace is what every key begins with, before the colon.
func (w *Wire) Namespace() string { return w.Keys.Namespace() }

// Away reports whether Redis could not be reached when it was last asked.
func (w *Wire) Away() bool { return w.outages.unreached.Away() }

// Ping asks Redis for a sign of life; models.ErrUnavailable says that none came.
func (w *Wire) Ping(ctx context.Context) error {
	if err := w.Exec(ctx, Cmd("PING")); err != nil {
		return fmt.Errorf("reach Redis at %s: %w", w.Address(), err)
	}
	return nil
}

// errOutlived says that a connection may have ended with an outage, as all do when a
// server starts anew.
var errOutlived = errors.New("the connection is older than an outage")

// testIdle asks a connection that has been idle for a while whether it still
// works, before a command is lost on it.
func (w *Wire) testIdle(conn redis.Conn, since time.Time) error {
	if failed := w.failed.Load(); failed != nil && since.Before(*failed) {
		return errOutlived
	}
	if time.Since(since) < 30*time.Second {
		return nil
	}
	_, err := redis.DoWithTimeout(conn, dialTimeout, "PING")
	return err
}
