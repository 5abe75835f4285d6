// Package recording keeps what the queues were like, minute by minute: Redis has the numbers of
// now and forgets, the pages show a week. One process does it at a time; one that is
// away for a while leaves a gap in how full the queues were, and none in what was counted, as far
// as a few minutes reach.
package recording

import (
	"context"
	"log/slog"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/machine"
	"workflows/worker/duty"
	"workflows/worker/outage"
	"workflows/worker/queue"
)

const (
	// after is how long after a minute's end it is kept: workers count once a second.
	after = 3 * time.Second
	// recount is how many minutes are counted again each time: some may have been told late.
	recount = 5
	lead    = 2 * time.Minute
	dutyFor = "recording"
)

// Recorder keeps what the queues were like.
type Recorder struct {
	DB    *gorm.DB
	Queue *queue.Queue
	Log   *slog.Logger
	Name  string // who records: unique among the processes
	// Database is told when DB cannot be reached; nil tells nobody.
	Database *outage.Teller
}

// Run records each minute until ctx ends.
func (r *Recorder) Run(ctx context.Context) error {
	mine := duty.Duty{DB: r.DB, Name: dutyFor, Holder: r.Name, Length: lead}
	recording := outage.NewChore(r.Log, "what the queues are like is not kept", "what the queues are like is kept again", r.Database)
	for {
		now := time.Now()
		timer := time.NewTimer(now.Truncate(time.Minute).Add(time.Minute + after).Sub(now))
		select {
		case <-ctx.Done():
			timer.Stop()
			if err := mine.Leave(ctx); err != nil { // it runs out by itself
				r.Log.Debug("the duty to record could not be handed over", "error", err)
			}
			return nil
		case <-timer.C:
		}
		began := time.Now()
		bounded, done := models.Bounded(ctx)
		is, err := mine.Mine(bounded)
		if is && err == nil {
			err = r.Record(bounded, began)
		}
		done()
		if ctx.Err() == nil {
			recording.Note(began, err)
		}
	}
}

// Record keeps the minute before now, and what was counted in some before it.
func (r *Recorder) Record(ctx context.Context, now time.Time) error {
	last := now.Truncate(time.Minute).Add(-time.Minute)
	times := make([]time.Time, recount)
	for i := range times {
		times[i] = last.Add(-time.Duration(i) * time.Minute)
	}
	depths, err := r.Queue.Depths(ctx)
	if err != nil {
		return err
	}
	counted, err := r.Queue.Counted(ctx, times...)
	if err != nil {
		return err
	}
	var minutes []machine.QueueMinute
	for i, at := range times {
		for _, lane := range queue.Lanes() {
			o := counted[i][lane]
			m := machine.QueueMinute{Minute: at, Queue: lane, Succeeded: int64(o.Succeeded), Failed: int64(o.Failed), Started: int64(o.Started), WaitedMS: o.Waited.Milliseconds()}
			if d := depths[lane]; i == 0 && d.Size > 0 {
				m.Waiting = d.Size
				if !d.Oldest.IsZero() {
					m.OldestMS = max(now.Sub(d.Oldest).Milliseconds(), 0)
				}
			}
			minutes = append(minutes, m)
		}
	}
	return machine.KeepMinutes(ctx, r.DB, minutes, now)
}
