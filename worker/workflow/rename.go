package workflow

import "strings"

// RenameStep changes a step's id and every reference to it. The caller makes
// sure that the new id is free and well formed.
func RenameStep(d *Definition, from, to string) {
	Walk(d.Steps, func(_ string, step *Step, _ []*Step) bool {
		if step.ID == from {
			step.ID = to
		}
		for name, value := range step.Config {
			step.Config[name] = mapTexts(value, func(text string) string { return renameIn(text, from, to) })
		}
		return true
	})
}

func renameIn(text, from, to string) string {
	references, err := References(text)
	if err != nil {
		return text
	}
	var b strings.Builder
	at := 0
	for _, reference := range references {
		if reference.Root != "steps" || len(reference.Path) == 0 || reference.Path[0] != from {
			continue
		}
		renamed := Reference{Root: "steps", Path: append([]string{to}, reference.Path[1:]...)}
		b.WriteString(text[at:reference.start] + renamed.String())
		at = reference.end
	}
	return b.String() + text[at:]
}

func mapTexts(value any, change func(string) string) any {
	switch v := value.(type) {
	case string:
		return change(v)
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = mapTexts(item, change)
		}
		return list
	case map[string]any:
		object := make(map[string]any, len(v))
		for name, item := range v {
			object[name] = mapTexts(item, change)
		}
		return object
	}
	return value
}

// BrokenBy lists the references that would break if a step were deleted
// together with the steps inside it: one problem per text, in document order.
func BrokenBy(d Definition, stepID string) []Problem {
	step, at, found := FindStep(&d, stepID)
	if !found {
		return nil
	}
	gone := map[string]bool{stepID: true}
	for _, block := range step.blocks() {
		Walk(block.steps, func(_ string, inner *Step, _ []*Step) bool { gone[inner.ID] = true; return true })
	}
	var problems []Problem
	Walk(d.Steps, func(path string, user *Step, _ []*Step) bool {
		if path == at || strings.HasPrefix(path, at+".") {
			return true
		}
		walkTexts(user.Config, path+".config", func(path, text string) {
			if id := usesAny(text, gone); id != "" {
				problems = append(problems, Problem{Path: path, Code: "reference_broken", Message: "Step “" + displayName(user) + "” uses what step “" + id + "” gives."})
			}
		})
		return true
	})
	return problems
}

func usesAny(text string, ids map[string]bool) string {
	references, err := References(text)
	if err != nil {
		return ""
	}
	for _, reference := range references {
		if reference.Root == "steps" && len(reference.Path) > 0 && ids[reference.Path[0]] {
			return reference.Path[0]
		}
	}
	return ""
}

func displayName(step *Step) string {
	if step.Name != "" {
		return step.Name
	}
	return step.ID
}
