package workflow

import (
	"slices"

	"workflows/worker/document"
)

// config checks a step's settings against its type's form, then by the type's
// own rules.
func (c *checking) config(path string, t StepType, step *Step) {
	before := len(c.problems)
	c.fields(path, t.Fields, step.Config)
	if t.Check == nil {
		return
	}
	// What the form's rules already said about a field is not said twice.
	said := map[string]bool{}
	for _, problem := range c.problems[before:] {
		said[problem.Path] = true
	}
	for _, problem := range t.Check(step.Config) {
		problem.Path = document.Member(path, problem.Path)
		if !said[problem.Path] {
			c.problems = append(c.problems, problem)
		}
	}
}

func (c *checking) fields(path string, fields []Field, config map[string]any) {
	names := make([]string, len(fields))
	for i, field := range fields {
		names[i] = field.Name
		value := config[field.Name]
		at := document.Member(path, field.Name)
		if isEmpty(value) {
			if field.Required && field.Shown(config, fields) {
				c.addIncomplete(at, missingText(field))
			}
			continue
		}
		c.field(at, field, value)
	}
	for _, name := range sortedKeys(config) {
		if !slices.Contains(names, name) {
			c.problems = append(c.problems, document.UnknownField(document.Member(path, name), name, names))
		}
	}
}

func missingText(field Field) string {
	if field.Missing != "" {
		return field.Missing
	}
	return "Fill in “" + field.Label + "”."
}

func (c *checking) field(path string, field Field, value any) {
	if text, isText := value.(string); isText && hasReference(text) {
		return // its kind is known when the step runs; references are checked apart
	}
	if field.Kind.Parts {
		c.group(path, field, value)
		return
	}
	c.problems = append(c.problems, field.Kind.Check(path, field, value)...)
}

func (c *checking) group(path string, field Field, value any) {
	if value == "none" {
		return
	}
	parts, ok := value.(map[string]any)
	if !ok {
		c.problems = append(c.problems, wrongType(path, field, "an object", value)...)
		return
	}
	c.fields(path, field.Fields, parts)
}
