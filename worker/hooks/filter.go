package hooks

import (
	"fmt"

	"workflows/worker/engine"
	"workflows/worker/workflow"
)

// filtered says why the filter lets no run start; "" when it does. The filter sees
// what was sent; its reason is stored, and speaks of what is stored.
func (d *delivery) filtered(stored engine.Trigger) string {
	if d.rule.Filter == nil {
		return ""
	}
	query, _ := fieldsOf(readable(d.request.Query))
	passes, at, err := d.rule.Filter.Passes(scopeOf(stored.Type, sentHeaders(d.request.Header), query, d.body))
	switch {
	case err != nil:
		if _, _, shown := d.rule.Filter.Passes(scopeOf(stored.Type, stored.Headers, stored.Query, stored.Body)); shown != nil {
			return shown.Error()
		}
		return fmt.Sprintf("Condition %d of the filter cannot be decided.", at)
	case passes:
		return ""
	case d.rule.Filter.Match == "any":
		return "None of the filter's conditions was true."
	}
	return fmt.Sprintf("Condition %d of the filter was not true: %s.", at, workflow.Replaced(d.rule.Filter.Conditions[at-1].Sentence(), workflow.Titles{}.Words))
}

// scopeOf is what a filter's references are looked for in.
func scopeOf(kind string, headers map[string]string, query map[string]any, body any) map[string]any {
	texts := make(map[string]any, len(headers))
	for name, value := range headers {
		texts[name] = value
	}
	return map[string]any{"type": kind, "body": body, "headers": texts, "query": query}
}

// headersNamed are those that a filter asks for.
func headersNamed(f *workflow.Filter) []string {
	if f == nil {
		return nil
	}
	return headersIn(f.Conditions)
}

func headersIn(conditions []workflow.Condition) []string {
	var names []string
	for _, condition := range conditions {
		names = append(names, headersIn(condition.Conditions)...)
		for _, side := range []any{condition.Value, condition.Other} {
			text, _ := side.(string)
			for _, reference := range workflow.Used(text) {
				if reference.Root == "trigger" && len(reference.Path) > 1 && reference.Path[0] == "headers" {
					names = append(names, reference.Path[1])
				}
			}
		}
	}
	return names
}
