package workflow

import (
	"fmt"
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
	text, isText := value.(string)
	if isText && hasReference(text) {
		return // its kind is known when the step runs; references are checked apart
	}
	wrong := func(want string) {
		c.add(path, "wrong_type", "“%s” must be %s, not %s.", field.Label, want, document.Kind(value))
	}
	switch field.Kind {
	case "choice":
		if !isText {
			wrong("one of the choices")
			return
		}
		c.choice(path, text, optionValues(field.Options)...)
	case "number":
		if _, ok := document.Number(value, false); !ok {
			wrong("a number")
		}
	case "boolean":
		if _, ok := value.(bool); !ok {
			wrong("true or false")
		}
	case "duration":
		if !isText {
			wrong("a length of time such as 15m")
		} else if _, err := ParseDuration(text); err != nil {
			c.add(path, "invalid_value", "%s", err)
		}
	case "time":
		if !isText {
			wrong("a time such as 2026-12-24T18:00:00Z")
		} else if _, err := ParseTime(text); err != nil {
			c.add(path, "invalid_value", "%s", err)
		}
	case "group":
		c.group(path, field, value)
	case "pairs", "values", "inputs":
		c.pairs(path, field, value)
	case "conditions":
		c.conditions(path, value)
	default:
		if !isText && !field.Flexible {
			wrong("a text")
		}
	}
}

func (c *checking) group(path string, field Field, value any) {
	if value == "none" {
		return
	}
	parts, ok := value.(map[string]any)
	if !ok {
		c.add(path, "wrong_type", "“%s” must be an object, not %s.", field.Label, document.Kind(value))
		return
	}
	c.fields(path, field.Fields, parts)
}

func (c *checking) pairs(path string, field Field, value any) {
	pairs, ok := value.(map[string]any)
	if !ok {
		c.add(path, "wrong_type", "“%s” must be an object of names and values, not %s.", field.Label, document.Kind(value))
		return
	}
	for _, name := range sortedKeys(pairs) {
		if name == "" {
			c.add(path, "required", "Every entry of “%s” needs a name.", field.Label)
		}
		if _, hidden := hiddenCharacter(name, false); hidden {
			c.add(document.Member(path, name), "invalid_character", "A name in “%s” contains an invisible character. Remove it.", field.Label)
		}
		if field.Kind != "pairs" {
			continue
		}
		switch pairs[name].(type) {
		case map[string]any, []any:
			c.add(document.Member(path, name), "wrong_type", "“%s” must be a text, a number, or true or false.", document.Shorten(name, 60))
		}
	}
}

func (c *checking) conditions(path string, value any) {
	list, ok := value.([]any)
	if !ok {
		c.add(path, "wrong_type", "The conditions must be a list, not %s.", document.Kind(value))
		return
	}
	if len(list) > 100 {
		c.add(path, "too_many", "A step has at most 100 conditions.")
		return
	}
	for i, item := range list {
		at := document.Item(path, i)
		parts, ok := item.(map[string]any)
		if !ok {
			c.add(at, "wrong_type", "A condition must be an object with value, operator and other, not %s.", document.Kind(item))
			continue
		}
		c.condition(at, parts)
	}
}

func (c *checking) condition(path string, parts map[string]any) {
	names := []string{"value", "operator", "other"}
	for _, name := range sortedKeys(parts) {
		if !slices.Contains(names, name) {
			c.problems = append(c.problems, document.UnknownField(document.Member(path, name), name, names))
		}
	}
	if value, given := parts["value"]; !given || value == "" {
		c.addIncomplete(path+".value", "Choose the value to look at.")
	}
	operator, isText := parts["operator"].(string)
	if parts["operator"] == nil || operator == "" && isText {
		c.addIncomplete(path+".operator", "Choose how to compare.")
		return
	}
	operators := optionValues(Operators())
	if !isText || !slices.Contains(operators, operator) {
		given := fmt.Sprint(parts["operator"])
		c.add(path+".operator", "unknown_operator", "There is no operator “%s”.%s", document.Shorten(given, 40), document.DidYouMean(given, operators))
		return
	}
	c.otherSide(path+".other", operator, parts["other"])
}

// otherSide checks what can be known before the values are: a missing other
// side, an unreadable pattern, a text where a number or date is needed.
func (c *checking) otherSide(path, operator string, other any) {
	text, isText := other.(string)
	switch {
	case OneSided(operator), isText && hasReference(text):
	case other == nil || text == "" && isText && operator != "equals" && operator != "not_equals":
		c.addIncomplete(path, "Enter what to compare with.")
	case operator == "matches":
		if _, _, err := compilePattern(document.Text(other)); err != nil {
			c.add(path, "invalid_pattern", "%s", err)
		}
	case slices.Contains([]string{"greater_than", "greater_or_equal", "less_than", "less_or_equal"}, operator):
		if _, ok := compareValues(other, other); !ok {
			c.add(path, "wrong_type", "“%s” needs a number or a date to compare with.", operatorLabel(operator))
		}
	}
}
