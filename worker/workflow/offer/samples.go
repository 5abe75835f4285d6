package offer

import "time"

// Where a sample is from, the nearest to what the draft will meet first.
const (
	FromTry      = "try"
	FromRun      = "run"
	FromDelivery = "delivery" // what a webhook was sent
	FromForm     = "form"
	FromExample  = "example" // of the step's type: nobody has seen it
)

// Origin is where a sample is from, and when it was made.
type Origin struct {
	Kind  string
	At    time.Time
	RunID string // "" where no run has come of it
}

// Samples is what is known of the data that steps are given. Values of secrets are
// replaced in it, as they are wherever it is kept.
type Samples struct {
	Steps     Seen
	StepsFrom map[string]Origin // by step id
	// Input is what a run was started with, Trigger what started one.
	Input       map[string]any
	InputFrom   Origin
	Trigger     map[string]any
	TriggerFrom Origin
}
