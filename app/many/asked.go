package many

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"time"

	"workflows/app/frame"
	"workflows/models"
	"workflows/models/failures"
	"workflows/models/runs"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/document"
	"workflows/worker/workflow"
)

// asked is which runs are meant, as it is kept: in the words of the API's filter.
type asked struct {
	WorkflowID string     `json:"workflow_id,omitempty"`
	Status     []string   `json:"status,omitempty"`
	WaitingFor string     `json:"waiting_for,omitempty"`
	Open       bool       `json:"open,omitempty"`
	Trigger    string     `json:"trigger,omitempty"`
	FailureID  string     `json:"failure_id,omitempty"`
	Search     string     `json:"q,omitempty"`
	From       *time.Time `json:"from,omitempty"`
	To         *time.Time `json:"to,omitempty"`
	IDs        []string   `json:"ids,omitempty"`
}

func askedOf(f runs.Filter) asked {
	return asked{
		WorkflowID: f.WorkflowID, Status: f.Status, WaitingFor: f.WaitingFor, Open: f.Open, Trigger: f.TriggerType,
		FailureID: f.FailureID, Search: f.Search, From: f.From, To: f.To, IDs: f.IDs,
	}
}

// readAsked reads what was kept, by whomever: what is not understood is left out.
func readAsked(kept models.JSON) asked {
	var values map[string]any
	if document.Decode(kept, &values) != nil {
		return asked{}
	}
	text := func(name string) string { one, _ := values[name].(string); return one }
	moment := func(name string) *time.Time {
		at, err := time.Parse(time.RFC3339Nano, text(name))
		if err != nil {
			return nil
		}
		return &at
	}
	open, _ := values["open"].(bool)
	return asked{
		WorkflowID: text("workflow_id"), Status: texts(values["status"]), WaitingFor: text("waiting_for"), Open: open, Trigger: text("trigger"),
		FailureID: text("failure_id"), Search: text("q"), From: moment("from"), To: moment("to"), IDs: texts(values["ids"]),
	}
}

func texts(value any) (all []string) {
	list, isList := value.([]any)
	if !isList {
		list = []any{value}
	}
	for _, one := range list {
		if text, is := one.(string); is && text != "" {
			all = append(all, text)
		}
	}
	return all
}

// states are the states in the words of the list that offers them.
func (a asked) states() string {
	words := ""
	for _, state := range a.Status {
		if a.Open && state == workflow.RunFailed {
			state = frame.FailedOpen
		}
		if a.WaitingFor != "" && state == workflow.RunWaiting {
			state = "waiting_" + a.WaitingFor
		}
		if word := views.RunStateWords(state); word != "" {
			words += frame.Either(words == "", "", ", ") + word
		}
	}
	return words
}

// facts say the filter in words, times on a clock.
func (s *Site) facts(ctx context.Context, a asked, zone *time.Location) ([]views.RunFact, error) {
	var facts []views.RunFact
	add := func(term, text string) {
		if text != "" {
			facts = append(facts, views.RunFact{Term: term, Text: text})
		}
	}
	if len(a.IDs) > 0 {
		add("Chosen", frame.Counted(int64(len(a.IDs)), "run")+" one by one")
	}
	if a.WorkflowID != "" {
		w, err := models.WorkflowToRun(ctx, s.DB, a.WorkflowID)
		switch {
		case errors.Is(err, models.ErrNotFound):
			add("Workflow", "One that was deleted")
		case err != nil:
			return nil, err
		default:
			facts = append(facts, views.RunFact{Term: "Workflow", Text: w.Name, URL: "/workflows/" + w.ID})
		}
	}
	if a.FailureID != "" {
		f, err := failures.Get(ctx, s.DB, a.FailureID)
		switch {
		case errors.Is(err, models.ErrNotFound):
			add("Why they failed", "For a reason that is not kept any more")
		case err != nil:
			return nil, err
		default:
			facts = append(facts, views.RunFact{Term: "Why they failed", Text: frame.Either(f.Sentence == "", "They did not say why.", f.Sentence), URL: "/failures/" + f.ID})
		}
	}
	add("State", a.states())
	add("Started by", views.RunTriggerWords(a.Trigger))
	add("With the words", a.Search)
	if a.From != nil {
		add("Accepted from", ui.Moment(*a.From, zone))
	}
	if a.To != nil {
		add("Accepted until", ui.Moment(*a.To, zone))
	}
	if a.WorkflowID == "" && a.FailureID == "" && len(a.IDs) == 0 && a.states() == "" {
		facts = append([]views.RunFact{{Term: "Filter", Text: "Runs of all workflows"}}, facts...)
	}
	return facts, nil
}

// listed is the query of the list of these runs, its days on a clock; false where the list
// cannot show them.
func (a asked) listed(zone *time.Location) (url.Values, bool) {
	query := url.Values{}
	set := func(name, value string) {
		if value != "" {
			query.Set(name, value)
		}
	}
	set("workflow_id", a.WorkflowID)
	set("trigger", a.Trigger)
	set("failure_id", a.FailureID)
	set("q", a.Search)
	switch {
	case a.Open:
		set("status", frame.FailedOpen)
	case a.WaitingFor != "":
		set("status", "waiting_"+a.WaitingFor)
	case len(a.Status) == 1:
		set("status", a.Status[0])
	}
	if a.From != nil {
		set("from", a.From.In(zone).Format(time.DateOnly))
	}
	if a.To != nil {
		set("to", a.To.Add(-1).In(zone).Format(time.DateOnly))
	}
	return query, len(a.IDs) == 0 && len(a.Status) < 2
}

// ended reports whether only runs are meant that have ended so.
func (a asked) ended(state string) bool { return slices.Equal(a.Status, []string{state}) }
