// Package process is a worker: it joins the queue's pool, the engine and the
// scheduler. The worker program runs one, and so do the standalone mode, the
// benchmark and the end-to-end tests.
package process

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"os"
	"runtime/debug"
	"time"

	"golang.org/x/sync/errgroup"
	"gorm.io/gorm"

	"workflows/models"
	"workflows/worker/alerts"
	"workflows/worker/asking"
	"workflows/worker/engine"
	"workflows/worker/grouping"
	"workflows/worker/indexing"
	"workflows/worker/outage"
	"workflows/worker/queue"
	"workflows/worker/queue/pool"
	"workflows/worker/recording"
	"workflows/worker/repair"
	"workflows/worker/retention"
	"workflows/worker/schedule"
	"workflows/worker/secrets"
	"workflows/worker/subscription"
	"workflows/worker/telling"
	"workflows/worker/tracing"
	"workflows/worker/workflow"
)

// Config is what a worker works with.
type Config struct {
	DB    *gorm.DB
	Queue *queue.Queue
	Types workflow.Types
	// Concurrency is how many runs are executed at once; 25 when 0.
	Concurrency int
	Log         *slog.Logger
	// Database is told when DB cannot be reached; where it is nil, Run tells it itself.
	Database *outage.Teller
	// Grace is how long running steps may go on after the stop began; 20 s when 0.
	Grace time.Duration
	// Secrets are those that steps use; without it there are none.
	Secrets *secrets.Store
	// RetentionDays is how long runs that have ended, planned times, deliveries and
	// alerts that are over are kept; 30 when 0.
	RetentionDays int
	// TellAsked sends the e-mails to those whom questions name; without it they get none.
	TellAsked asking.Send
	// Tell are the ways in which those are told who stand in workflows' settings.notify.
	Tell telling.Ways
	// FetchCalendar fetches calendar files from their addresses; without it, or without
	// Secrets, none are.
	FetchCalendar subscription.Fetch
	// Traces is the collector to which runs that have ended are shown; nil shows them to none.
	Traces *tracing.Target
	// BaseURL is where links in both lead.
	BaseURL string
}

// memoryLimit is from where on garbage is not left lying. It is no bound: what runs hold
// at once is bounded by the engine, just below it (engine/memory.go).
const memoryLimit = 256 << 20

// settled is after how long what only the start needed is given back to the machine: a worker
// that has nothing to do makes so little garbage that it would lie there for minutes.
const settled = 10 * time.Second

// Run takes and executes work and fires schedules until ctx ends. Then it takes
// no more, gives running steps the grace, hands their runs back and returns.
// Servers that are away, also at the start, are waited for.
func Run(ctx context.Context, c Config) error {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	// A worker holds so little that the collector would run thirty times a second
	// under load; garbage of a few more megabytes costs less.
	debug.SetGCPercent(320)
	if debug.SetMemoryLimit(-1) == math.MaxInt64 { // GOMEMLIMIT is not set
		debug.SetMemoryLimit(memoryLimit)
	}
	if c.Database == nil {
		c.Database = outage.New(c.Log, "PostgreSQL cannot be reached; start it or correct DATABASE_URL, this worker goes on by itself", "PostgreSQL is back", "database", models.Address(c.DB))
	}
	for {
		if err := awaitDatabase(ctx, c.DB, c.Queue, c.Database, c.Log); err != nil {
			return nil // ctx has ended before there was any work
		}
		if c.Secrets != nil {
			if err := guardKeys(ctx, c.DB, c.Secrets.Keys); err != nil || ctx.Err() != nil {
				return err
			}
		}
		// Its end would end the web process beside it and be started again for ever; a
		// worker that is too old stays instead, does nothing, and says so; so does one
		// while nothing may start.
		if err := work(ctx, c); !errors.As(err, new(*models.NewerSchemaError)) && !errors.Is(err, errStandstill) {
			return err
		}
	}
}

