package frame

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/views/ui"
)

// offeredWorkflows bounds the workflows that a filter offers by name.
const offeredWorkflows = 200

// WorkflowChoices offers workflows by name in a filter, the chosen one always among them.
func WorkflowChoices(ctx context.Context, db *gorm.DB, chosen string) ([]ui.Option, error) {
	found, err := models.WorkflowNames(ctx, db, offeredWorkflows)
	if err != nil {
		return nil, err
	}
	choices := []ui.Option{{Value: "", Label: "Any"}}
	for _, w := range found {
		choices = append(choices, ui.Option{Value: w.ID, Label: w.Name})
	}
	if chosen == "" || slices.ContainsFunc(choices, func(o ui.Option) bool { return o.Value == chosen }) {
		return choices, nil
	}
	label := "A workflow that was deleted"
	if w, err := models.WorkflowToRun(ctx, db, chosen); err == nil {
		label = w.Name
	}
	return append(choices, ui.Option{Value: chosen, Label: label}), nil
}
