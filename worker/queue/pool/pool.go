package pool

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gocraft/work"
	"github.com/gomodule/redigo/redis"
	"gorm.io/gorm"

	"workflows/worker/outage"
	"workflows/worker/queue"
	"workflows/worker/queue/wire"
)

const (
	defaultGrace       = 20 * time.Second
	defaultConcurrency = 25
	// stopLimit is how long the stop may take beyond the grace.
	stopLimit = 3 * time.Second
)

// Options say how a worker process takes work.
type Options struct {
	// Concurrency is how many runs are executed at once; 25 when 0.
	Concurrency int
	// Handle executes one run. Its error is logged and goes no further: what
	// becomes of a run is decided in the database.
	Handle func(ctx context.Context, runID string) error
	// Grace is how long handlers may go on after the stop began; 20 s when 0.
	Grace time.Duration
	// DB holds the truth about paused lanes, and about drained workers; nil leaves the keys as
	// they are.
	DB *gorm.DB
	// Database is told when DB cannot be reached; nil tells nobody.
	Database *outage.Teller
	Log      *slog.Logger
}

// pool is gocraft/work's pool together with what makes it prompt and robust.
type pool struct {
	q       *queue.Queue
	options Options
	log     *slog.Logger

	stopping   chan struct{} // closed when no further work is taken
	fetches    chan *fetch
	fetchDone  chan struct{} // closed when no fetch is answered any more
	acks       chan []wire.Command
	lastAcks   chan struct{} // closed when no handler will end any more
	ackDone    chan struct{} // closed when no acknowledgement is taken any more
	bell       *bell
	complaints complaints
	handlers   *handlers
	janitor    *janitor
	script     *script // the feeder's
	hand       *hand
	unsure     atomic.Bool   // Redis may hold jobs as ours that never reached us
	poolID     atomic.Value  // gocraft's id of the pool, seen in its fetches
	drained    atomic.Bool   // somebody has it take nothing further
	asked      chan struct{} // somebody has just drained or released it
}

// Run takes work until ctx ends. Then no further hint is taken, running handlers
// may go on for the grace, and their contexts end; Run returns at most three
// seconds later, whatever the handlers or Redis do. While Redis is away Run waits
// for it.
func Run(ctx context.Context, q *queue.Queue, options Options) error {
	if options.Handle == nil {
		return errors.New("run the pool: no handler was given")
	}
	if options.Concurrency <= 0 {
		options.Concurrency = defaultConcurrency
	}
	if options.Grace <= 0 {
		options.Grace = defaultGrace
	}
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	p := newPool(ctx, q, options)

	background, endBackground := context.WithCancel(context.WithoutCancel(ctx))
	defer endBackground()
	var tasks sync.WaitGroup
	tasks.Go(func() { p.listen(background) })
	tasks.Go(func() { p.keepLanes(background) })
	tasks.Go(func() { p.janitor.run(background) })
	tasks.Go(p.acknowledge)
	tasks.Go(p.feed)

	gocraft := p.gocraft()
	started := make(chan struct{})
	go func() { gocraft.Start(); close(started) }() // it writes first, to a Redis that may not answer
	<-ctx.Done()
	close(p.stopping)
	stopped := make(chan struct{})
	go func() { <-started; gocraft.Stop(); close(stopped) }()
	if !p.awaitStop(stopped) {
		p.log.Warn("the worker pool did not stop in time; its runs are taken over when their leases end", "running", p.handlers.running())
	}
	close(p.lastAcks)
	endBackground()
	p.farewell(&tasks)
	return nil
}

func newPool(ctx context.Context, q *queue.Queue, options Options) *pool {
	p := &pool{
		q: q, options: options, log: options.Log,
		stopping:   make(chan struct{}),
		fetches:    make(chan *fetch, options.Concurrency),
		fetchDone:  make(chan struct{}),
		acks:       make(chan []wire.Command, 4*options.Concurrency),
		lastAcks:   make(chan struct{}),
		ackDone:    make(chan struct{}),
		bell:       newBell(),
		hand:       newHand(),
		asked:      make(chan struct{}, 1),
		complaints: complaints{log: options.Log},
		handlers:   newHandlers(context.WithoutCancel(ctx)),
	}
	p.janitor = &janitor{q: q, log: options.Log, seen: map[string]sighting{}}
	return p
}

// gocraft builds gocraft/work's pool on connections that are ours. Its own
// retries, dead jobs, uniqueness, limits and periodic jobs stay unused.
func (p *pool) gocraft() *work.WorkerPool {
	connections := &redis.Pool{
		Dial:    func() (redis.Conn, error) { return &conn{pool: p}, nil },
		MaxIdle: 2 * p.options.Concurrency,
	}
	gocraft := work.NewWorkerPool(struct{}{}, uint(p.options.Concurrency), p.q.Namespace(), connections)
	for _, lane := range queue.Lanes() {
		gocraft.JobWithOptions(lane, work.JobOptions{Priority: weight(lane), MaxFails: 1, SkipDead: true}, p.handle)
	}
	return gocraft
}

// awaitStop reports whether gocraft/work came to its end in time.
func (p *pool) awaitStop(stopped <-chan struct{}) bool {
	grace := time.NewTimer(p.options.Grace)
	defer grace.Stop()
	select {
	case <-stopped:
		return true
	case <-grace.C:
	}
	p.handlers.end(queue.ErrShutdown)
	limit := time.NewTimer(stopLimit - 500*time.Millisecond) // the rest is for the farewell
	defer limit.Stop()
	select {
	case <-stopped:
		return true
	case <-limit.C:
		return false
	}
}

// farewell removes this pool from the pages and waits shortly for the background.
func (p *pool) farewell(tasks *sync.WaitGroup) {
	ended := make(chan struct{})
	go func() {
		tasks.Wait()
		p.handlers.end(queue.ErrShutdown)
		p.signOff()
		close(ended)
	}()
	limit := time.NewTimer(500 * time.Millisecond)
	defer limit.Stop()
	select {
	case <-ended:
	case <-limit.C:
	}
}

// signOff leaves nothing of the pool behind, also when gocraft/work could not.
func (p *pool) signOff() {
	id, ok := p.poolID.Load().(string)
	if !ok || p.q.Away() {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	// The other workers' janitors do it otherwise.
	_, _ = p.q.Pipeline(ctx, wire.Cmd("SREM", p.q.Keys.Pools(), id), wire.Cmd("DEL", p.q.Keys.Heartbeat(id)))
}
