package pool

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/gomodule/redigo/redis"

	"workflows/models"
	"workflows/worker/queue"
	"workflows/worker/queue/wire"
)

// weight is how likely a worker that becomes free looks into a lane first: three
// times out of four into the high one before the default one, and so on. None of
// them is ever left out.
func weight(lane string) uint {
	switch lane {
	case queue.HighLane:
		return 60
	case queue.LowLane:
		return 5
	case queue.BacklogLane:
		return 2
	}
	return 20
}

// isLane reports whether a fetch script with this first key asks for jobs.
func (p *pool) isLane(key string) bool {
	return slices.ContainsFunc(queue.Lanes(), func(lane string) bool { return key == p.q.Keys.Lane(lane) })
}

// restoreEvery is how soon a pause that Redis has lost is in force again.
const restoreEvery = 5 * time.Second

// keepLanes renews what Redis must know of the lanes: their names, and which are
// paused. FLUSHALL neither hides a lane nor resumes it. It also looks whether somebody has
// drained or released this worker.
func (p *pool) keepLanes(ctx context.Context) {
	ticker := time.NewTicker(restoreEvery)
	defer ticker.Stop()
	for {
		p.restoreLanes(ctx)
		p.readDrained(ctx)
		select {
		case <-ticker.C:
		case <-p.asked:
		case <-ctx.Done():
			return
		}
	}
}

func (p *pool) restoreLanes(ctx context.Context) {
	if refusal := redis.Error(""); errors.As(p.q.NameLanes(ctx), &refusal) {
		p.mendIfBroken(refusal)
	}
	if p.options.DB == nil {
		return
	}
	began := time.Now()
	bounded, done := models.Bounded(ctx)
	paused, err := models.PausedLanes(bounded, p.options.DB)
	done()
	p.options.Database.Note(began, err)
	switch {
	case err == nil:
		_, _ = p.q.Pipeline(ctx, p.pauseCommands(paused)...) // tried again in a moment
	case ctx.Err() == nil && !errors.Is(err, models.ErrUnavailable): // unknown is not "none": the keys stay as they are
		p.complaints.warn("the paused queues could not be read", err)
	}
}

func (p *pool) pauseCommands(paused []models.QueueLane) []wire.Command {
	var commands []wire.Command
	for _, lane := range queue.Lanes() {
		if slices.ContainsFunc(paused, func(row models.QueueLane) bool { return row.Name == lane }) {
			commands = append(commands, wire.Cmd("SET", p.q.Keys.Paused(lane), "1"))
			continue
		}
		commands = append(commands, wire.Cmd("DEL", p.q.Keys.Paused(lane)))
	}
	return commands
}
