package engine

import (
	"workflows/models"
	"workflows/worker/document"
	"workflows/worker/engine/plan"
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