// work works until ctx ends, or the database is newer than this program or waits.
func work(ctx context.Context, c Config) error {
	options := engine.Options{DB: c.DB, Queue: c.Queue, Types: c.Types, Secrets: c.Secrets, Log: c.Log, Database: c.Database, TellAsked: c.TellAsked != nil}
	shown := showTraces(ctx, c, &options)
	e := engine.New(options)
	s := &schedule.Scheduler{DB: c.DB, Queue: c.Queue, Engine: e, Log: c.Log, Database: c.Database, Name: name()}
	w := &alerts.Watcher{DB: c.DB, Log: c.Log, Database: c.Database, Name: s.Name}
	r := &retention.Clearing{DB: c.DB, Log: c.Log, Database: c.Database, Name: s.Name, Days: cmp.Or(c.RetentionDays, 30)}
	x := &indexing.Indexer{DB: c.DB, Log: c.Log, Database: c.Database, Name: s.Name}
	g := &grouping.Grouper{DB: c.DB, Log: c.Log, Database: c.Database, Tell: telling.Owners(c.BaseURL)}
	p := &repair.Repairer{DB: c.DB, Engine: e, Log: c.Log, Database: c.Database}
	u := &repair.Ruler{DB: c.DB, Engine: e, Log: c.Log, Database: c.Database}
	k := &recording.Recorder{DB: c.DB, Queue: c.Queue, Log: c.Log, Database: c.Database, Name: s.Name}

	defer time.AfterFunc(settled, debug.FreeOSMemory).Stop()
	c.Log.Info("worker started", "database", models.Address(c.DB), "redis", c.Queue.Address(), "name", s.Name)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		return pool.Run(ctx, c.Queue, pool.Options{Concurrency: c.Concurrency, Handle: e.Execute, Grace: c.Grace, DB: c.DB, Database: c.Database, Log: c.Log})
	})
	group.Go(func() error { return watchSchema(ctx, c.DB) })
	group.Go(func() error { return e.Run(ctx) })
	group.Go(func() error { return s.Run(ctx) })
	group.Go(func() error { return w.Run(ctx) })
	group.Go(func() error { return r.Run(ctx) })
	group.Go(func() error { return x.Run(ctx) })
	group.Go(func() error { return g.Run(ctx) })
	group.Go(func() error { return p.Run(ctx) })
	group.Go(func() error { return u.Run(ctx) })
	group.Go(func() error { return k.Run(ctx) })
	if c.TellAsked != nil {
		m := &asking.Messenger{DB: c.DB, Send: c.TellAsked, BaseURL: c.BaseURL, Log: c.Log, Database: c.Database}
		if c.Secrets != nil {
			m.Keys = c.Secrets.Keys
		}
		group.Go(func() error { return m.Run(ctx) })
	}
	teller := &telling.Messenger{DB: c.DB, Ways: c.Tell, Secrets: c.Secrets, BaseURL: c.BaseURL, Log: c.Log, Database: c.Database}
	group.Go(func() error { return teller.Run(ctx) })
	if c.Secrets != nil {
		group.Go(func() error { return c.Secrets.Watch(ctx) })
	}
	if c.Secrets != nil && c.FetchCalendar != nil {
		f := &subscription.Fetcher{DB: c.DB, Secrets: c.Secrets, Fetch: c.FetchCalendar, Name: s.Name, Log: c.Log, Database: c.Database}
		group.Go(func() error { return f.Run(ctx) })
	}
	err := group.Wait()
	shown() // also what has ended in the grace
	c.Log.Info("worker stopped")
	return err
}

// showTraces has the runs that end shown to a collector, where there is one; shown ends that.
func showTraces(ctx context.Context, c Config, options *engine.Options) (shown func()) {
	if c.Traces == nil {
		return func() {}
	}
	traces := tracing.New(c.DB, c.Log, *c.Traces, c.Database)
	options.Ended = traces.Ended
	ctx, end := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		traces.Run(ctx)
	}()
	return func() {
		end()
		<-ended
	}
}

// name says which worker this is, as people read it.
func name() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return fmt.Sprintf("%s, process %d", host, os.Getpid())
}
