package plan

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"workflows/worker/document"
	"workflows/worker/workflow"
)

// Attempt is one attempt of one step: what decisions look at, and what pages show.
type Attempt struct {
	ID        string
	StepID    string
	Name      string
	Type      string
	Iteration string // "" outside a for_each, else the index path "3" or "3.0"
	Number    int    // from 1
	Status    string
	// Branch is the block that a condition chose, BlockDo of a for_each that was
	// entered, or, while it waits, the word for what it waits for (see WaitsFor), or
	// Example.
	Branch string
	Input  []byte // the resolved config, as JSON
	Output []byte
	Error  []byte // a workflow.Failure
	Absent []Absent
	// ChildID is the run that the step has started.
	ChildID *string
	Note    string // what a person decided about it, in words
	// WakeAt is when a failed attempt is followed by the next one, or when the time
	// of a waiting one is over.
	WakeAt     *time.Time
	StartedAt  *time.Time
	FinishedAt *time.Time
}

// Absent is something that an attempt's config refers to and that was not there, with the
// reason in words.
type Absent struct {
	Reference string `json:"reference"`
	Reason    string `json:"reason"`
}

// maxAbsent bounds what is noted of one attempt.
const maxAbsent = 20

// NoteAbsent notes it, once, where there is a reason. No reason is asked for that is not
// noted.
func (a *Attempt) NoteAbsent(reference string, reason func() string) {
	if len(a.Absent) >= maxAbsent || slices.ContainsFunc(a.Absent, func(one Absent) bool { return one.Reference == reference }) {
		return
	}
	if said := reason(); said != "" {
		a.Absent = append(a.Absent, Absent{reference, said})
	}
}

// Example is the Branch of an attempt in a try whose output is not what the step gives:
// it did nothing, or an example stands there.
const Example = "example"

// BlockDo is the block that a for_each executes for each item.
const BlockDo = "do"

// WaitsFor says what a waiting attempt waits for. What others end names itself in
// Branch, but for a run that the step has started; of an attempt that nothing will
// wake nobody knows whether it acted.
func (a *Attempt) WaitsFor() string {
	switch {
	case a.ChildID != nil:
		return workflow.WaitWorkflow
	case a.Branch != "":
		return a.Branch
	case a.WakeAt == nil:
		return workflow.WaitDecision
	}
	return workflow.WaitTime
}

// UnderWay reports whether it is a for_each that goes through its items.
func (a *Attempt) UnderWay() bool {
	return a.Branch == BlockDo && a.Status == workflow.StepRunning
}

// Bytes is how large its output is, also where that is kept aside.
func (a *Attempt) Bytes() int {
	switch {
	case a == nil:
		return 0
	case IsCut(a.Output):
		var cut Cut
		_ = document.Decode(a.Output, &cut) // it begins like one
		return cut.Bytes
	}
	return len(a.Output)
}

// Result is what the attempt gave: while a for_each is under way, or when it was
// cancelled, its output is what it goes through instead.
func (a *Attempt) Result() []byte {
	if a.Branch == BlockDo && a.Status != workflow.StepSucceeded && a.Status != workflow.StepFailed {
		return nil
	}
	return a.Output
}

// Spot is where an attempt stands in a run: its step, and inside a for_each the
// index path of the item.
type Spot struct{ StepID, Iteration string }

// At is a step's spot in an iteration.
func At(stepID, iteration string) Spot { return Spot{stepID, iteration} }

// Spot is where the attempt stands.
func (a *Attempt) Spot() Spot { return Spot{a.StepID, a.Iteration} }

// ItemPath is the index path of item i of a for_each that stands at iteration.
func ItemPath(iteration string, i int) string {
	if iteration == "" {
		return strconv.Itoa(i)
	}
	return iteration + "." + strconv.Itoa(i)
}

// Around is the index path of what holds the for_each of an item.
func Around(iteration string) string {
	return iteration[:max(strings.LastIndexByte(iteration, '.'), 0)]
}

// History are the attempts at each spot, oldest first.
type History map[Spot][]*Attempt

// Add keeps a new attempt.
func (h History) Add(a *Attempt) { h[a.Spot()] = append(h[a.Spot()], a) }

// Latest is the newest attempt at a spot, or nil.
func (h History) Latest(at Spot) *Attempt {
	list := h[at]
	if len(list) == 0 {
		return nil
	}
	return list[len(list)-1]
}
