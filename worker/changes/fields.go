package changes

import (
	"maps"
	"slices"
	"strings"

	"workflows/worker/workflow"
)

// fields says what differs in what was filled into a form. of begins each sentence.
func (d *differ) fields(of string, fields []workflow.Field, was, is map[string]any) {
	known := map[string]bool{}
	for _, field := range fields {
		known[field.Name] = true
		before, after := was[field.Name], is[field.Name]
		if same(before, after) {
			continue
		}
		d.field(of, field, fields, was, is)
	}
	for _, name := range slices.Sorted(maps.Keys(both(was, is))) {
		if !known[name] && !same(was[name], is[name]) {
			d.say("%sa setting that this version does not know changes.", of)
		}
	}
}

func (d *differ) field(of string, field workflow.Field, siblings []workflow.Field, was, is map[string]any) {
	before, after := was[field.Name], is[field.Name]
	what, said := of+labelled(field.Label), len(d.changes)
	rows := field.InRows(is, siblings)
	if before != nil && field.InRows(was, siblings) == nil {
		rows = nil
	}
	switch {
	case field.Kind.Parts:
		d.fields(of+field.Label+", ", field.Fields, partsOf(before), partsOf(after))
	case rows != nil && rows.Component == "conditions":
		d.value(what, d.was.conditions(was["match"], before), d.is.conditions(is["match"], after))
	case rows != nil && !isText(before) && !isText(after):
		d.rows(what, rows, before, after)
	case field.Kind.Name == "boolean" && !isText(before) && !isText(after):
		if ticked(field, after) != ticked(field, before) {
			d.say("%s is %s.", what, map[bool]string{true: "ticked now", false: "no longer ticked"}[ticked(field, after)])
			return
		}
		return // what is meant anyhow
	default:
		d.value(what, d.was.of(field, before), d.is.of(field, after))
		if asMeant(field, before) && asMeant(field, after) {
			return
		}
	}
	if len(d.changes) == said {
		d.say("%s is written differently and reads the same.", what)
	}
}

// asMeant reports whether a value is the one that is meant without one.
func asMeant(field workflow.Field, value any) bool {
	return value == nil || value == "" || value == field.Default
}

func ticked(field workflow.Field, value any) bool {
	if value == nil {
		return field.Default == "true"
	}
	return value == true
}

func isText(value any) bool { _, text := value.(string); return text }

func partsOf(value any) map[string]any {
	parts, _ := value.(map[string]any)
	return parts
}

func both(a, b map[string]any) map[string]any {
	all := maps.Clone(a)
	if all == nil {
		all = map[string]any{}
	}
	maps.Copy(all, b)
	return all
}

// labelled is a label as it stands in a sentence.
func labelled(label string) string {
	if strings.Contains(label, " ") {
		return "“" + label + "”"
	}
	return label
}
