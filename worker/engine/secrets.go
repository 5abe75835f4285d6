package engine

import (
	"context"
	"errors"
	"time"

	"workflows/models"
	"workflows/worker/secrets"
	"workflows/worker/workflow"
)

// marks stand in a step's record for the secrets that it uses.
func marks(names []string) map[string]string {
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
