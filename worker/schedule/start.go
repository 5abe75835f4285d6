package schedule

import (
	"context"
	"errors"
	"fmt"
	"time"

	"workflows/models"
	"workflows/models/runs"
	"workflows/models/schedules"
	"workflows/worker/engine"
	"workflows/worker/workflow"
)

// startRuns writes the ledger and starts what shall run. First the ledger: who
// cannot write the row does not start the run. It returns the rows.
func (f *firing) startRuns(ctx context.Context, due []ruled) (rows []models.PlannedRun, err error) {
	inTheWay, err := f.unfinished(ctx, due)
	if err != nil {
		return nil, err
	}
	var requests []engine.StartRequest
	var asked []int // the row of each request
	for _, r := range due {
		for _, v := range r.verdicts {
			row := plannedRow(r.stored, v, f.now)
			if v.starts() {
				request, skipped, err := f.overlap(ctx, r, inTheWay, &row)
				if err != nil {
					return nil, err
				}
				if !skipped {
					requests, asked = append(requests, request), append(asked, len(rows))
				}
			}
			rows = append(rows, row)
		}
	}
	prepared, err := f.starting.Runs(ctx, requests)
	if err != nil {
		return nil, err
	}
	for i, p := range prepared {
		if err := noteStart(&rows[asked[i]], p); err != nil {
			return nil, err
		}
	}
	written, err := schedules.InsertPlanned(ctx, f.tx, rows)
	if err != nil {
		return nil, err
	}
	var accepted []models.Run
	for i, p := range prepared {
		if p.Err == nil && written[rows[asked[i]].ID] {
			accepted = append(accepted, p.Run)
		}
	}
	f.started = accepted
	return rows, runs.InsertMany(ctx, f.tx, accepted)
}

// noteStart writes into the ledger what the engine said to a start. An error lies in the
// database, and not in the workflow.
func noteStart(row *models.PlannedRun, p engine.Prepared) error {
	var limit *models.LimitError
	var invalid *models.InvalidError
	var conflict *models.ConflictError
	missed := func(why string) { row.Outcome, row.Reason = workflow.OutcomeMissed, "It could not start: "+why }
	switch {
	case p.Err == nil:
		row.RunID = &p.Run.ID
		if reason := engine.Skipped(p.Run); reason != "" {
			row.Outcome, row.Reason = workflow.OutcomeSkipped, reason
		} else if p.Run.HeldBack && row.Reason == "" {
			row.Reason = waitsForItsTurn
		}
	case errors.As(p.Err, &limit):
		row.Outcome, row.Reason = workflow.OutcomeSkipped, limit.Message
	case errors.As(p.Err, &invalid) && len(invalid.Fields) > 0:
		missed(invalid.Fields[0].Path + ": " + invalid.Fields[0].Message)
	case errors.As(p.Err, &invalid):
		missed(invalid.Message)
	case errors.As(p.Err, &conflict):
		missed(conflict.Message)
	case engine.Unreadable(p.Err):
		missed("its published version cannot be read. Publish the workflow again.")
	default:
		return p.Err
	}
	return nil
}

// unfinished reads the runs that may be in the way of a start.
func (f *firing) unfinished(ctx context.Context, due []ruled) (map[string][]schedules.StartedRun, error) {
	var exclusive []models.Schedule
	for _, r := range due {
		if r.trigger.Overlap != OverlapAllow && r.startsAny() {
			exclusive = append(exclusive, r.stored)
		}
	}
	return schedules.UnfinishedRuns(ctx, f.tx, exclusive)
}

// overlap applies the overlap rule to one start: it is skipped for the sake of a
// run, waits for one, or cancels what it replaces. What is found in the way is
// that before this firing: times that are made up for together start together, but
// for those that wait for each other, of which there is one.
func (f *firing) overlap(ctx context.Context, r ruled, inTheWay map[string][]schedules.StartedRun, row *models.PlannedRun) (engine.StartRequest, bool, error) {
	request := r.request(row.PlannedAt)
	unfinished := inTheWay[r.stored.ID]
	switch r.trigger.Overlap {
	case OverlapAllow:
	case OverlapReplace:
		delete(inTheWay, r.stored.ID)
		replaced := len(f.cancelled)
		if err := f.replace(ctx, unfinished); err != nil {
			return request, false, err
		}
		if len(f.cancelled) > replaced {
			row.Reason = "It replaced the run of " + startedStamp(unfinished[0]) + ", which was not finished."
		}
		return request, false, nil
	case OverlapQueue:
		request.RunID, request.Followed = models.NewID(), true
		if len(unfinished) > 0 && unfinished[0].HeldBack {
			skip(row, unfinished[0], oneWaits)
			return request, true, nil
		}
		if len(unfinished) > 0 {
			request.BehindID = unfinished[0].ID
			row.Reason = "It waits for the run of " + startedStamp(unfinished[0]) + " to end."
		}
		// The next one of this firing meets this one.
		next := schedules.StartedRun{ID: request.RunID, HeldBack: len(unfinished) > 0, QueuedAt: f.now}
		inTheWay[r.stored.ID] = append([]schedules.StartedRun{next}, unfinished...)
	default:
		if len(unfinished) > 0 {
			skip(row, unfinished[0], notBesideAnother)
			return request, true, nil
		}
	}
	return request, false, nil
}

// request asks for the run of a planned time.
func (r ruled) request(at time.Time) engine.StartRequest {
	return engine.StartRequest{WorkflowID: r.stored.WorkflowID, Trigger: engine.Trigger{
		Type: engine.TriggerSchedule, TriggerID: r.stored.TriggerID, ScheduleID: r.stored.ID, PlannedAt: &at,
	}}
}

func skip(row *models.PlannedRun, run schedules.StartedRun, why string) {
	row.Outcome, row.RunID, row.Reason = workflow.OutcomeSkipped, &run.ID, fmt.Sprintf("The run of %s %s.", startedStamp(run), why)
}

func startedStamp(run schedules.StartedRun) string {
	return run.QueuedAt.UTC().Format("2006-01-02 15:04:05") + " UTC"
}

func (f *firing) replace(ctx context.Context, unfinished []schedules.StartedRun) error {
	for _, run := range unfinished {
		cancelled, err := f.s.Engine.CancelIn(ctx, f.tx, run.ID, "its schedule, for the next run")
		if errors.Is(err, models.ErrConflict) {
			continue // it has just finished
		}
		if err != nil {
			return err
		}
		f.cancelled = append(f.cancelled, cancelled)
	}
	return nil
}
