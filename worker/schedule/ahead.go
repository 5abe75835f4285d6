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
	// maxPrepared bounds how many schedules are made ready for one moment.
	maxPrepared = 20_000
	// preparedAtOnce is how many of them fire in one transaction.
	preparedAtOnce = 500
	// preparedFor is how late what was judged for its own moment may still fire.
	preparedFor = 10 * time.Second
)

// prepared is what fires at one moment, reckoned in the quiet before it: at a moment for
// which thousands are planned, the database is asked two things for five hundred of
// them. Only the plain case is: a schedule that starts one run, of a workflow that has no
// other. Everything else, and what changes meanwhile, fires as usual.
type prepared struct {
	at    time.Time
	mu    sync.Mutex
	parts [][]preparedRun
}

type preparedRun struct {
	schedules.Prepared
	verdict verdict
	run     models.Run
}

// Prepare makes ready what is due at a moment that has not come.
func (s *Scheduler) Prepare(ctx context.Context, at time.Time) (err error) {
	s.prepared, err = s.prepare(ctx, at, 1)
	return err
}

// prepare does so if it is as much.
func (s *Scheduler) prepare(ctx context.Context, at time.Time, much int) (*prepared, error) {
	if !models.IsPostgres(s.DB) {
		return nil, nil
	}
	found, err := schedules.DueAt(ctx, s.DB, at, maxPrepared)
	if err != nil || len(found) < much {
		return nil, err
	}
	ofWorkflow := map[string]int{}
	for _, one := range found {
		ofWorkflow[one.WorkflowID]++
	}
	p := &prepared{at: at}
	found = slices.DeleteFunc(found, func(one schedules.Read) bool { return ofWorkflow[one.WorkflowID] > 1 })
	for part := range slices.Chunk(found, preparedAtOnce) {
		if !s.now().Before(at) {
			break
		}
		ready, err := s.prepareSome(ctx, at, part)
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

func (s *Scheduler) prepareSome(ctx context.Context, at time.Time, found []schedules.Read) ([]preparedRun, error) {
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
	var ready []preparedRun
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
		if next := moved.NextFireAt; next != nil && next.Before(at.Add(preparedFor)) {
			continue
		}
		ready = append(ready, preparedRun{
			Prepared: schedules.Prepared{Moved: moved, RowVersion: versions[moved.ID], VersionID: run.VersionID},
			verdict:  r.verdicts[0], run: run,
		})
	}
	return ready, nil
}

// plain reports whether a schedule does nothing but start one run. Days of calendars may
// change and leave the schedule as it is.
func (r ruled) plain() bool {
	return len(r.verdicts) == 1 && r.verdicts[0].outcome == workflow.OutcomeRan && r.trigger.Calendar == "" &&
		r.trigger.Overlap != OverlapQueue && r.trigger.Overlap != OverlapReplace
}

// take returns a part that nobody here has taken; nil when there is none, or its moment
// has not come or has passed.
func (p *prepared) take(now time.Time) (part []preparedRun) {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.parts) == 0 || now.Before(p.at) || now.After(p.at.Add(preparedFor)) {
		return nil
	}
	part, p.parts = p.parts[0], p.parts[1:]
	return part
}

// firePrepared fires what was made ready, in one transaction. What is not as it was
// read is left for fireBatch.
func (s *Scheduler) firePrepared(ctx context.Context, t *tickResult, part []preparedRun) error {
	ctx, done := models.Bounded(ctx)
	defer done()
	var started []models.Run
	err := models.Tx(ctx, s.DB, func(tx *gorm.DB) error {
		started = nil
		// Another scheduler fires the same parts, and what is in them is much to send in vain.
		if ours, err := schedules.Untouched(ctx, tx, part[0].Prepared); err != nil || !ours {
			return err
		}
		now := s.now()
		given, ready := make([]schedules.Prepared, len(part)), make([]models.Run, len(part))
		for i, p := range part {
			ready[i], given[i] = s.Engine.AsOfNow(p.run), p.Prepared
			given[i].Planned = plannedRow(p.Moved, p.verdict, now)
			given[i].Planned.RunID = &ready[i].ID
		}
		written, err := schedules.FirePrepared(ctx, tx, given, now)
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
