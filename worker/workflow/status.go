package workflow

// Run states. The last three are final: nothing changes them again.
const (
	RunQueued    = "queued"
	RunRunning   = "running"
	RunWaiting   = "waiting"
	RunSucceeded = "succeeded"
	RunFailed    = "failed"
	RunCancelled = "cancelled"
)

// RunStates are the states of a run, in the order in which it passes through them.
func RunStates() []string {
	return []string{RunQueued, RunRunning, RunWaiting, RunSucceeded, RunFailed, RunCancelled}
}

// What a waiting run waits for.
const (
	WaitTime     = "time"
	WaitRetry    = "retry"
	WaitApproval = "approval"
	WaitWorkflow = "workflow"
	WaitDecision = "decision"
	// WaitWorker is a worker that knows what the run's version holds.
	WaitWorker = "worker"
)

// WaitReasons are what a run can wait for; people come first.
func WaitReasons() []string {
	return []string{WaitDecision, WaitApproval, WaitRetry, WaitTime, WaitWorkflow, WaitWorker}
}

// Step states besides those of a run.
const (
	StepPending   = "pending"
	StepRunning   = "running"
	StepWaiting   = "waiting"
	StepSucceeded = "succeeded"
	StepFailed    = "failed"
	StepCancelled = "cancelled"
	StepSkipped   = "skipped"
)

// What becomes of an attempt that may have acted when its worker was lost or
// stopped: it waits for a person's decision, is repeated, or has failed.
const (
	UnknownWait   = "wait"
	UnknownRepeat = "repeat"
	UnknownFail   = "fail"
)

// Workflow states.
const (
	StatusDraft  = "draft"
	StatusActive = "active"
	StatusPaused = "paused"
)

// What became of a planned time.
const (
	OutcomeRan      = "ran"
	OutcomeCaughtUp = "caught_up"
	OutcomeSkipped  = "skipped"
	OutcomeMissed   = "missed"
	OutcomePaused   = "paused"
)

// Final reports whether a run in this state can never change again.
func Final(status string) bool {
	return status == RunSucceeded || status == RunFailed || status == RunCancelled
}
