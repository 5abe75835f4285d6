package hooks

import (
	"cmp"
	"context"

	"workflows/models"
	"workflows/worker/engine"
	"workflows/worker/workflow"
)

// Form finds the public form with this token. One that cannot be filled in now is
// a *models.ConflictError.
func (r *Receiver) Form(ctx context.Context, token string) (models.CalledWebhook, workflow.Trigger, error) {
	found, err := models.WebhookByToken(ctx, r.DB, token)
	if err != nil {
		return found, workflow.Trigger{}, err
	}
	if found.Rule == nil {
		return found, workflow.Trigger{}, models.ErrNotFound // not published, or no longer
	}
	rule, beyond := workflow.BeyondTrigger(found.Rule)
	if beyond != "" {
		return found, rule, r.beyond(found, beyond)
	}
	switch {
	case rule.Type != "form":
		return found, rule, models.ErrNotFound
	case rule.Disabled || found.WorkflowStatus == workflow.StatusPaused:
		return found, rule, &models.ConflictError{Code: "closed", Message: "This form is closed at the moment. Try again later."}
	}
	return found, rule, nil
}

// Submit starts a run with what somebody has filled in. The same key is the same
// run.
func (r *Receiver) Submit(ctx context.Context, token string, input map[string]any, key, hash string) (models.Run, error) {
	found, rule, err := r.Form(ctx, token)
	if err != nil {
		return models.Run{}, err
	}
	if err := r.limits.allow(ctx, found.ID, cmp.Or(rule.RatePerMinute, workflow.FormRate)); err != nil {
		return models.Run{}, err
	}
	run, _, err := r.Engine.StartNow(ctx, engine.StartRequest{
		WorkflowID: found.WorkflowID, Input: input, IdempotencyKey: key, RequestHash: hash,
		Trigger: engine.Trigger{Type: engine.TriggerForm, TriggerID: found.TriggerID, Via: "form"},
	})
	return run, err
}
