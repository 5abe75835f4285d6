package pages

import (
	"slices"
	"strings"
	"time"

	"workflows/app/frame"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/engine/plan"
	"workflows/worker/workflow"
)

// eventsShown bounds what is told of a run's history; the steps have the rest.
const eventsShown = 8

// history tells in plain words what did not go as planned: workers that were
// lost, attempts that failed and what came of it, decisions. more says how many
// events are left out.
func (r *runSheet) history() (events []views.RunEvent, more string) {
	attempts := map[[2]string][]plan.Attempt{}
	var order [][2]string
	for _, row := range r.rows {
		at := [2]string{row.StepID, row.Iteration}
		if attempts[at] == nil {
			order = append(order, at)
		}
		attempts[at] = append(attempts[at], row)
	}
	lost := 0
	for _, at := range order {
		rows := attempts[at]
		for i := range rows {
			var next *plan.Attempt
			if i+1 < len(rows) {
				next = &rows[i+1]
			}
			if wasLost(rows[i]) {
				lost++
			}
			events = append(events, r.eventsOf(rows[i], next)...)
		}
	}
	slices.SortStableFunc(events, func(a, b views.RunEvent) int { return a.At.Compare(b.At) })
	if between := r.run.Recovered - lost; between > 0 {
		events = append([]views.RunEvent{{Text: "A worker was lost between two steps" + times(between) + ". Another one went on; no step was repeated."}}, events...)
	}
	if left := len(events) - eventsShown; left > 0 {
		return events[:eventsShown], "And " + frame.Count(int64(left), "more event") + "; each step tells its own."
	}
	return events, ""
}

// eventsOf is what is to be told of one attempt.
func (r *runSheet) eventsOf(row plan.Attempt, next *plan.Attempt) []views.RunEvent {
	if r.takenOver(row) {
		return nil
	}
	name := "“" + row.Name + "”"
	if row.Iteration != "" {
		name += " of " + frame.ItemWords(row.Iteration)
	}
	failure := workflow.ReadFailure(row.Error)
	event := views.RunEvent{At: frame.TimeOf(row.StartedAt), URL: r.page(row.StepID, row.Iteration, row.Number)}
	switch {
	case unknown(row):
		event.Text = "A worker began " + name + " and was gone before it could say whether it had acted."
		if wasStopped(row) {
			event.Text = "The worker was stopped during " + name + ", before it could say whether it had acted."
		}
		if row.Note != "" {
			decided := views.RunEvent{At: later(event.At, frame.TimeOf(row.FinishedAt)), Text: "Decided: " + row.Note}
			return []views.RunEvent{event, decided}
		}
	case failure.Code == workflow.CodeWorkerLost:
		event.Text = "A worker began " + name + " and was lost." + wentOn(row, next, " Another one went on ", " later.")
	case failure.Code == workflow.CodeInterrupted:
		event.Text = "The worker was stopped during " + name + "." + wentOn(row, next, " It went on ", " later.")
	case failure.Code == workflow.CodeTimeout && row.Status == workflow.StepFailed:
		event.Text = "The time limit cut " + name + " off." + wentOn(row, next, " It was tried again ", " after it had begun.")
	case row.Status == workflow.StepFailed && (next != nil || row.WakeAt != nil):
		event.Text = name + " failed: " + failure.Message + wentOn(row, next, " It was tried again ", " after it had begun.")
	default:
		return nil
	}
	return []views.RunEvent{event}
}

// unknown reports whether nobody could tell whether an attempt had acted; only
// such ones are decided about by people.
func unknown(row plan.Attempt) bool {
	return row.Note != "" || workflow.ReadFailure(row.Error).Code == workflow.CodeUnknownOutcome
}

// wentOn says how long after an attempt's beginning the next one began, or
// nothing as long as none has.
func wentOn(row plan.Attempt, next *plan.Attempt, before, after string) string {
	if next == nil || next.StartedAt == nil || row.StartedAt == nil {
		return ""
	}
	return before + ui.DurationText(max(next.StartedAt.Sub(*row.StartedAt), time.Millisecond)) + after
}

// wasLost reports whether an attempt ended with its worker.
func wasLost(row plan.Attempt) bool {
	return (unknown(row) && !wasStopped(row)) || workflow.ReadFailure(row.Error).Code == workflow.CodeWorkerLost
}

// wasStopped reports whether a stop of its worker cut an attempt off. Where it may
// have acted, only the engine's sentence tells that from a loss.
func wasStopped(row plan.Attempt) bool {
	return strings.HasPrefix(workflow.ReadFailure(row.Error).Message, "The worker was stopped")
}

func times(n int) string {
	if n == 1 {
		return ""
	}
	return ", " + frame.Count(int64(n), "time")
}
