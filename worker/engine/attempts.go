package engine

import (
	"context"
	"maps"

	"workflows/models"
	"workflows/models/runs"
	"workflows/worker/document"
	"workflows/worker/engine/plan"
	"workflows/worker/workflow"
)

// Attempts are stored attempts as decisions and pages see them.
func Attempts(rows []models.StepRun) []plan.Attempt {
	attempts := make([]plan.Attempt, len(rows))
	for i := range rows {
		attempts[i] = AttemptOf(&rows[i])
	}
	return attempts
}

// AttemptOf is one of them.
func AttemptOf(row *models.StepRun) plan.Attempt {
	attempt := plan.Attempt{
		ID: row.ID, StepID: row.StepID, Name: row.Name, Type: row.Type, Iteration: row.Iteration, Number: row.Attempt,
		Status: row.Status, Branch: row.Branch, Input: row.Input, Output: row.Output, Error: row.Error,
		ChildID: row.ChildID, Note: row.Note, WakeAt: row.WakeAt, StartedAt: row.StartedAt, FinishedAt: row.FinishedAt,
	}
	if row.Absent != nil {
		_ = document.Decode(row.Absent, &attempt.Absent) // it only explains
	}
	return attempt
}

// stepRun is an attempt as it is stored.
func stepRun(runID string, a *plan.Attempt) models.StepRun {
	row := models.StepRun{
		ID: a.ID, RunID: runID, StepID: a.StepID, Name: a.Name, Type: a.Type, Iteration: a.Iteration, Attempt: a.Number,
		Status: a.Status, Branch: a.Branch, Input: a.Input, Output: a.Output, Error: a.Error,
		ChildID: a.ChildID, Note: a.Note, WakeAt: a.WakeAt, StartedAt: a.StartedAt, FinishedAt: a.FinishedAt,
	}
	if len(a.Absent) > 0 {
		row.Absent = document.JSON(a.Absent)
	}
	return row
}

// recall reads what earlier holders of the run have done.
func (x *execution) recall(ctx context.Context) error {
	rows, err := runs.Steps(ctx, x.e.db, x.run.ID)
	if err != nil {
		return err
	}
	attempts := Attempts(rows)
	waiting := map[string][]*plan.Attempt{} // by what they wait for
	for i := range attempts {
		a := &attempts[i]
		x.Done.Add(a)
		if a.Status == workflow.StepWaiting {
			waiting[a.WaitsFor()] = append(waiting[a.WaitsFor()], a)
		}
	}
	if err := x.look(waiting); err != nil {
		return err
	}
	return x.recallLoops(attempts)
}

// look reads what has come that attempts wait for.
func (x *execution) look(waiting map[string][]*plan.Attempt) error {
	x.Came = map[string]any{}
	for word, attempts := range waiting {
		kind := x.e.waits[word]
		if kind.come == nil {
			continue
		}
		came, err := kind.come(x, attempts)
		if err != nil {
			return err
		}
		maps.Copy(x.Came, came)
	}
	return nil
}

// recallLoops reads what each for_each that is under way goes through.
func (x *execution) recallLoops(attempts []plan.Attempt) error {
	for i := range attempts {
		a := &attempts[i]
		if !a.UnderWay() {
			continue
		}
		data, err := x.whole(a)
		if err != nil {
			return err
		}
		items := &plan.Loop{}
		if err := document.Decode(data, items); err != nil {
			return errUnreadable
		}
		x.Enter(a, items)
	}
	return nil
}
