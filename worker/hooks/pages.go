package hooks

import (
	"context"
	"slices"

	"workflows/models"
	"workflows/worker/workflow"
)

// Allows reports whether pages of a web site may call the webhook with this token from a
// browser and see what it answers.
func (r *Receiver) Allows(ctx context.Context, token, origin string) (bool, error) {
	hook, err := models.WebhookByToken(ctx, r.DB, token)
	if err != nil {
		return false, err
	}
	if hook.Rule == nil {
		return false, nil
	}
	rule, beyond := workflow.BeyondTrigger(hook.Rule)
	return beyond == "" && rule.Type == "webhook" && slices.Contains(rule.Origins(), origin), nil
}

// fromAllowedPage refuses what the page of another web site has a browser send, where
// those that may are named. Programs send no origin.
func (d *delivery) fromAllowedPage() error {
	origin := d.request.Header.Get("Origin")
	if allowed := d.rule.Origins(); origin == "" || len(allowed) == 0 || slices.Contains(allowed, origin) {
		return nil
	}
	return &models.StrangerError{Code: "origin_not_allowed", Message: "This came from a page of a web site that is not among those that may call this webhook. Its owner has to name the site, written as the browser sends it in the header Origin."}
}
