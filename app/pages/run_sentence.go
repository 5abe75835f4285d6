package pages

import (
	"fmt"
	"strings"
	"time"

	"workflows/app/frame"
	"workflows/models"
	"workflows/views/ui"
	"workflows/worker/engine/plan"
	"workflows/worker/workflow"
)

// waitsForTime reports that a run waits for nothing but a time, which may be ended.
func waitsForTime(run models.Run) bool {
	return run.Status == workflow.RunWaiting && (run.WaitingFor == workflow.WaitTime || run.WaitingFor == workflow.WaitRetry)
}

// sentence says what the run does, why it waits, or how it ended; with the time
// at which a waiting one goes on, where that is known.
func (r *runSheet) sentence() (string, time.Time) {
	switch r.run.Status {
	case workflow.RunQueued:
		return r.queuedSentence(), time.Time{}
	case workflow.RunRunning:
		return r.runningSentence(), time.Time{}
	case workflow.RunWaiting:
		if !waitsForTime(r.run) {
			return r.waitingSentence(), time.Time{} // what is due is at most its time limit
		}
		if r.overdue() {
			return "Its time to go on has come. " + r.queuedSentence(), frame.TimeOf(r.run.DueAt)
		}
		return r.waitingSentence(), frame.TimeOf(r.run.DueAt)
	case workflow.RunSucceeded:
		return "Finished" + r.after() + ": " + r.tally() + ".", time.Time{}
	case workflow.RunFailed:
		if step := r.step(workflow.ReadFailure(r.run.Error).StepID, ""); step != nil {
			return "Failed at “" + step.Name + "”" + r.after() + ".", time.Time{}
		}
		return "Failed" + r.after() + ".", time.Time{}
	}
	if message := workflow.ReadFailure(r.run.Error).Message; message != "" {
		return message, time.Time{}
	}
	return "Cancelled" + r.after() + ".", time.Time{}
}

// queuedSentence says why a run that may start does not run yet.
func (r *runSheet) queuedSentence() string {
	if r.queue.Standstill.Holds() {
		return "Waits because " + r.queue.Standstill.Cause()
	}
	if r.run.HeldBack && r.run.BehindID != nil {
		return "Waits for its turn: an earlier run has to end first."
	}
	if r.run.HeldBack {
		return heldBackSentence(r.definition.Settings.MaxRunning)
	}
	for _, lane := range r.queue.Lanes {
		if lane.Name == r.run.Queue && lane.Paused {
			return "Waits because the queue “" + lane.Name + "” is paused. It starts when the queue is resumed."
		}
	}
	switch {
	case r.queue.RedisError != "":
		return "Waits because Redis cannot be reached. It is kept and starts when Redis is back."
	case len(r.queue.Workers) == 0:
		return "Waits because no worker is connected. It starts when one is."
	case r.run.Recoveries > 0:
		return "Its worker was lost. It goes on as soon as another one is free."
	case r.run.StartedAt != nil:
		return "Goes on as soon as a worker is free."
	}
	return "Starts as soon as a worker is free."
}

// overdue reports whether a run waits for a time that has come, and no worker has taken it on.
func (r *runSheet) overdue() bool {
	return waitsForTime(r.run) && r.run.DueAt != nil && r.now.Sub(*r.run.DueAt) > overdueAfter
}

// overdueAfter is how long after its time a run that waited goes on at the latest where a worker
// is free.
const overdueAfter = 15 * time.Second

// next says what a run that has not ended does after that: its first step that is still to come,
// as far as no answer decides that.
func (r *runSheet) next() string {
	if workflow.Final(r.run.Status) || r.run.WaitingFor == workflow.WaitWorker || len(r.steps) == 0 {
		return ""
	}
	for _, step := range r.steps {
		if step.Status == workflow.StepPending && !step.Disabled && step.Iteration == "" {
			if step.Block == plan.BlockDo { // it is done for each item of what goes on now
				continue
			}
			if r.run.StartedAt == nil {
				return "It begins with “" + step.Name + "”."
			}
			return "Next: “" + step.Name + "”."
		}
	}
	return "After that it ends."
}

