package workflow

import (
	"workflows/models/columns"
	"workflows/worker/document"
)

// Codes of failures that the engine itself finds; step types add their own.
const (
	CodeTimeout        = "timeout"
	CodePanic          = "panic"
	CodeInternal       = "internal"
	CodeInterrupted    = "interrupted" // by a shutdown; not counted against the retries
	CodeWorkerLost     = "worker_lost" // not counted either
	CodeUnknownOutcome = "unknown_outcome"
	CodePoison         = "poison"
	CodeStopped        = "stopped"
	CodeTooLarge       = "too_large"
	CodeItemFailed     = "item_failed"
	CodeWorkflowFailed = "workflow_failed"
	CodeTooDeep        = "too_deep"
	CodeTooManyItems   = "too_many_items"
)

// Failure is why a run or an attempt of a step failed: as it is stored, as
// programs read it, and as pages tell it.
type Failure struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	StepID  string `json:"step_id,omitempty"` // of a run: the step that ended it
}

// ReadFailure reads a stored failure. One that cannot be read is its own message;
// none is empty.
func ReadFailure(data []byte) Failure {
	var f Failure
	if len(data) > 0 && document.Decode(data, &f) != nil {
		f = Failure{Message: string(data)}
	}
	return f
}

// Stored is the failure for a column of the database.
func (f Failure) Stored() []byte {
	f.Message = columns.Fit(f.Message)
	return document.JSON(f)
}
