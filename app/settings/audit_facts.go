package settings

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"workflows/app/frame"
	"workflows/models"
	"workflows/views"
	"workflows/worker/document"
)

// auditFacts are what an act has changed, as names and values; false when there
// is more than that in it.
func auditFacts(before, after models.JSON) ([]views.AuditFact, bool) {
	was, flatBefore := flatValues(before)
	is, flatAfter := flatValues(after)
	if !flatBefore || !flatAfter {
		return nil, false
	}
	names := slices.AppendSeq(slices.Collect(maps.Keys(was)), maps.Keys(is))
	slices.Sort(names)
	var facts []views.AuditFact
	for _, name := range slices.Compact(names) {
		if was[name] == is[name] {
			continue
		}
		facts = append(facts, views.AuditFact{Name: strings.ReplaceAll(name, "_", " "), Before: was[name], After: is[name]})
	}
	return facts, true
}

// flatValues are an object's values as people read them, those that are empty
// left out.
func flatValues(data models.JSON) (map[string]string, bool) {
	if len(data) == 0 {
		return nil, true
	}
	var object map[string]any
	if document.Decode(data, &object) != nil {
		return nil, false
	}
	texts := map[string]string{}
	for name, value := range object {
		text, flat := flatValue(value)
		if !flat {
			return nil, false
		}
		if text != "" {
			texts[name] = text
		}
	}
	return texts, true
}

func flatValue(value any) (string, bool) {
	switch value := value.(type) {
	case nil:
		return "", true
	case string:
		return value, true
	case json.Number:
		return value.String(), true
	case bool:
		return frame.Either(value, "yes", "no"), true
	case []any:
		var texts []string
		for _, item := range value {
			text, isText := item.(string)
			if !isText {
				return "", false
			}
			texts = append(texts, text)
		}
		return strings.Join(texts, frame.Either(len(texts) > 0 && strings.HasSuffix(texts[0], "."), " ", ", ")), true
	}
	return "", false
}
