package editor

import (
	"context"
	"slices"
	"strings"

	"workflows/app/frame"
	"workflows/models"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/workflow"
)

// typesNaming are the step types, with sentences that name the workflows which
// the definitions' steps run instead of giving their ids.
func (s *Site) typesNaming(ctx context.Context, definitions ...workflow.Definition) (workflow.Types, error) {
	naming, err := s.Catalog.Naming(ctx, definitions...)
	return naming.NamedTypes(), err
}

// callable is what the form of a step that runs another workflow offers.
type callable struct {
	options []ui.Option
	// name and inputs are those of the chosen workflow, as it is published.
	name   string
	inputs []workflow.Input
	find   *ui.FieldProps // narrows the options; nil where all are offered
}

// callable lists the workflows that a step of the draft may run, those with the words
// of find in their names, and what the chosen one asks for.
func (s *Site) callable(ctx context.Context, d draft, chosen, find string) (callable, error) {
	offer := callable{options: []ui.Option{{Value: "", Label: "Choose a workflow"}}}
	names, more, err := models.WorkflowNames(ctx, s.DB, find, frame.OfferedWorkflows)
	if err != nil {
		return offer, err
	}
	if more || find != "" {
		field := frame.FindField(find, len(names), more)
		field.Help += " Then press “Show what it asks for”."
		offer.find = &field
	}
	for _, w := range names {
		switch {
		case w.ID == d.workflow.ID:
		case w.Status == workflow.StatusDraft:
			offer.options = append(offer.options, ui.Option{Value: w.ID, Label: w.Name + " (not published yet)"})
		default:
			offer.options = append(offer.options, ui.Option{Value: w.ID, Label: w.Name})
		}
	}
	found, err := models.CalledWorkflows(ctx, s.DB, []string{chosen})
	if err != nil || chosen == "" {
		return offer, err
	}
	w, exists := found[chosen]
	if labelOf(offer.options, chosen) == chosen { // not among those offered
		label := "A workflow that is gone"
		if exists {
			label = w.Name
		}
		offer.options = append(offer.options, ui.Option{Value: chosen, Label: label})
	}
	if called, err := workflow.Load(w.Definition); err == nil {
		offer.name, offer.inputs = w.Name, called.Inputs
	}
	return offer, nil
}

// rows adds to those that were filled in one for each further input.
func (c callable) rows(filled []views.FormRow) []views.FormRow {
	filled = slices.DeleteFunc(filled, func(row views.FormRow) bool { return row.Name+row.Value == "" })
	for _, input := range c.inputs {
		if slices.ContainsFunc(filled, func(row views.FormRow) bool { return row.Name == input.Name }) {
			continue
		}
		filled = append(filled, views.FormRow{Name: input.Name, Kind: workflow.ValueKindFor(input)})
	}
	return filled
}

// asksFor says what the chosen workflow wants to be given.
func (c callable) asksFor() string {
	if c.name == "" {
		return ""
	}
	if len(c.inputs) == 0 {
		return "“" + c.name + "” asks for nothing."
	}
	parts := make([]string, len(c.inputs))
	for i, input := range c.inputs {
		parts[i] = input.Name
		if input.Label != "" {
			parts[i] += " (" + input.Label + ")"
		}
		if input.Required && input.Default == nil {
			parts[i] += ", required"
		}
	}
	return "“" + c.name + "” asks for: " + strings.Join(parts, "; ") + "."
}

// labelOf is what people read for a value; a value that is not offered is shown
// as it is.
func labelOf(options []ui.Option, value string) string {
	for _, option := range options {
		if option.Value == value {
			return option.Label
		}
	}
	return value
}
