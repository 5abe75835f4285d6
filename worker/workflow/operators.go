package workflow

import (
	"slices"

	"workflows/worker/document"
	"workflows/worker/moment"
)

// Operators returns the operators of a condition in the order in which the form
// offers them, labelled for people.
func Operators() []Option {
	return []Option{
		{"equals", "is"},
		{"not_equals", "is not"},
		{"greater_than", "is greater than"},
		{"greater_or_equal", "is greater than or equal to"},
		{"less_than", "is less than"},
		{"less_or_equal", "is less than or equal to"},
		{"contains", "contains"},
		{"not_contains", "does not contain"},
		{"starts_with", "starts with"},
		{"ends_with", "ends with"},
		{"is_empty", "is empty"},
		{"is_not_empty", "is not empty"},
		{"is_true", "is true"},
		{"is_false", "is false"},
		{"matches", "matches the pattern"},
	}
}

// OperatorsFor puts those first that suit a value of a type, and calls them as people
// would there; the first is the one to suggest. The others keep their order.
func OperatorsFor(kind string) (suiting, others []Option) {
	switch kind {
	case "number":
		suiting = []Option{{"greater_than", "is over"}, {"greater_or_equal", "is at least"}, {"less_than", "is under"}, {"less_or_equal", "is at most"}, {"equals", "is"}, {"not_equals", "is not"}}
	case "boolean":
		suiting = []Option{{"is_true", "is yes"}, {"is_false", "is no"}}
	case "date":
		suiting = []Option{{"greater_than", "is after"}, {"less_than", "is before"}, {"equals", "is the moment"}, {"is_empty", "is empty"}, {"is_not_empty", "is not empty"}}
	case "list":
		suiting = []Option{{"is_not_empty", "is not empty"}, {"is_empty", "is empty"}, {"contains", "contains"}, {"not_contains", "does not contain"}}
	case "text", "email":
		suiting = []Option{{"equals", "is"}, {"not_equals", "is not"}, {"contains", "contains"}, {"not_contains", "does not contain"}, {"starts_with", "starts with"}, {"ends_with", "ends with"}}
	}
	for _, option := range Operators() {
		if !slices.ContainsFunc(suiting, func(o Option) bool { return o.Value == option.Value }) {
			others = append(others, option)
		}
	}
	return suiting, others
}

// OneSided reports whether an operator looks at one value only.
func OneSided(operator string) bool {
	return slices.Contains([]string{"is_empty", "is_not_empty", "is_true", "is_false"}, operator)
}

// operatorLabel is what an operator is called beside what is compared with, as in the form.
func operatorLabel(operator string, other any) string {
	kind := "text"
	if _, isNumber := document.Number(other, true); isNumber {
		kind = "number"
	} else if text, isText := other.(string); isText && moment.MayBe(text) {
		if _, isDate := moment.Of(text); isDate {
			kind = "date"
		}
	}
	suiting, others := OperatorsFor(kind)
	for _, option := range slices.Concat(suiting, others) {
		if option.Value == operator {
			return option.Label
		}
	}
	return operator
}
