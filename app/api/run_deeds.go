package api

import (
	"slices"

	"github.com/gin-gonic/gin"

	"workflows/worker/engine"
	"workflows/worker/workflow"
)

// RetryBody says from where and with which version a run is repeated.
type RetryBody struct {
	From    string `json:"from,omitempty" enum:"start,failed_step" doc:"start when absent."`
	Version string `json:"version,omitempty" enum:"same,current" doc:"same when absent."`
}

// DecisionBody says what is to become of an attempt of which it is not known
// whether it acted.
type DecisionBody struct {
	StepID    string `json:"step_id"`
	Iteration string `json:"iteration,omitempty" doc:"The item's place in its loops, as in the run's steps; absent outside of one."`
	Action    string `json:"action" enum:"repeat,succeed,fail" doc:"repeat runs the step again, succeed takes it as done with output, fail lets it fail."`
	Output    any    `json:"output,omitempty" doc:"What the step gave, for succeed."`
}

func (a *API) continueRun(c *gin.Context) (any, error) {
	id, err := id(c)
	if err == nil {
		err = noBody(c)
	}
	if err != nil {
		return nil, err
	}
	run, err := a.Engine.GoOnNow(c.Request.Context(), id)
	if err != nil {
		return nil, err
	}
	return a.done(c, run)
}

func (a *API) cancelRun(c *gin.Context) (any, error) {
	id, err := id(c)
	if err != nil {
		return nil, err
	}
	if err := noBody(c); err != nil {
		return nil, err
	}
	run, err := a.Engine.Cancel(c.Request.Context(), id, by(c))
	if err != nil {
		return nil, err
	}
	return a.done(c, run)
}

func (a *API) retryRun(c *gin.Context) (any, error) {
	id, err := id(c)
	if err != nil {
		return nil, err
	}
	var sent RetryBody
	if _, err := optionalBody(c, &sent); err != nil {
		return nil, err
	}
	if err := invalid("invalid_body", sent.problems()); err != nil {
		return nil, err
	}
	key, err := idempotencyKey(c)
	if err != nil {
		return nil, err
	}
	run, err := a.Engine.Retry(c.Request.Context(), id, engine.RetryRequest{From: sent.From, Version: sent.Version, By: by(c), Via: "api", IdempotencyKey: key})
	if err != nil {
		return nil, err
	}
	return a.done(c, run)
}

func (b RetryBody) problems() (problems []workflow.Problem) {
	if b.From != "" && b.From != engine.FromStart && b.From != engine.FromFailedStep {
		problems = append(problems, workflow.Problem{Path: "from", Code: "invalid_value", Message: "Choose start or failed_step."})
	}
	if b.Version != "" && b.Version != engine.VersionSame && b.Version != engine.VersionCurrent {
		problems = append(problems, workflow.Problem{Path: "version", Code: "invalid_value", Message: "Choose same or current."})
	}
	return problems
}

func (a *API) decideRun(c *gin.Context) (any, error) {
	id, err := id(c)
	if err != nil {
		return nil, err
	}
	var sent DecisionBody
	if _, err := body(c, &sent); err != nil {
		return nil, err
	}
	var problems []workflow.Problem
	if sent.StepID == "" {
		problems = append(problems, workflow.Problem{Path: "step_id", Code: "required", Message: "Name the step that waits for the decision."})
	}
	if !slices.Contains([]string{engine.DecideRepeat, engine.DecideSucceed, engine.DecideFail}, sent.Action) {
		problems = append(problems, workflow.Problem{Path: "action", Code: "invalid_value", Message: "Choose repeat, succeed or fail."})
	}
	if sent.Output != nil && sent.Action != engine.DecideSucceed {
		problems = append(problems, workflow.Problem{Path: "output", Code: "not_applicable", Message: "Only succeed takes an output."})
	}
	if err := invalid("invalid_body", problems); err != nil {
		return nil, err
	}
	run, err := a.Engine.Decide(c.Request.Context(), id, engine.Decision{StepID: sent.StepID, Iteration: sent.Iteration, Action: sent.Action, Output: sent.Output, By: by(c)})
	if err != nil {
		return nil, err
	}
	return a.done(c, run)
}
