package board

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/machine"
	"workflows/worker/queue"
	"workflows/worker/queue/wire"
)

const (
	// boardAge is how old the numbers may be that a page shows.
	boardAge = time.Second
	// boardPatience is how long one reading may take before it counts as failed.
	boardPatience = 3 * time.Second
)

// Snapshot is all that the pages show of the queue. Where a server cannot be
// reached, its old numbers are kept and the sentence says so.
type Snapshot struct {
	Stats
	// Queued, Running and Waiting count runs in the database.
	Queued, Running, Waiting int64
	// HeldBack counts those of the queued that their workflow's limit holds back,
	// RunningIn what runs by its lane.
	HeldBack      int64
	RunningIn     map[string]int64
	LateSchedules int
	// Alerts counts, by kind, the alerts that nobody has seen to.
	Alerts map[string]int64
	// Standalone says that the worker is a part of the program.
	Standalone bool
	// Standstill says why nothing starts.
	Standstill models.Standstill
	// Drained are the workers that somebody has take nothing, by their ids.
	Drained map[string]machine.DrainedWorker
	// RedisError and DatabaseError are sentences for people, "" when all is well.
	RedisError, DatabaseError string
	// StorageError is one while the database answers and stores nothing.
	StorageError string
	// NumbersAt is when all the numbers were last known; zero if never.
	NumbersAt time.Time
	// WorkersSeenAt is when any worker was last connected; zero if unknown.
	WorkersSeenAt time.Time
	// At is when this snapshot was taken.
	At time.Time
}

// Board keeps one snapshot for all viewers of a process: however many ask, the
// servers are asked once a second, and not at all while nobody looks.
type Board struct {
	q  *queue.Queue
	db *gorm.DB
	// Standalone says that the worker is a part of this program.
	Standalone bool
	// Storage says why the database stores nothing; nil never does.
	Storage func() string

	mu   sync.Mutex
	last Snapshot
	read time.Time
}

// New makes the board of a process.
func New(q *queue.Queue, db *gorm.DB) *Board { return &Board{q: q, db: db} }

// Snapshot returns numbers that are at most a second old. It always answers,
// after three seconds at the latest.
func (b *Board) Snapshot(ctx context.Context) Snapshot {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.read.IsZero() && time.Since(b.read) < boardAge {
		return b.last
	}
	// One viewer's going away must not spoil the numbers of the others.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), boardPatience)
	defer cancel()
	next := b.last
	next.At, next.Standalone = models.Now(), b.Standalone
	var sides sync.WaitGroup
	var stats Stats
	var paused []models.QueueLane
	var unread, uncounted error
	sides.Go(func() { stats, unread = ReadStats(ctx, b.q) })
	sides.Go(func() { paused, uncounted = b.readDatabase(ctx, &next) })
	sides.Wait()
	next.RedisError, next.DatabaseError = b.redisSentence(unread), b.databaseSentence(uncounted)
	if unread == nil { // else the old numbers stay
		next.Stats = stats
		if len(stats.Workers) > 0 {
			next.WorkersSeenAt = stats.At
		} else if stats.BeatAt.After(next.WorkersSeenAt) {
			next.WorkersSeenAt = stats.BeatAt
		}
	}
	if b.Storage != nil {
		next.StorageError = b.Storage()
	}
	if next.Lanes == nil { // Redis was never reached: what exists is known all the same
		next.Lanes, next.History = emptyLanes(), emptyHistory(next.At)
	}
	if uncounted == nil { // the rows say what is paused; Redis may have forgotten
		next.Lanes = withPauses(next.Lanes, paused)
	}
	if unread == nil && uncounted == nil {
		next.NumbersAt = next.At
	}
	b.last, b.read = next, time.Now()
	return next
}

// readDatabase fills in the side of the database and returns the paused lanes.
func (b *Board) readDatabase(ctx context.Context, into *Snapshot) ([]models.QueueLane, error) {
	numbers, err := models.CountQueue(ctx, b.db, models.Now())
	if err != nil {
		return nil, err
	}
	paused, err := models.PausedLanes(ctx, b.db)
	if err != nil {
		return nil, err
	}
	if into.Alerts, err = models.CountAlerts(ctx, b.db); err != nil {
		return nil, err
	}
	if into.Drained, err = machine.Drained(ctx, b.db); err != nil {
		return nil, err
	}
	if into.Standstill, err = models.StandstillOf(ctx, b.db); err != nil {
		return nil, err
	}
	into.Queued, into.Running, into.Waiting, into.LateSchedules = numbers.Queued, numbers.Running, numbers.Waiting, numbers.Late
	into.HeldBack, into.RunningIn = numbers.HeldBack, numbers.RunningIn
	return paused, nil
}

// withPauses copies the lanes, so that snapshots given out stay as they are.
func withPauses(lanes []Lane, paused []models.QueueLane) []Lane {
	lanes = slices.Clone(lanes)
	for i := range lanes {
		lanes[i].Paused = slices.ContainsFunc(paused, func(row models.QueueLane) bool { return row.Name == lanes[i].Name })
	}
	return lanes
}

func (b *Board) redisSentence(err error) string {
	if err == nil {
		return ""
	}
	if wire.Refused(err) {
		return fmt.Sprintf("Redis at %s answers, but refuses to work. Accepted runs are kept and start when it works again.", b.q.Address())
	}
	return fmt.Sprintf("Redis cannot be reached at %s. Accepted runs are kept and start when it is back.", b.q.Address())
}

func (b *Board) databaseSentence(err error) string {
	if err == nil {
		return ""
	}
	if trouble := models.TroubleOf(err); trouble != models.NoTrouble && trouble != models.Away {
		return models.Explain(b.db, err)
	}
	return fmt.Sprintf("The database cannot be reached at %s. Nothing can be started or changed until it is back.", models.Address(b.db))
}
