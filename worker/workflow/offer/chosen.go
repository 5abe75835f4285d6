package offer

import (
	"slices"
	"strings"

	"workflows/worker/document"
	"workflows/worker/workflow"
)

// Chosen is a value that was chosen for a field, as people know it again.
type Chosen struct {
	Words string // “status of Ask the shop”
	Type  string // "any" where nothing was seen
	Shown string // the beginning of what it was
	Known bool
}

// Chosen describes what a field of a step holds, where that is one reference and nothing
// else.
func (k Knowledge) Chosen(stepID string, field workflow.Field, text string) (Chosen, bool) {
	r, one := workflow.TheReference(text)
	if !one {
		return Chosen{}, false
	}
	value, known := k.value(r, stepID, field.Each, 0)
	chosen := Chosen{Words: k.titles.Words(r), Type: "any", Known: known}
	if known {
		chosen.Type, chosen.Shown = typeOf(value), ShownShort(value)
	}
	return chosen, true
}

// readLength is how much of a text is shown as it reads.
const readLength = 300

// Reads is how a text reads with what was seen lately in the place of its references, and
// with their names in brackets where nothing was; "" where it has none. What is looked at while
// it is typed reads as the step fills it in, beside the rest of its config.
func (k Knowledge) Reads(stepID string, field workflow.Field, beside map[string]any, text string) string {
	if references, err := workflow.References(text); err != nil || len(references) == 0 {
		return ""
	}
	lately := func(r workflow.Reference) any {
		if value, known := k.value(r, stepID, field.Each, 0); known {
			return value
		}
		return "[" + k.titles.Words(r) + "]"
	}
	if field.Kind.Says != nil && beside != nil {
		pieces := workflow.StandIn(text, nil)
		for i := range pieces {
			if r, one := workflow.TheReference(pieces[i].Name); one {
				pieces[i].Value = lately(r)
			}
		}
		if filled, err := field.Kind.Insert(beside, pieces); err == nil {
			return document.Shorten(document.Text(filled), readLength)
		}
	}
	return document.Shorten(workflow.Replaced(text, func(r workflow.Reference) string { return document.Text(lately(r)) }), readLength)
}

// Value is what a reference stood for lately; it is given without what is around it.
func (k Knowledge) Value(stepID string, field workflow.Field, text string) (value any, known bool) {
	r, one := workflow.TheReference(text)
	if !one {
		return nil, false
	}
	return k.value(r, stepID, field.Each, 0)
}

// mostNames bounds how many fields are suggested.
const mostNames = 40

// FieldsOfItems are the names of the fields that the items of a list have, as columns are
// called: customer.name is one of an object inside. The list is a reference or was typed.
func (k Knowledge) FieldsOfItems(stepID string, list any) []string {
	if text, isText := list.(string); isText {
		list, _ = k.Value(stepID, workflow.Field{}, text)
	}
	entries, _ := list.([]any)
	one, _ := oneOf(entries)
	var found []string
	var walk func(before string, object map[string]any, deep int)
	walk = func(before string, object map[string]any, deep int) {
		for _, name := range names(object) {
			if len(found) == mostNames || name == "" || name != document.Line(name) || strings.ContainsAny(name, ".,{}") {
				continue
			}
			if inner, is := object[name].(map[string]any); is && deep < 3 {
				walk(before+name+".", inner, deep+1)
				continue
			}
			found = append(found, before+name)
		}
	}
	walk("", one, 0)
	return found
}

// Suited are the parts of what is offered that suit a field best, as far as what they were
// tells, without what is around them: lists for a list, addresses for recipients. "" suits
// nothing in particular.
func Suited(sources []Source, kind string) []Data {
	const most = 6
	var found []Data
	var walk func(list []Data)
	walk = func(list []Data) {
		for _, data := range list {
			if data.Reference != "" && data.Type == kind && data.Known && len(found) < most && !slices.ContainsFunc(found, func(d Data) bool { return d.Reference == data.Reference }) {
				data.Parts, data.Left, data.Unwritable = nil, 0, 0
				found = append(found, data)
			}
			if data.Name != "each" && data.Name != "last" {
				walk(data.Parts)
			}
		}
	}
	if kind != "" {
		for _, source := range sources {
			walk(source.Data)
		}
	}
	return found
}
