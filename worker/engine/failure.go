package engine

import (
	"workflows/models"
	"workflows/models/columns"
	"workflows/worker/document"
)

// Codes of failures that the engine itself finds; step types add their own.
const (
	codeTimeout        = "timeout"
	codePanic          = "panic"
	codeInternal       = "internal"
	codeInterrupted    = "interrupted" // by a shutdown; not counted against the retries
	codeWorkerLost     = "worker_lost" // not counted either
	codeUnknownOutcome = "unknown_outcome"
	codePoison         = "poison"
	codeStopped        = "stopped"
	codeTooLarge       = "too_large"
	codeItemFailed     = "item_failed"
	codeWorkflowFailed = "workflow_failed"
	codeTooDeep        = "too_deep"
	codeTooManyItems   = "too_many_items"
)

const onErrorContinue = "continue"

// failure is the error of a run or of a step run as it is stored.
type failure struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	StepID  string `json:"step_id,omitempty"` // of a run: the step that ended it
}

func readFailure(data models.JSON) failure {
	var f failure
	_ = document.Decode(data, &f) // what cannot be read is empty
	return f
}

// stored is the failure for a column.
func (f failure) stored() models.JSON {
	f.Message = columns.Fit(f.Message)
	data, err := toJSON(f)
	if err != nil { // three texts always marshal
		panic(err)
	}
	return data
}
