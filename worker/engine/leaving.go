package engine

import (
	"slices"

	"workflows/models"
	"workflows/worker/workflow"
)

// Leaver makes the row, or the rows, of one kind of thing that steps leave behind
// (see workflow.Left). A new kind is a model with its migration, whose Leave says
// how it is stored, and one entry in Options.Leavers.
type Leaver func(Leaving) (models.Left, error)

// Leaving is what a step leaves behind, and which attempt of which step does.
type Leaving struct {
	WorkflowID, RunID, StepID, Iteration, StepRunID string
	What                                            workflow.Left
}

// leftBehind makes the rows of what a step leaves behind: they are written with its
// result, in one commit, under the same fence.
func (x *execution) leftBehind(c *call, left []workflow.Left) ([]models.Left, error) {
	var rows []models.Left
	for _, what := range left {
		word := what.LeftAs()
		leaver := x.e.leavers[word]
		if leaver == nil || !slices.Contains(c.kind.Keeps, word) {
			x.e.log.Error("a step leaves behind what it may not", "run_id", x.run.ID, "step_id", c.step.ID, "kind", word)
			return nil, &workflow.StepError{Code: workflow.CodeInternal, Permanent: true, Message: "What this step keeps for later runs cannot be stored. The log has the details."}
		}
		row, err := leaver(Leaving{
			WorkflowID: x.run.WorkflowID, RunID: x.run.ID, StepID: c.row.StepID, Iteration: c.row.Iteration, StepRunID: c.row.ID, What: what,
		})
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}
