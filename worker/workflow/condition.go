package workflow

import (
	"errors"
	"strconv"
	"strings"

	"workflows/worker/document"
	"workflows/worker/moment"
)

// Condition compares a value with another, or looks at the value alone; or it is a
// group of conditions, of which all or any must hold.
type Condition struct {
	Value    any    `json:"value,omitempty"`
	Operator string `json:"operator,omitempty"`
	Other    any    `json:"other,omitempty"`

	Match      string      `json:"match,omitempty"` // of a group: all, any; all where empty
	Conditions []Condition `json:"conditions,omitempty"`
}

// Grouped reports whether the condition is a group of others.
func (c Condition) Grouped() bool { return c.Match != "" || len(c.Conditions) > 0 }

// Filled is the condition with both sides filled in, for one whose field is filled
// in per item.
func (c Condition) Filled(fill func(side any) (any, error)) (Condition, error) {
	value, err := fill(c.Value)
	if err != nil {
		return c, err
	}
	other, err := fill(c.Other)
	return Condition{Value: value, Operator: c.Operator, Other: other}, err
}

// Holds reports whether the condition is true. Numbers compare exactly; a text
// that is a number or a date counts as one where the other side is one or where
// an order is asked for. Dates are read as package moment does, and are equal where
// they are the same moment. The error is a sentence for people: the values cannot
// be compared like that, or the pattern is wrong or too costly.
func (c Condition) Holds() (bool, error) {
	if c.Grouped() {
		holds, _, err := Judge{Holds: Condition.Holds}.group(c)
		return holds, err
	}
	switch c.Operator {
	case "equals":
		return sameValue(c.Value, c.Other), nil
	case "not_equals":
		return !sameValue(c.Value, c.Other), nil
	case "greater_than", "greater_or_equal", "less_than", "less_or_equal":
		return c.ordered()
	case "contains":
		return contains(c.Value, c.Other), nil
	case "not_contains":
		return !contains(c.Value, c.Other), nil
	case "starts_with":
		return strings.HasPrefix(document.Text(c.Value), document.Text(c.Other)), nil
	case "ends_with":
		return strings.HasSuffix(document.Text(c.Value), document.Text(c.Other)), nil
	case "is_empty":
		return isEmpty(c.Value), nil
	case "is_not_empty":
		return !isEmpty(c.Value), nil
	case "is_true", "is_false":
		return c.isTruth()
	case "matches":
		return matches(document.Text(c.Value), document.Text(c.Other))
	}
	return false, sentence("There is no operator “%s”. Choose one from the list.", document.Shorten(c.Operator, 40))
}

func (c Condition) ordered() (bool, error) {
	order, ok := compareValues(c.Value, c.Other)
	if !ok {
		return false, sentence("“%s” and “%s” cannot be put in order: both must be numbers, or both dates.%s", shown(c.Value), shown(c.Other), c.ambiguous())
	}
	switch c.Operator {
	case "greater_than":
		return order > 0, nil
	case "greater_or_equal":
		return order >= 0, nil
	case "less_than":
		return order < 0, nil
	}
	return order <= 0, nil
}

// ambiguous says of a side that can mean two days why it is no date.
func (c Condition) ambiguous() string {
	for _, side := range []any{c.Value, c.Other} {
		text, _ := side.(string)
		if _, err := moment.Read(text); errors.Is(err, moment.ErrAmbiguous) {
			return " " + err.Error()
		}
	}
	return ""
}

func (c Condition) isTruth() (bool, error) {
	if c.Value == nil {
		return false, nil // not known: neither true nor false
	}
	answer, ok := document.YesOrNo(c.Value)
	if !ok {
		return false, sentence("“%s” is neither true nor false. Compare it with another operator.", shown(c.Value))
	}
	return answer == (c.Operator == "is_true"), nil
}

// Sentence says the condition in words.
func (c Condition) Sentence() string {
	if c.Grouped() {
		parts := make([]string, len(c.Conditions))
		for i, condition := range c.Conditions {
			parts[i] = condition.Sentence()
		}
		return "(" + joinConditions(c.Match, parts) + ")"
	}
	words := shown(c.Value) + " " + operatorLabel(c.Operator, c.Other)
	if OneSided(c.Operator) {
		return words
	}
	return words + " " + shown(c.Other)
}

// SentenceOf says what several conditions ask for together; more than three are cut
// short.
func SentenceOf(match string, conditions []Condition) string {
	parts := make([]string, len(conditions))
	for i, condition := range conditions {
		parts[i] = condition.Sentence()
	}
	return joinConditions(match, parts)
}

func joinConditions(match string, parts []string) string {
	if len(parts) > 3 {
		parts = append(parts[:2:2], strconv.Itoa(len(parts)-2)+" more conditions")
	}
	if match == "any" {
		return strings.Join(parts, " or ")
	}
	return strings.Join(parts, " and ")
}

// shown is a value as people read it in a sentence.
func shown(value any) string {
	switch v := value.(type) {
	case []any:
		return plural(len(v), "entry")
	case map[string]any:
		return plural(len(v), "field")
	}
	if text := document.Text(value); text != "" {
		return document.Shorten(text, 60)
	}
	return "(empty)"
}
