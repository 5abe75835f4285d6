package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"workflows/models"
)

// Pause has the workers take nothing further from the lane; what runs goes on.
// The row is the truth. While Redis is away the workers learn of it when it is back.
func (q *Queue) Pause(ctx context.Context, db *gorm.DB, lane, by string, now time.Time) error {
	if !slices.Contains(Lanes(), lane) {
		return fmt.Errorf("pause the queue %.50q: %w", lane, models.ErrNotFound)
	}
	err := models.Tx(ctx, db, func(tx *gorm.DB) error {
		if err := models.PauseLane(ctx, tx, lane, by, now); err != nil {
			return err
		}
		return models.Record(ctx, tx, models.Act{Action: "queue.paused", ObjectKind: "queue", ObjectName: lane})
	})
	if err != nil {
		return err
	}
	q.tryPaused(ctx, lane, true)
	return nil
}

// Resume lets the workers go on with the lane, at once.
func (q *Queue) Resume(ctx context.Context, db *gorm.DB, lane string) error {
	if !slices.Contains(Lanes(), lane) {
		return fmt.Errorf("resume the queue %.50q: %w", lane, models.ErrNotFound)
	}
	err := models.Tx(ctx, db, func(tx *gorm.DB) error {
		if err := models.ResumeLane(ctx, tx, lane); err != nil {
			return err
		}
		return models.Record(ctx, tx, models.Act{Action: "queue.resumed", ObjectKind: "queue", ObjectName: lane})
	})
	if err != nil {
		return err
	}
	q.tryPaused(ctx, lane, false)
	return nil
}

// tryPaused copies the row to Redis; where that fails the workers copy it later.
func (q *Queue) tryPaused(ctx context.Context, lane string, paused bool) {
	if err := q.SetPaused(ctx, lane, paused); err != nil {
		q.log.Warn("the pause of a queue could not be told to Redis yet", "queue", lane, "error", err)
	}
}

// SetPaused sets or removes gocraft/work's key that pauses a lane. It is a copy:
// the workers renew it from the database every five seconds.
func (q *Queue) SetPaused(ctx context.Context, lane string, paused bool) error {
	commands := []command{cmd("SET", q.keys.paused(lane), "1")}
	if !paused {
		commands = []command{cmd("DEL", q.keys.paused(lane)), cmd("PUBLISH", q.keys.bell(), 1)}
	}
	if err := q.run(ctx, commands...); err != nil {
		return fmt.Errorf("tell Redis whether the queue %s is paused: %w", lane, err)
	}
	return nil
}

// NameLanes has gocraft/work's own programs know the lanes. Whoever does it every
// few seconds finds out by it, too, whether Redis can be reached and takes writes.
func (q *Queue) NameLanes(ctx context.Context) error {
	names := []any{q.keys.knownJobs()}
	for _, lane := range Lanes() {
		names = append(names, lane)
	}
	if err := q.run(ctx, cmd("SADD", names...)); err != nil {
		return fmt.Errorf("name the queues in Redis: %w", err)
	}
	return nil
}

// restoreEvery is how soon a pause that Redis has lost is in force again.
const restoreEvery = 5 * time.Second

// keepLanes renews what Redis must know of the lanes: their names, and which are
// paused. FLUSHALL neither hides a lane nor resumes it.
func (p *pool) keepLanes(ctx context.Context) {
	ticker := time.NewTicker(restoreEvery)
	defer ticker.Stop()
	for {
		p.restoreLanes(ctx)
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

func (p *pool) restoreLanes(ctx context.Context) {
	_ = p.q.NameLanes(ctx) // tried again in a moment, as is the rest
	var commands []command
	if p.options.DB != nil {
		began := time.Now()
		paused, err := models.PausedLanes(ctx, p.options.DB)
		p.options.Database.Note(began, err)
		if err == nil { // unknown is not "none": else the keys stay as they are
			commands = append(commands, p.pauseCommands(paused)...)
		} else if ctx.Err() == nil && !errors.Is(err, models.ErrUnavailable) {
			p.complaints.add("the paused queues could not be read", err)
		}
	}
	_, _ = p.q.pipeline(ctx, commands...)
}

func (p *pool) pauseCommands(paused []models.QueueLane) []command {
	var commands []command
	for _, lane := range Lanes() {
		if slices.ContainsFunc(paused, func(row models.QueueLane) bool { return row.Name == lane }) {
			commands = append(commands, cmd("SET", p.q.keys.paused(lane), "1"))
			continue
		}
		commands = append(commands, cmd("DEL", p.q.keys.paused(lane)))
	}
	return commands
}
