package engine

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/runs"
	"workflows/worker/outage"
	"workflows/worker/queue"
	"workflows/worker/secrets"
	"workflows/worker/workflow"
)

const (
	defaultLease = 12 * time.Second
	// groupLimit bounds how many claims or writes one commit takes, groupTurns how
	// many such commits are on their way at once where one does not suffice.
	groupLimit = 64
	groupTurns = 2
	// maxEnds bounds how many runs' ends are being written while their workers
	// execute the next run already.
	maxEnds = 64
	// cachedVersions bounds how many definitions are kept parsed.
	cachedVersions = 500
	// cachedStarters bounds of how many versions is kept what starting one needs:
	// well over a kilobyte each is rare.
	cachedStarters = 20_000
)

// Options say with what the engine works.
type Options struct {
	DB *gorm.DB
	// Queue may be unreachable: then the sweeper rings when it is back.
	Queue *queue.Queue
	Types workflow.Types
	// Owner names this process in leases; host:pid:random when empty.
	Owner string
	Log   *slog.Logger
	// Database is told when DB cannot be reached; nil tells nobody.
	Database *outage.Teller
	// Lease is how long a run is held without a sign of life; 12 s when 0.
	Lease time.Duration
	// Secrets gives steps the secrets that they use; without it there are none.
	Secrets *secrets.Store
	// TellAsked: those whom a question names get an e-mail, which package asking sends.
	TellAsked bool
	// Leavers are how things that steps leave behind are stored, by their words, beside
	// those that the engine knows by itself.
	Leavers map[string]Leaver
	// Ended is told the ids of runs that have ended here, but for tries; it must not wait. Nil
	// tells nobody.
	Ended func(runID string)
	// Memory is how many bytes of values made of large texts are held at once for a
	// moment, half as many while steps work with them, and seven eighths as many of
	// the texts; 96 MB when 0.
	Memory int
	// Now is the clock; models.Now when nil. Leases and waits follow the
	// database's clock where there is a server.
	Now func() time.Time
}

// Engine starts, executes, cancels and retries runs. It is safe for use by many
// goroutines. A process that only starts runs need not call Run.
type Engine struct {
	db       *gorm.DB
	queue    *queue.Queue
	types    workflow.Types
	owner    string
	log      *slog.Logger
	lease    time.Duration
	now      func() time.Time
	secrets  *secrets.Store
	redactor *secrets.Redactor // nil without secrets
	versions *recent[*version]
	starters *recent[*starter]
	outputs  *recent[models.JSON] // those that are kept aside, by the ids of their attempts
	memory   *memory
	commits  *group[change, receipt]
	starts   *group[StartRequest, startOutcome]
	held     held
	tally    tally
	ended    func(runID string) // nil tells nobody
	freed    *freedPlaces
	database *outage.Teller
	sweeping *outage.Chore
	keeping  *outage.Chore
	waits    map[string]waitKind // by the word for what is waited for
	leavers  map[string]Leaver   // by the word for what is left behind
	soon     chan time.Duration  // wakes the sweeper
	tells    bool                // those whom a question names
	ends     chan struct{}       // a place for each end that is being written
	stopping atomic.Bool
}

// New joins an engine; it asks neither server for anything.
func New(options Options) *Engine {
	e := &Engine{
		db: options.DB, queue: options.Queue, types: options.Types, owner: options.Owner,
		log: options.Log, lease: options.Lease, now: options.Now, database: options.Database, tells: options.TellAsked, ended: options.Ended,
	}
	if e.secrets = options.Secrets; e.secrets != nil {
		e.redactor = e.secrets.Redactor
	}
	if e.owner == "" {
		e.owner = newOwner()
	}
	if e.log == nil {
		e.log = slog.New(slog.DiscardHandler)
	}
	if e.lease <= 0 {
		e.lease = defaultLease
	}
	if e.now == nil {
		e.now = models.Now
	}
	e.versions, e.starters = newRecent[*version](cachedVersions), newRecent[*starter](cachedStarters)
	memory := cmp.Or(options.Memory, defaultMemory)
	e.memory = newMemory(memory)
	e.outputs = newRecent[models.JSON](memory / 8) // a few of the largest that a step gives
	e.outputs.cost = func(data models.JSON) int { return len(data) }
	e.commits = newGroup(groupTurns, groupLimit, e.commitAll)
	e.starts = newGroup(groupTurns, groupLimit, e.startAll)
	e.soon = make(chan time.Duration, 1)
	e.ends = make(chan struct{}, maxEnds)
	e.freed = newFreedPlaces()
	e.sweeping = outage.NewChore(e.log, "runs that wait or are lost are not looked after", "runs that wait or are lost are looked after again", e.database)
	e.keeping = outage.NewChore(e.log, "the leases of runs cannot be prolonged", "the leases of runs are prolonged again", e.database)
	e.waits, e.leavers = waits(), map[string]Leaver{workflow.LeavesRemembered: leaveRemembered}
	maps.Copy(e.leavers, options.Leavers)
	e.held.runs = map[runs.Hold]*execution{}
	return e
}

func newOwner() string {
	host, _ := os.Hostname()
	random := make([]byte, 4)
	_, _ = rand.Read(random) // never fails
	return fmt.Sprintf("%s:%d:%s", host, os.Getpid(), hex.EncodeToString(random))
}

// Run sweeps, keeps the leases, gives out places and counts outcomes until ctx ends. Then no
// further step begins here, and Run returns once nothing is held any more: the
// leases of steps that may still end are kept meanwhile.
func (e *Engine) Run(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { e.stopping.Store(true) })
	defer stop()
	e.wakeStranded(ctx)
	var group errgroup.Group
	group.Go(func() error { e.sweep(ctx); return nil })
	group.Go(func() error { e.keep(ctx); return nil })
	group.Go(func() error { e.expire(ctx); return nil })
	group.Go(func() error { e.keepTally(ctx); return nil })
	group.Go(func() error { e.admitFreed(ctx); return nil })
	return group.Wait()
}
