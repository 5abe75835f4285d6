package schedule

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/runs"
	"workflows/models/schedules"
	"workflows/worker/failpoint"
	"workflows/worker/workflow"
)

const (
	// maxForeseen bounds how many schedules are made ready for one moment.
	maxForeseen = 20_000
	// foreseenAtOnce is how many of them fire in one transaction.
	foreseenAtOnce = 500
	// foreseenFor is how late what was judged for its own moment may still fire.
	foreseenFor = 10 * time.Second
)

// foresight is what fires at one moment, reckoned in the quiet before it: at a moment for
// which thousands are planned, the database is asked two things for five hundred of
// them. Only the plain case is: a schedule that starts one run, of a workflow that has no
// other. Everything else, and what changes meanwhile, fires as usual.
type foresight struct {
	at    time.Time
	mu    sync.Mutex
	parts [][]foreseenRun
}

type foreseenRun struct {
	schedules.Foreseen
	verdict verdict
	run     models.Run
}

// Foresee makes ready what is due at a moment that has not come.
func (s *Scheduler) Foresee(ctx context.Context, at time.Time) (err error) {
	s.foresight, err = s.foreseeMany(ctx, at, 1)
	return err
}

// foreseeMany does so where it is as much.
func (s *Scheduler) foreseeMany(ctx context.Context, at time.Time, much int) (*foresight, error) {
	if !models.IsPostgres(s.DB) {
		return nil, nil
	}
	if err := mindZones(ctx, s.DB); err != nil {
		return nil, err
	}
	found, err := schedules.DueAt(ctx, s.DB, at, maxForeseen)
	if err != nil || len(found) < much {
		return nil, err
	}
	ofWorkflow := map[string]int{}
	for _, one := range found {
		ofWorkflow[one.WorkflowID]++
	}
	p := &foresight{at: at}
	found = slices.DeleteFunc(found, func(one schedules.Seen) bool { return ofWorkflow[one.WorkflowID] > 1 })
	for part := range slices.Chunk(found, foreseenAtOnce) {
		if !s.now().Before(at) {
			break
		}
		ready, err := s.foreseePart(ctx, at, part)
		if err != nil {
			return nil, err
		}
		if len(ready) > 0 {
			p.parts = append(p.parts, ready)
		}
	}
	// Another scheduler has the same ones before it.
	rand.Shuffle(len(p.parts), func(i, j int) { p.parts[i], p.parts[j] = p.parts[j], p.parts[i] })
	return p, nil
}

func (s *Scheduler) foreseePart(ctx context.Context, at time.Time, found []schedules.Seen) ([]foreseenRun, error) {
	stored, versions := make([]models.Schedule, len(found)), make(map[string]string, len(found))
	workflows := make([]string, len(found))
	for i, one := range found {
		stored[i], versions[one.ID], workflows[i] = one.Schedule, one.RowVersion, one.WorkflowID
	}
	due, _, err := readRules(ctx, s.DB, stored)
	if err != nil {
		return nil, err
	}
	starting, err := s.Engine.Starting(ctx, s.DB, workflows)
	if err != nil {
		return nil, err
	}
	var ready []foreseenRun
	for _, r := range due {
		r.verdicts = r.judge(at)
		if !r.plain() || starting.Beyond(ctx, r.stored.WorkflowID) != "" {
			continue
		}
		run, ok := starting.Ahead(ctx, r.request(r.verdicts[0].at))
		if !ok {
			continue
		}
		r.accounted()
		moved := r.withNextTimes(r.stored.Status, at)
		if next := moved.NextFireAt; next != nil && next.Before(at.Add(foreseenFor)) {
			continue
		}
		ready = append(ready, foreseenRun{
			Foreseen: schedules.Foreseen{Moved: moved, RowVersion: versions[moved.ID], VersionID: run.VersionID},
			verdict:  r.verdicts[0], run: run,
		})
	}
	return ready, nil
}

// plain reports whether a schedule does nothing but start one run, of which there is
// nothing to say. Days of calendars may
// change and leave the schedule as it is.
func (r ruled) plain() bool {
	return len(r.verdicts) == 1 && r.verdicts[0].outcome == workflow.OutcomeRan && r.verdicts[0].reason == "" && r.trigger.Calendar == "" &&
		r.trigger.Overlap != OverlapQueue && r.trigger.Overlap != OverlapReplace
}

// has reports whether there is a part that nobody here has taken, and whose moment has
// come and has not passed.
func (p *foresight) has(now time.Time) bool {
	return p != nil && len(p.parts) > 0 && !now.Before(p.at) && !now.After(p.at.Add(foreseenFor))
}

// part takes such a part, nil when there is none.
func (p *foresight) part(now time.Time) (part []foreseenRun) {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.has(now) {
		part, p.parts = p.parts[0], p.parts[1:]
	}
	return part
}

// firePart fires what was made ready, in one transaction. What is not as it was
// read is left for fireBatch.
func (s *Scheduler) firePart(ctx context.Context, t *tickResult, part []foreseenRun) error {
	ctx, done := models.Bounded(ctx)
	defer done()
	var started []models.Run
	err := models.Tx(ctx, s.DB, func(tx *gorm.DB) error {
		started = nil
		// Another scheduler fires the same parts, and what is in them is much to send in vain.
		if ours, err := schedules.Untouched(ctx, tx, part[0].Foreseen); err != nil || !ours {
			return err
		}
		now := s.now()
		given, ready := make([]schedules.Foreseen, len(part)), make([]models.Run, len(part))
		for i, p := range part {
			ready[i], given[i] = s.Engine.AsOfNow(p.run), p.Foreseen
			given[i].Planned = plannedRow(p.Moved, p.verdict, now)
			given[i].Planned.RunID = &ready[i].ID
		}
		written, err := schedules.FireForeseen(ctx, tx, given, now)
		if err != nil {
			return err
		}
		failpoint.Hit("schedule.after_ledger")
		started = make([]models.Run, 0, len(written))
		for i := range part {
			if written[given[i].Planned.ID] {
				started = append(started, ready[i])
			}
		}
		return runs.InsertMany(ctx, tx, started)
	})
	if err == nil {
		t.started = append(t.started, started...)
	}
	return err
}
