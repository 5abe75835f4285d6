package api

import (
	"errors"

	"github.com/gin-gonic/gin"

	"workflows/models"
	"workflows/models/runs"
	"workflows/worker/differences"
)

// RunDifferences is what is otherwise in a run than in the last one that succeeded before it.
type RunDifferences struct {
	ComparedWith *string         `json:"compared_with" format:"uuid" doc:"The last run of the workflow that succeeded before this one; null where none has."`
	Differences  []RunDifference `json:"differences"`
	Notes        []string        `json:"notes" doc:"What could not be compared, and why."`
}

// RunDifference is one of them.
type RunDifference struct {
	About    string  `json:"about" enum:"version,started_by,given,took,gave"`
	StepID   *string `json:"step_id" doc:"The step that it is about; null for the run itself."`
	Sentence string  `json:"sentence" doc:"It in words."`
	Was      *string `json:"was" doc:"What is too long for the sentence: its beginning in the other run."`
	Is       *string `json:"is" doc:"Its beginning in this run."`
}

func (a *API) runDifferences(c *gin.Context) (any, error) {
	id, err := id(c)
	if err != nil {
		return nil, err
	}
	ctx, done := models.Bounded(c.Request.Context())
	defer done()
	run, err := runs.Get(ctx, a.DB, id)
	if err != nil {
		return nil, err
	}
	definition, err := a.Engine.Definition(ctx, run.VersionID)
	if err != nil && !errors.As(err, new(*models.UnavailableError)) { // without it inputs have no labels
		return nil, err
	}
	found, err := differences.Since(ctx, a.DB, run, differences.Naming{Inputs: definition.Inputs, Types: a.Types})
	if err != nil {
		return nil, err
	}
	answer := RunDifferences{Differences: []RunDifference{}, Notes: append([]string{}, found.Notes...)}
	if found.Before != nil {
		answer.ComparedWith = &found.Before.ID
	}
	for _, d := range found.List {
		answer.Differences = append(answer.Differences, RunDifference{About: d.About, StepID: text(d.StepID), Sentence: d.Sentence, Was: text(d.Was), Is: text(d.Is)})
	}
	return answer, nil
}
