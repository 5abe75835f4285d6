package api

import (
	"maps"
	"slices"
	"strings"

	"workflows/models"
	"workflows/models/runs"
	"workflows/worker/document"
	"workflows/worker/workflow"
)

// BulkFilter chooses runs by the names of GET /runs; a run has to meet all that is given. Its
// fields are what may be sent, and of which type; what was sent is read as the parameters of
// an address are.
type BulkFilter struct {
	IDs        []string `json:"ids,omitempty" format:"uuid" doc:"Only these runs, 1 to 1,000."`
	WorkflowID string   `json:"workflow_id,omitempty" format:"uuid" doc:"Only runs of this workflow."`
	Status     any      `json:"status,omitempty"`
	Open       bool     `json:"open,omitempty" doc:"true: only failed runs that nobody has repaired or acknowledged."`
	WaitingFor string   `json:"waiting_for,omitempty"`
	Trigger    string   `json:"trigger,omitempty"`
	Q          string   `json:"q,omitempty" doc:"Only runs with all of these words, as in GET /runs."`
	From       string   `json:"from,omitempty" format:"date-time" doc:"Only runs queued at or after this time."`
	To         string   `json:"to,omitempty" format:"date-time" doc:"Only runs queued before this time."`
	FailureID  string   `json:"failure_id,omitempty" format:"uuid" doc:"Only failed runs of this group, as failure_id beside the filter."`
}

// chosenRuns reads which runs are meant. A condition that says nothing, as where a program has
// lost a value, is refused: without it more runs would be meant than somebody thought of.
func chosenRuns(sent object) (runs.Filter, []workflow.Problem) {
	filter, _ := sent["filter"].(object)
	beside, inside := &parameters{given: textIn(sent)}, &parameters{given: textIn(filter), in: "filter."}
	chosen := runFilter(inside)
	chosen.IDs = inside.ids(filter["ids"])
	if words, given := inside.given("q"); given && strings.TrimSpace(words) == "" {
		inside.wrong("q", "required", "Give words to look for, or leave it out.")
	}
	if open, given := filter["open"].(bool); given {
		if chosen.Open = open; !open {
			inside.wrong("open", "invalid_value", "Give true, or leave it out.")
		}
	}
	inside.nothing(filter, slices.Sorted(maps.Keys(filter))...)
	beside.nothing(sent, "filter", "failure_id")
	group := beside.id("failure_id", "Give the id of a group of GET /failures.")
	if group != "" && chosen.FailureID != "" && group != chosen.FailureID {
		beside.wrong("failure_id", "not_applicable", "The filter names another group. Leave out one of them.")
	}
	if group != "" {
		chosen.FailureID = group
	}
	_, grouped := sent["failure_id"]
	if value, given := sent["filter"]; len(filter) == 0 && !grouped && (value != nil || !given) {
		beside.wrong("filter", "required", "Give at least one condition, such as workflow_id or status: all runs would be meant.")
	}
	var problems []workflow.Problem
	for _, field := range append(beside.fields, inside.fields...) {
		problems = append(problems, workflow.Problem{Path: field.Path, Code: field.Code, Message: field.Message})
	}
	return chosen, problems
}

// askedOf is what is kept of a filter, and shown: as it was sent, with the states in a list.
func askedOf(sent object, chosen runs.Filter) object {
	filter, _ := sent["filter"].(object)
	asked := object{}
	maps.Copy(asked, filter)
	if len(chosen.Status) > 0 {
		asked["status"] = chosen.Status
	}
	return asked
}

// textIn finds values by their names, as those of an address are; a list's with commas.
func textIn(values object) func(name string) (string, bool) {
	return func(name string) (string, bool) {
		value, given := values[name]
		list, isList := value.([]any)
		if !isList {
			text, _ := value.(string)
			return text, given && value != nil
		}
		var texts []string
		for _, one := range list {
			text, _ := one.(string)
			texts = append(texts, text)
		}
		return strings.Join(texts, ","), true
	}
}

// nothing refuses null in the place of these.
func (p *parameters) nothing(values object, names ...string) {
	for _, name := range names {
		if value, given := values[name]; given && value == nil {
			p.wrong(name, "required", "Give a value, or leave it out.")
		}
	}
}

// mostIDs is how many runs can be named.
const mostIDs = 1000

// ids are those of runs.
func (p *parameters) ids(value any) []string {
	list, given := value.([]any)
	if !given {
		return nil
	}
	if len(list) == 0 || len(list) > mostIDs {
		p.wrong("ids", "out_of_range", "Name 1 to 1,000 runs.")
		return nil
	}
	ids := make([]string, len(list))
	for i, one := range list {
		if ids[i], _ = one.(string); !models.ValidID(ids[i]) {
			p.wrong(document.Item("ids", i), "invalid_id", "Give the id of a run.")
			return nil
		}
	}
	return ids
}
