package offer

import (
	"slices"

	"workflows/worker/workflow"
)

// Offered lists what may be chosen for a field of a step, in the order in which people
// look for it: the item of a loop, what the workflow was started with, what earlier steps
// give, the run itself.
func (k Knowledge) Offered(stepID string, field workflow.Field) []Source {
	if !field.Reference {
		return nil
	}
	before, elsewhere, looped := workflow.Reachable(k.definition, k.types, stepID)
	var sources []Source
	switch {
	case field.Each: // its own item hides that of a loop around
		sources = append(sources, k.items(k.ownItem(stepID)))
	case looped:
		sources = append(sources, k.items(k.loopItem(stepID)))
	}
	sources = append(sources, k.OfferedByStart()...)
	for _, step := range before {
		sources = append(sources, k.OfferedBy(step)...)
	}
	for _, step := range elsewhere {
		for _, source := range k.OfferedBy(step) {
			source.Note = "Empty where that branch did not run."
			sources = append(sources, source)
		}
	}
	return append(sources, Source{Title: "This run", Data: []Data{
		k.unknown("{{ now }}", "now: when the step begins", typeDate),
		k.unknown("{{ run.started_at }}", "start of the run", typeDate),
		k.unknown("{{ trigger.type }}", "how the run was started", "text"),
		k.unknown("{{ run.id }}", "id of the run", "text"),
	}})
}

// OfferedByStart is what a run is started with: what its webhook was sent, and its inputs.
func (k Knowledge) OfferedByStart() []Source {
	var sources []Source
	if slices.ContainsFunc(k.definition.Triggers, func(t workflow.Trigger) bool { return t.Type == "webhook" }) {
		sources = append(sources, k.OfferedByWebhook())
	}
	if len(k.definition.Inputs) == 0 {
		return sources
	}
	source := Source{Title: "What the workflow asks for", From: k.samples.InputFrom}
	for _, input := range k.definition.Inputs {
		kind := input.Type
		if kind == "date_time" {
			kind = typeDate
		}
		value, known := k.samples.Input[input.Name]
		data := k.rooted(workflow.Reference{Root: "input", Path: []string{input.Name}}, input.Called(), kind, value, known)
		if input.Type == "file" && len(data.Parts) == 0 {
			for _, part := range []string{"name", "type", "size", "data"} {
				data.Parts = append(data.Parts, k.unknown(workflow.Reference{Root: "input", Path: []string{input.Name, part}}.String(), part, "text"))
			}
		}
		source.Data = append(source.Data, data)
	}
	return append(sources, source)
}

// OfferedByWebhook is what a webhook was sent.
func (k Knowledge) OfferedByWebhook() Source {
	source := Source{Title: "What the webhook was sent", From: k.samples.TriggerFrom}
	for _, part := range []struct{ name, title, kind string }{{"body", "content", "any"}, {"query", "parameters of its address", "object"}, {"headers", "headers", "object"}} {
		value, known := k.samples.Trigger[part.name]
		source.Data = append(source.Data, k.rooted(workflow.Reference{Root: "trigger", Path: []string{part.name}}, part.title, part.kind, value, known))
	}
	return source
}

// OfferedInAnswer is what a webhook's answer may insert: only the run's id, unless it waits for
// the run's end.
func (k Knowledge) OfferedInAnswer(waits bool) Source {
	source := Source{Title: "The run that it starts", Data: []Data{k.unknown("{{ run.id }}", "id of the run", "text")}}
	if waits {
		r := workflow.Reference{Root: "run", Path: []string{"output"}}
		value, known := k.runGave()
		source.Data = append([]Data{k.rooted(r, "what the run gave", "any", value, known)}, append(source.Data, k.unknown("{{ run.status }}", "how it ended", "text"))...)
	}
	return source
}

// runGave is what the last step gave, as far as it is surely the one that ends last.
func (k Knowledge) runGave() (value any, known bool) {
	steps := k.definition.Steps
	if len(steps) == 0 {
		return nil, false
	}
	last := steps[len(steps)-1]
	value = k.samples.Steps[last.ID]
	return value, value != nil && !last.Disabled && len(last.Then)+len(last.Else) == 0
}

func (k Knowledge) items(item any) Source {
	return Source{Title: "Each item", Data: []Data{
		k.rooted(workflow.Reference{Root: "item"}, "the item", "any", item, item != nil),
		k.unknown("{{ index }}", "its number, from 0", "number"),
	}}
}

// OfferedBy is what a step gives.
func (k Knowledge) OfferedBy(step *workflow.Step) []Source {
	t, ok := k.types[step.Type]
	if !ok {
		return nil
	}
	source := Source{Title: workflow.StepTitle(*step, k.types), StepID: step.ID}
	for _, output := range t.Gives(step.Config) {
		value, from, known := k.given(step, output, 0)
		if !known && output.Example != nil && !output.Certain && !output.PartsUnknown() {
			value, from, known = output.Example, Origin{Kind: FromExample}, true
		}
		if known && from.Kind != "" && (source.From.Kind == "" || source.From.Kind == FromExample) {
			source.From = from
		}
		data := k.rooted(workflow.Reference{Root: "steps", Path: []string{step.ID, output.Name}}, output.Called(), output.Type, value, known)
		data.Help = output.Help
		source.Data = append(source.Data, data)
	}
	if step.OnError == "continue" {
		source.Data = append(source.Data, k.unknown(workflow.Reference{Root: "steps", Path: []string{step.ID, "error", "message"}}.String(), "why it failed, or nothing", "text"))
	}
	if len(source.Data) == 0 {
		return nil
	}
	return []Source{source}
}

// rooted describes a value of a known type, with its parts where it is known.
func (k Knowledge) rooted(r workflow.Reference, name, kind string, value any, known bool) Data {
	if !known {
		return k.unknown(r.String(), name, kind)
	}
	if seen := typeOf(value); value != nil && seen != "text" {
		kind = seen
	} else if kind == "any" && value != nil {
		kind = "text"
	}
	data := k.described(r, name, kind, value)
	k.grow(&data, r, value)
	return data
}

func (k Knowledge) unknown(reference, name, kind string) Data {
	r, _ := workflow.TheReference(reference)
	return Data{Reference: reference, Name: name, Words: k.titles.Words(r), Type: kind}
}
