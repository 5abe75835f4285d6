package schedule

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"
	"gorm.io/gorm"

	"workflows/models"
	"workflows/worker/engine"
	"workflows/worker/failpoint"
	"workflows/worker/workflow"
)

// fireAll fires each of the schedules in a transaction of its own.
func (s *Scheduler) fireAll(ctx context.Context, due []models.DueSchedule) error {
	var group errgroup.Group
	group.SetLimit(1)
	if models.IsPostgres(s.DB) {
		group.SetLimit(atOnce)
	}
	for _, d := range due {
		group.Go(func() error {
			err := s.fire(ctx, d.ID)
			if err == nil || errors.Is(err, models.ErrUnavailable) || ctx.Err() != nil {
				return err
			}
			s.log().Error("a schedule could not fire", "schedule_id", d.ID, "error", err)
			return nil
		})
	}
	return group.Wait()
}

// firing is what one transaction did, to be told once it has committed.
type firing struct {
	started, cancelled []models.Run
}

// fire does everything that is due of one schedule in one transaction, or
// nothing of it: ledger, runs and the next time belong together.
func (s *Scheduler) fire(ctx context.Context, id string) error {
	var done firing
	err := models.Tx(ctx, s.DB, func(tx *gorm.DB) error {
		done = firing{}
		now := s.now()
		found, ok, err := models.LockDueSchedule(ctx, tx, id, now)
		if err != nil || !ok {
			return err
		}
		return s.fireLocked(ctx, tx, found, now, &done)
	})
	if err != nil {
		return fmt.Errorf("fire the schedule: %w", err)
	}
	if len(done.cancelled) > 0 {
		s.Engine.AnnounceCancelled(ctx, done.cancelled...)
	}
	s.Engine.Announce(ctx, done.started...)
	return nil
}

func (s *Scheduler) fireLocked(ctx context.Context, tx *gorm.DB, due models.Schedule, now time.Time, done *firing) error {
	rule, problems := ruleOf(due)
	if len(problems) > 0 { // a zone that this program's data no longer has
		s.log().Error("a schedule cannot be read and has ended", "schedule_id", due.ID, "problem", problems[0].Message)
		return models.SetScheduleState(ctx, tx, due.ID, models.ScheduleEnded, nil, now)
	}
	decisions, next, more := decide(due, rule, now)
	if err := s.settle(ctx, tx, due, decisions, now, done); err != nil {
		return err
	}
	failpoint.Hit("schedule.after_ledger")
	var nextAt *time.Time
	if more {
		nextAt = &next
	}
	moved, err := models.MoveSchedule(ctx, tx, due.ID, *due.NextFireAt, decisions[len(decisions)-1].at, nextAt, now)
	if err == nil && !moved {
		err = fmt.Errorf("the schedule has moved meanwhile: %w", models.ErrConflict)
	}
	return err
}

// settle writes the decisions into the ledger and starts what shall run.
func (s *Scheduler) settle(ctx context.Context, tx *gorm.DB, due models.Schedule, decisions []decision, now time.Time, done *firing) error {
	var missed []models.PlannedRun
	var start []decision
	for _, d := range decisions {
		if d.outcome == workflow.OutcomeMissed {
			missed = append(missed, plannedRow(due, d, now))
			continue
		}
		start = append(start, d)
	}
	if err := models.InsertPlannedRuns(ctx, tx, missed); err != nil {
		return err
	}
	if len(start) == 0 {
		return nil
	}
	inTheWay, err := s.inTheWay(ctx, tx, due, done)
	if err != nil {
		return err
	}
	for _, d := range start {
		if err := s.startOne(ctx, tx, due, d, inTheWay, now, done); err != nil {
			return err
		}
	}
	return nil
}

func (s *Scheduler) startOne(ctx context.Context, tx *gorm.DB, due models.Schedule, d decision, inTheWay *models.Run, now time.Time, done *firing) error {
	row := plannedRow(due, d, now)
	if inTheWay != nil {
		row.Outcome, row.RunID = workflow.OutcomeSkipped, &inTheWay.ID
		row.Reason = fmt.Sprintf("The run of %s UTC was not finished.", inTheWay.QueuedAt.UTC().Format("2006-01-02 15:04:05"))
	}
	// First the ledger: who cannot write the row does not start the run.
	first, err := models.InsertPlannedRun(ctx, tx, &row)
	if err != nil || !first || inTheWay != nil {
		return err
	}
	run, err := s.Engine.Start(ctx, tx, engine.StartRequest{WorkflowID: due.WorkflowID, Trigger: engine.Trigger{
		Type: engine.TriggerSchedule, TriggerID: due.TriggerID, ScheduleID: due.ID, PlannedAt: &d.at,
	}})
	if limit := new(models.LimitError); errors.As(err, &limit) {
		return models.SetPlannedRun(ctx, tx, row.ID, workflow.OutcomeSkipped, nil, limit.Message)
	}
	if reason := cannotStart(err); reason != "" {
		return models.SetPlannedRun(ctx, tx, row.ID, workflow.OutcomeMissed, nil, reason)
	}
	if err != nil {
		return err
	}
	if reason := engine.Skipped(run); reason != "" {
		return models.SetPlannedRun(ctx, tx, row.ID, workflow.OutcomeSkipped, &run.ID, reason)
	}
	done.started = append(done.started, run)
	return models.SetPlannedRun(ctx, tx, row.ID, d.outcome, &run.ID, d.reason)
}

// cannotStart words an error that lies in the workflow and not in the database.
func cannotStart(err error) string {
	var invalid *models.InvalidError
	var conflict *models.ConflictError
	switch {
	case errors.As(err, &invalid) && len(invalid.Fields) > 0:
		return "It could not start: " + invalid.Fields[0].Path + ": " + invalid.Fields[0].Message
	case errors.As(err, &invalid):
		return "It could not start: " + invalid.Message
	case errors.As(err, &conflict):
		return "It could not start: " + conflict.Message
	}
	return ""
}

// inTheWay applies the overlap rule: it returns the run for whose sake this
// firing is skipped, or cancels what is replaced.
func (s *Scheduler) inTheWay(ctx context.Context, tx *gorm.DB, due models.Schedule, done *firing) (*models.Run, error) {
	if due.Overlap == OverlapAllow {
		return nil, nil
	}
	unfinished, err := models.UnfinishedRunsOf(ctx, tx, due, 100)
	if err != nil || len(unfinished) == 0 {
		return nil, err
	}
	if due.Overlap != OverlapReplace {
		return &unfinished[0], nil
	}
	for _, run := range unfinished {
		cancelled, err := s.Engine.CancelIn(ctx, tx, run.ID, "its schedule, for the next run")
		if errors.Is(err, models.ErrConflict) {
			continue // it has just finished
		}
		if err != nil {
			return nil, err
		}
		done.cancelled = append(done.cancelled, cancelled)
	}
	return nil, nil
}

func plannedRow(s models.Schedule, d decision, now time.Time) models.PlannedRun {
	return models.PlannedRun{
		ID: models.NewID(), ScheduleID: s.ID, WorkflowID: s.WorkflowID, PlannedAt: d.at, Outcome: d.outcome,
		LateMS: max(now.Sub(d.at).Milliseconds(), 0), Reason: d.reason, CreatedAt: now,
	}
}
