package api

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/models"
	"workflows/models/runs"
	"workflows/worker/engine"
	"workflows/worker/workflow"
)

// StartBody is the input of a run.
type StartBody struct {
	Input map[string]any `json:"input,omitempty" doc:"The values that the workflow's inputs ask for."`
}

func (a *API) runOperations() []Operation {
	const group = "Runs"
	filters := paged(
		query("workflow_id", "uuid", "Only runs of this workflow."),
		query("status", "string", "Only runs in this state, or in one of several separated by commas.", workflow.RunStates()...),
		query("waiting_for", "string", "Only runs that wait for this.", workflow.WaitReasons()...),
		query("trigger", "string", "Only runs that were started this way.", engine.TriggerTypes()...),
		query("failure_id", "uuid", "Only failed runs of this group: GET /failures."),
		query("q", "string", "Only runs with all of these words in the workflow's name, their input, what started them (who, and what a webhook was sent), their output, their steps' outputs and errors; the last word may be the beginning of one, from three letters on. Case and accents do not count. What is typed without a space, such as an e-mail address or A-4711, stands together. A run's id finds that run too. field:value, such as customer:4711 or order.id:77, finds runs with that value in such a field of what is named before; names with dots may begin at input, trigger, output or steps.ID, and what has spaces is put in quotation marks. workflow:Orders, status:failed, trigger:webhook and step:\"Send mail\" narrow the runs. Where fields are asked for a page may have fewer than limit although next_cursor is there: so far was looked. What a run gave is found a few seconds after its end; of long values the beginning counts."),
		query("from", "date-time", "Only runs queued at or after this time."),
		query("to", "date-time", "Only runs queued before this time."))
	attempts := paged(
		query("step_id", "string", "Only attempts of this step."),
		query("iteration", "string", "Only attempts of this item: its place in its loops, such as 3 or 3.0."),
		query("status", "string", "Only attempts in this state.", stepStates()...))
	idempotency := Parameter{In: "header", Name: "Idempotency-Key", Type: "string", Summary: "Any text of your own, up to 255 characters. The same key and body again answer with the same run; another body is 422 idempotency_mismatch."}
	return []Operation{
		{Method: http.MethodPost, Path: "/workflows/:id/runs", Name: "startRun", Group: group, Summary: "Start a run. Accepted means stored: it will run even if everything is restarted.", Scope: auth.ScopeRun, Status: 202, Parameters: []Parameter{idempotency}, Body: StartBody{}, BodyOptional: true, Answer: Run{}, Errors: []int{400, 404, 409, 413, 415, 422}, Handle: a.startRun},
		{
			Method: http.MethodGet, Path: "/runs", Name: "listRuns", Group: group, Summary: "List runs, newest first, without their steps, input and output.", Scope: auth.ScopeRead, Status: 200, Parameters: filters, Answer: List[RunRow]{}, Errors: []int{422},
			Handle: func(c *gin.Context) (any, error) { return a.listRuns(c, filters) },
		},
		{Method: http.MethodGet, Path: "/runs/:id", Name: "getRun", Group: group, Summary: "Read one run with the attempts of its steps.", Scope: auth.ScopeRead, Status: 200, Answer: Run{}, Errors: []int{404}, Handle: a.getRun},
		{
			Method: http.MethodGet, Path: "/runs/:id/steps", Name: "listRunSteps", Group: group, Summary: "List the attempts of a run's steps in the order in which they began.", Scope: auth.ScopeRead, Status: 200, Parameters: attempts, Answer: List[RunStep]{}, Errors: []int{404, 422},
			Handle: func(c *gin.Context) (any, error) { return a.listRunSteps(c, attempts) },
		},
		{Method: http.MethodGet, Path: "/runs/:id/differences", Name: "getRunDifferences", Group: group, Summary: "Say what differs from the last run of the workflow that succeeded before this one: version, input, time, and what steps gave.", Scope: auth.ScopeRead, Status: 200, Answer: RunDifferences{}, Errors: []int{404}, Handle: a.runDifferences},
		{Method: http.MethodPost, Path: "/runs/:id/cancel", Name: "cancelRun", Group: group, Summary: "Cancel a run for good: no further step starts, and a running call is cut off.", Scope: auth.ScopeRun, Status: 200, Answer: Run{}, Errors: []int{404, 409}, Handle: a.cancelRun},
		{Method: http.MethodPost, Path: "/runs/:id/continue", Name: "continueRun", Group: group, Summary: "Have a run go on at once that waits for a time or for the next attempt of a step.", Scope: auth.ScopeRun, Status: 200, Answer: Run{}, Errors: []int{404, 409}, Handle: a.continueRun},
		{Method: http.MethodPost, Path: "/runs/:id/retry", Name: "retryRun", Group: group, Summary: "Run a finished run again, as a new run.", Scope: auth.ScopeRun, Status: 202, Parameters: []Parameter{idempotency}, Body: RetryBody{}, BodyOptional: true, Answer: Run{}, Errors: []int{400, 404, 409, 415, 422}, Handle: a.retryRun},
		{Method: http.MethodPost, Path: "/runs/:id/decisions", Name: "decideRun", Group: group, Summary: "Decide about a step whose worker was lost or stopped, so that it is not known whether it acted: the run waits for that (waiting_for is decision).", Scope: auth.ScopeRun, Status: 200, Body: DecisionBody{}, Answer: Run{}, Errors: []int{400, 404, 409, 413, 415, 422}, Handle: a.decideRun},
	}
}

