package workflow

import "slices"

// Operators returns the operators of a condition in the order in which the form
// offers them, labelled for people.
func Operators() []Option {
	return []Option{
		{"equals", "is equal to"},
		{"not_equals", "is not equal to"},
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

// OneSided reports whether an operator looks at one value only.
func OneSided(operator string) bool {
	return slices.Contains([]string{"is_empty", "is_not_empty", "is_true", "is_false"}, operator)
}

func operatorLabel(operator string) string {
	for _, option := range Operators() {
		if option.Value == operator {
			return option.Label
		}
	}
	return operator
}
