package differences

import (
	"context"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/runs"
	"workflows/worker/workflow"
)

// What a Difference is about.
const (
	Version = "version"
	Started = "started_by"
	Given   = "given"
	Took    = "took"
	Gave    = "gave"
)

// Difference is one thing that is otherwise than it was.
type Difference struct {
	About string
	// Sentence says it. What is too long for one it only names; it stands in Was and Is, "" where
	// there was, or is, nothing.
	Sentence string
	Was, Is  string
	// StepID is the step that it is about; "" for the run itself.
	StepID string
}

// Found is what differs between a run and the one before it that succeeded.
type Found struct {
	// Before is that run; nil where none has succeeded.
	Before *models.Run
	List   []Difference
	// Notes say what could not be compared.
	Notes []string
}

const (
	// maxGiven bounds, in bytes, what a run was given that is looked through.
	maxGiven = 512 << 10
	// maxGave bounds what a step gave that is looked at, and maxSteps how many attempts are.
	maxGave  = 32 << 10
	maxSteps = 300
)

// Naming is what is called what: the version of the run, as far as it can be read.
type Naming struct {
	Inputs []workflow.Input
	Types  workflow.Types
}

// Since compares a run with the last one of its workflow that succeeded before it.
func Since(ctx context.Context, db *gorm.DB, run models.Run, naming Naming) (Found, error) {
	before, err := runs.LastSucceeded(ctx, db, run)
	if err != nil || before == nil {
		return Found{}, err
	}
	was, err := runs.OutsideLoops(ctx, db, before.ID, maxSteps, maxGave)
	if err != nil {
		return Found{}, err
	}
	is, err := runs.OutsideLoops(ctx, db, run.ID, maxSteps, maxGave)
	if err != nil {
		return Found{}, err
	}
	return between(*before, run, was, is, naming), nil
}

// between says what differs; it is pure.
func between(before, run models.Run, was, is []models.StepRun, naming Naming) Found {
	c := &comparison{Found: Found{Before: &before}, naming: naming}
	if before.Version != run.Version {
		c.say(Version, "", "It ran on version %d of the workflow; the other one on version %d.", run.Version, before.Version)
	}
	if started, other := startedBy(run), startedBy(before); started != other {
		c.say(Started, "", "It was started by %s; the other one by %s.", started, other)
	}
	c.given(before, run)
	c.waited(before, run)
	c.steps(side{before, was}, side{run, is})
	return c.Found
}

// waited compares how long the runs waited to start, and how long they took in all.
func (c *comparison) waited(before, run models.Run) {
	if wait, other := sinceQueued(run), sinceQueued(before); farApart(wait, other) {
		c.say(Took, "", "It waited %s to start instead of %s.", length(wait), length(other))
	}
	if took, other := wholeTime(run), wholeTime(before); farApart(took, other) {
		c.say(Took, "", "It took %s in all instead of %s.", length(took), length(other))
	}
}

// sinceQueued is how long a run waited to start, negative while that is not known.
func sinceQueued(run models.Run) time.Duration {
	if run.StartedAt == nil {
		return -1
	}
	return max(run.StartedAt.Sub(run.QueuedAt), 0)
}

func wholeTime(run models.Run) time.Duration {
	if run.StartedAt == nil || run.FinishedAt == nil {
		return -1
	}
	return max(run.FinishedAt.Sub(*run.StartedAt), 0)
}

// farApart reports whether two lengths of time are so far apart that people would ask why; not
// where one is not known.
func farApart(a, b time.Duration) bool {
	shorter, longer := min(a, b), max(a, b)
	if shorter < 0 {
		return false
	}
	apart := longer - shorter
	return apart >= time.Second && longer >= 2*shorter || apart >= 30*time.Second && longer >= shorter+shorter/2
}
