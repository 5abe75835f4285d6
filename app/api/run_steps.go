package api

import (
	"github.com/gin-gonic/gin"

	"workflows/models/runs"
	"workflows/worker/engine"
	"workflows/worker/workflow"
)

// maxSteps is how many steps and attempts the document of a run holds.
const maxSteps = 1000

// stepStates are those of attempts: a step that has none is pending or skipped.
func stepStates() []string {
	return []string{workflow.StepRunning, workflow.StepWaiting, workflow.StepSucceeded, workflow.StepFailed, workflow.StepCancelled}
}

func (a *API) listRunSteps(c *gin.Context, known []Parameter) (any, error) {
	id, err := id(c)
	if err != nil {
		return nil, err
	}
	p, err := read(c, known)
	if err != nil {
		return nil, err
	}
	filter := runs.StepFilter{
		StepID: p.search("step_id"), Iteration: p.search("iteration"), Status: p.choice("status", stepStates()...),
		After: p.cursor(), Limit: p.limit(),
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	if _, err := runs.Get(c.Request.Context(), a.DB, id); err != nil {
		return nil, err
	}
	found, next, err := runs.ListSteps(c.Request.Context(), a.DB, id, filter)
	if err != nil {
		return nil, err
	}
	rows := make([]RunStep, len(found))
	for i, row := range found {
		rows[i] = runStep(engine.AttemptOf(&row))
	}
	return list(rows, next), nil
}