func (a *API) startRun(c *gin.Context) (any, error) {
	id, err := id(c)
	if err != nil {
		return nil, err
	}
	var sent StartBody
	if _, err := optionalBody(c, &sent); err != nil {
		return nil, err
	}
	key, err := idempotencyKey(c)
	if err != nil {
		return nil, err
	}
	if sent.Input == nil {
		sent.Input = map[string]any{}
	}
	run, before, err := a.Engine.StartNow(c.Request.Context(), engine.StartRequest{
		WorkflowID: id, Input: sent.Input, IdempotencyKey: key, RequestHash: hashOf(sent.Input),
		Trigger: engine.Trigger{Type: engine.TriggerManual, By: by(c), Via: "api"},
	})
	if err != nil {
		return nil, err
	}
	if before {
		return a.done(c, run)
	}
	outline, more, err := a.Engine.OutlineOfNew(c.Request.Context(), run, maxSteps)
	return accepted(runWhole(run, outline, more), run, err)
}

func idempotencyKey(c *gin.Context) (string, error) {
	key := c.GetHeader("Idempotency-Key")
	bad := strings.ContainsFunc(key, func(r rune) bool { return r < ' ' || r > '~' })
	if len(key) > 255 || bad {
		return "", invalid("invalid_header", []workflow.Problem{{Path: "Idempotency-Key", Code: "invalid_value", Message: "Use a key of at most 255 plain characters."}})
	}
	return key, nil
}

// hashOf tells whether two requests ask for the same: by what they say, not by
// how it is spaced or in which order.
func hashOf(asked any) string {
	written, err := json.Marshal(asked)
	if err != nil {
		return "" // what was decoded from JSON can be written as JSON
	}
	sum := sha256.Sum256(written)
	return hex.EncodeToString(sum[:])
}

func (a *API) listRuns(c *gin.Context, known []Parameter) (any, error) {
	return listed(c, a.DB, known, func(p *parameters) runs.Filter {
		filter := runFilter(p)
		filter.Before, filter.Limit = p.cursor(), p.limit()
		return filter
	}, runs.List, runRow)
}

// runFilter reads which runs are meant.
func runFilter(p *parameters) runs.Filter {
	return runs.Filter{
		WorkflowID: p.id("workflow_id", "Give the id of a workflow."), Status: p.choices("status", workflow.RunStates()...),
		WaitingFor: p.choice("waiting_for", workflow.WaitReasons()...), TriggerType: p.choice("trigger", engine.TriggerTypes()...), Search: p.search("q"), From: p.time("from"), To: p.time("to"),
		FailureID: p.id("failure_id", "Give the id of a group of GET /failures."),
	}
}

func (a *API) getRun(c *gin.Context) (any, error) {
	id, err := id(c)
	if err != nil {
		return nil, err
	}
	run, err := runs.Get(c.Request.Context(), a.DB, id)
	if err != nil {
		return nil, err
	}
	return a.whole(c, run)
}

// done answers for something that is committed. It was done even where the steps
// cannot be read just now: a program that is told otherwise would do it again.
func (a *API) done(c *gin.Context, run models.Run) (any, error) {
	answer, err := a.whole(c, run)
	return accepted(answer, run, err)
}

// accepted is the answer of what is committed, though what it came to cannot be read.
func accepted(answer any, run models.Run, err error) (any, error) {
	if errors.Is(err, models.ErrUnavailable) {
		return runWhole(run, nil, false), nil
	}
	return answer, err
}

// whole adds the steps to a run.
func (a *API) whole(c *gin.Context, run models.Run) (any, error) {
	outline, more, err := a.Engine.OutlineOf(c.Request.Context(), run, maxSteps)
	if err != nil {
		return nil, err
	}
	return runWhole(run, outline, more), nil
}
