package api

import (
	"cmp"
	"fmt"
	"slices"

	"workflows/models"
	"workflows/models/bulk"
	"workflows/worker/document"
	"workflows/worker/engine"
	"workflows/worker/workflow"
)

// BulkBody asks for something to be done with many runs.
type BulkBody struct {
	Action    string      `json:"action" enum:"retry,cancel,delete" doc:"retry runs each again as a new run, cancel ends it for good, delete removes it with all that is stored of it. To delete needs a token with the scopes run and write."`
	Filter    *BulkFilter `json:"filter,omitempty" doc:"Which runs are meant. Needed unless failure_id is given; together, a run has to meet both."`
	FailureID string      `json:"failure_id,omitempty" format:"uuid" doc:"Only failed runs of this group: GET /failures. A group that is not there has no runs."`
	From      string      `json:"from,omitempty" enum:"start,failed_step" doc:"Only with retry; start when absent."`
	Version   string      `json:"version,omitempty" enum:"same,current" doc:"Only with retry; same when absent."`
	PerSecond *int        `json:"per_second,omitempty" doc:"With how many runs a second at most, 1 to 1,000; 50 when absent."`
}

// request is what was sent in data, checked.
func (b BulkBody) request(data []byte) (bulk.Request, error) {
	r := bulk.Request{Action: b.Action, RetryFrom: b.From, RetryVersion: b.Version, PerSecond: bulk.UsualRate, Via: "api"}
	if b.Action == bulk.Retry {
		r.RetryFrom, r.RetryVersion = cmp.Or(b.From, engine.FromStart), cmp.Or(b.Version, engine.VersionSame)
	}
	if b.PerSecond != nil {
		r.PerSecond = *b.PerSecond
	}
	value, err := document.Value(data)
	if err != nil {
		return r, err
	}
	sent, _ := value.(object)
	var wrong []workflow.Problem
	if r.Runs, wrong = chosenRuns(sent); len(wrong) > 0 || len(b.problems()) > 0 {
		return r, invalid("invalid_body", append(b.problems(), wrong...))
	}
	asked := askedOf(sent, r.Runs)
	r.RequestHash = hashOf([]any{r.Action, asked, b.FailureID, r.RetryFrom, r.RetryVersion, r.PerSecond})
	r.Asked, err = models.ToJSON(asked)
	return r, err
}

// problems are those of what is to be done.
func (b BulkBody) problems() []workflow.Problem {
	problems := RetryBody{From: b.From, Version: b.Version}.problems()
	wrong := func(path, code, message string) {
		problems = append(problems, workflow.Problem{Path: path, Code: code, Message: message})
	}
	if b.Action == "" {
		wrong("action", "required", "Choose retry, cancel or delete.")
	} else if !slices.Contains(bulk.Actions(), b.Action) {
		wrong("action", "invalid_value", "Choose retry, cancel or delete.")
	}
	if b.Action == bulk.Cancel || b.Action == bulk.Delete {
		if b.From != "" {
			wrong("from", "not_applicable", "Only retry takes this. Leave it out.")
		}
		if b.Version != "" {
			wrong("version", "not_applicable", "Only retry takes this. Leave it out.")
		}
	}
	if b.PerSecond != nil && (*b.PerSecond < 1 || *b.PerSecond > bulk.MostRate) {
		wrong("per_second", "out_of_range", fmt.Sprintf("Give a whole number from 1 to %d.", bulk.MostRate))
	}
	return problems
}