// heldBackSentence names the limit, where the run's version has one.
func heldBackSentence(limit int) string {
	switch limit {
	case 0:
		return "Waits for its turn: only so many runs of this workflow may go on at once."
	case 1:
		return "Waits for its turn: this workflow runs one at a time."
	}
	return fmt.Sprintf("Waits for its turn: this workflow runs at most %d at once.", limit)
}

func (r *runSheet) runningSentence() string {
	step := r.newest(workflow.StepRunning)
	switch {
	case step == nil:
		return "A worker is at work on it."
	case len(step.Items) > 0:
		return "Goes through “" + step.Name + "”, " + itemTally(step.Items, r.loopData(*step).total)
	}
	if tries := r.tries(*step); tries != "" {
		return "Works on “" + step.Name + "”, " + tries + "."
	}
	return "Works on “" + step.Name + "”."
}

func (r *runSheet) waitingSentence() string {
	name, step := r.waiter()
	switch r.run.WaitingFor {
	case workflow.WaitWorker:
		return r.strandedSentence()
	case workflow.WaitRetry:
		return name + " failed and is tried again" + nextTry(r, step) + ":"
	case workflow.WaitTime:
		return name + " lets the run wait. It goes on:"
	case workflow.WaitApproval:
		return name + " waits for an approval."
	case workflow.WaitWorkflow:
		return name + " waits for another workflow."
	case workflow.WaitDecision:
		return name + " waits for a decision: it is not known whether it has acted."
	}
	return "It waits."
}

// strandedSentence says what the workers do not know that the run needs.
func (r *runSheet) strandedSentence() string {
	if r.stranded != "" {
		return r.stranded
	}
	return "Waits for a worker that knows what it needs. Start the newer program in place of the older workers."
}

// waiter names the step that the run waits for, wherever it stands; it comes with it where
// that is not inside of an item.
func (r *runSheet) waiter() (string, *plan.OutlineStep) {
	step := r.matters()
	switch {
	case step == nil:
		return "A step", nil
	case step.Iteration != "":
		return "“" + step.Name + "” of " + frame.ItemWords(step.Iteration), nil
	}
	return "“" + step.Name + "”", step
}

// nextTry names the attempt that is to come: " (attempt 2 of 5)".
func nextTry(r *runSheet, step *plan.OutlineStep) string {
	if step == nil {
		return ""
	}
	found, _, ok := workflow.FindStep(&r.definition, step.StepID)
	if !ok || found.Retry == nil {
		return ""
	}
	next := len(step.Attempts) + 1
	return fmt.Sprintf(" (attempt %d of %d)", next, max(found.Retry.MaxAttempts, next))
}

// newest is the last step outside of loops that is in this state.
func (r *runSheet) newest(status string) *plan.OutlineStep {
	for i := len(r.steps) - 1; i >= 0; i-- {
		if r.steps[i].Status == status && r.steps[i].Iteration == "" {
			return &r.steps[i]
		}
	}
	return nil
}

// after is how long a final run took, as the end of a sentence.
func (r *runSheet) after() string {
	if took := frame.RunTook(r.run); took >= 0 {
		return " after " + ui.DurationText(took)
	}
	return ""
}

// tally counts the steps outside of loops by how they ended.
func (r *runSheet) tally() string {
	counts := map[string]int64{}
	for _, step := range r.steps {
		switch {
		case step.Iteration != "":
		case step.Disabled && len(step.Attempts) == 0:
			counts["off"]++
		default:
			counts[step.Status]++
		}
	}
	parts := []string{frame.Count(counts[workflow.StepSucceeded], "step") + " succeeded"}
	if n := counts[workflow.StepFailed]; n > 0 {
		parts = append(parts, frame.Number(n)+" failed and was passed over")
	}
	if n := counts[workflow.StepSkipped]; n > 0 {
		parts = append(parts, frame.Number(n)+" not needed")
	}
	if n := counts["off"]; n > 0 {
		parts = append(parts, frame.Number(n)+" switched off")
	}
	return strings.Join(parts, ", ")
}
