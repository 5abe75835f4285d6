package frame

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"workflows/models/runs"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/engine"
	"workflows/worker/workflow"
)

// FailedOpen is the state that lists of runs are filtered by for failed runs that nobody has
// repaired or acknowledged.
const FailedOpen = "failed_open"

// RunFilter is which runs are meant: as an address or a form says it, and as the database is
// asked.
type RunFilter struct {
	Typed  views.RunsFilter
	Wanted runs.Filter
	// Problems are what cannot be read; the filter asks for nothing there.
	Problems []ui.FieldMessage
}

// RunFilterNames are the parameters that make up a filter.
func RunFilterNames() []string {
	return []string{"workflow_id", "status", "trigger", "q", "from", "to", "failure_id"}
}

// ReadRunFilter reads a filter; its days are days of the zone.
func ReadRunFilter(query url.Values, zone *time.Location) RunFilter {
	f := RunFilter{Typed: views.RunsFilter{
		Workflow: query.Get("workflow_id"), Status: query.Get("status"), Trigger: query.Get("trigger"),
		Search: strings.TrimSpace(query.Get("q")), From: query.Get("from"), To: query.Get("to"),
	}}
	typed := &f.Typed
	f.Wanted = runs.Filter{WorkflowID: typed.Workflow, TriggerType: typed.Trigger, Search: typed.Search, FailureID: query.Get("failure_id")}
	f.readStatus()
	if typed.Trigger != "" && !slices.Contains(engine.TriggerTypes(), typed.Trigger) {
		f.wrong("trigger", "Nothing starts a run that way. Choose one of the list.")
		typed.Trigger = ""
	}
	f.Wanted.From, typed.FromError = ReadDay(typed.From, zone, 0)
	f.Wanted.To, typed.ToError = ReadDay(typed.To, zone, 1)
	if typed.FromError != "" {
		f.wrong("from", typed.FromError)
	}
	if typed.ToError != "" {
		f.wrong("to", typed.ToError)
	}
	return f
}

func (f *RunFilter) wrong(field, message string) {
	f.Problems = append(f.Problems, Message(field, message))
}

func (f *RunFilter) readStatus() {
	status := f.Typed.Status
	if status != "" {
		f.Wanted.Status = []string{status}
	}
	if status == FailedOpen {
		f.Wanted.Status, f.Wanted.Open = []string{workflow.RunFailed}, true
	} else if reason, waits := strings.CutPrefix(status, "waiting_"); waits && slices.Contains(workflow.WaitReasons(), reason) {
		f.Wanted.Status, f.Wanted.WaitingFor = []string{workflow.RunWaiting}, reason
	} else if status != "" && !slices.Contains(workflow.RunStates(), status) {
		f.wrong("status", "There is no such state. Choose one of the list.")
		f.Typed.Status = ""
	}
}
