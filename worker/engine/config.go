package engine

import (
	"context"
	"errors"
	"time"

	"workflows/models"
	"workflows/worker/engine/plan"
	"workflows/worker/secrets"
	"workflows/worker/workflow"
)

// configure finds the step's type and resolves its config. An error says that the
// database did not give what it is resolved from.
func (x *execution) configure(c *call) (*workflow.StepError, error) {
	var known bool
	if c.kind, known = x.e.types[c.step.Type]; !known {
		return &workflow.StepError{Code: "unknown_type", Permanent: true, Message: "This program does not know what the step does. Update the program, or replace the step."}, nil
	}
	scope, err := x.scope(c.step, c.row.Iteration, *c.row.StartedAt)
	if err != nil && !errors.Is(err, errUnreadable) {
		return nil, err
	}
	if err != nil {
		x.e.log.Error("a run's data cannot be read", "run_id", x.run.ID, "step_id", c.step.ID, "error", err)
		return &workflow.StepError{Code: workflow.CodeInternal, Permanent: true, Message: "The data of earlier steps cannot be read. Start a new run."}, nil
	}
	c.scope, scope.Secrets = scope, marks(x.version.secrets[c.step.ID])
	scope.Absent = func(reference string, why func() string) {
		c.row.NoteAbsent(reference, func() string { return x.e.redactor.Text(why()) })
	}
	if c.config, err = c.kind.Resolve(c.step.Config, scope); err != nil {
		return x.stepError(c.step, err), nil
	}
	if input, err := toJSON(c.config); err == nil {
		c.bytes = len(input)
		c.row.Input, _ = plan.CutTo(x.e.redactor.JSON(input))
	}
	return nil, nil
}

// filledIn is the config of an attempt with the secrets that the step uses, and what
// fills in the fields that are filled in per item. Secrets are read for each attempt, so
// that a changed one counts at once, and are kept nowhere. What was laid aside as texts
// waits for room for its values, which release gives back.
func (x *execution) filledIn(ctx context.Context, c *call) (config map[string]any, perItem func(value, item any, index int) (any, error), release func(), err error) {
	release = func() {}
	if c.aside > 0 {
		waited := c.limit.whileWaiting()
		release, err = x.e.memory.forConfig(ctx, c.aside)
		waited()
		if err != nil {
			return nil, nil, nil, err
		}
	}
	defer func() {
		if err != nil {
			release()
		}
	}()
	scope, err := c.scope.Opened()
	if err != nil {
		return nil, nil, nil, err
	}
	names := x.version.secrets[c.step.ID]
	if len(names) > 0 {
		if scope.Secrets, err = x.e.secretValues(ctx, names); err != nil {
			return nil, nil, nil, err
		}
	}
	if config = c.config; config == nil || len(names) > 0 {
		config, err = c.kind.Resolve(c.step.Config, scope)
	}
	return config, c.kind.PerItem(scope), release, err
}

// marks stand in a step's record for the secrets that it uses.
func marks(names []string) map[string]string {
	if len(names) == 0 {
		return nil
	}
	marks := make(map[string]string, len(names))
	for _, name := range names {
		marks[name] = secrets.Mark(name)
	}
	return marks
}

// secretValues waits for a database that is away, as long as the step may take.
func (e *Engine) secretValues(ctx context.Context, names []string) (map[string]string, error) {
	if e.secrets == nil {
		return nil, nil
	}
	for {
		began := time.Now()
		bounded, done := models.Bounded(ctx)
		values, err := e.secrets.Values(bounded, names)
		done()
		e.database.Note(began, err)
		switch {
		case err == nil:
			return values, nil
		case errors.Is(err, secrets.ErrUnreadable):
			e.log.Error("a secret cannot be used", "error", err)
			return nil, &workflow.StepError{Code: "unreadable_secret", Permanent: true, Message: "A secret that this step uses cannot be decrypted. Enter it again under Settings, Secrets."}
		case !errors.Is(err, models.ErrUnavailable):
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(time.Second):
		}
	}
}
