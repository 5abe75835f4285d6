package workflow

import (
	"fmt"
	"slices"
	"strings"

	"workflows/worker/document"
)

func conditionsKind() Kind {
	return Kind{
		Name: "conditions", Schema: conditionsSchema,
		Check: func(path string, _ Field, value any) []Problem { return checkConditions(path, value) },
		Rows:  &Rows{Component: "conditions", Of: rowsOfConditions, Read: readConditions},
	}
}

func conditionsSchema(Field) map[string]any {
	return map[string]any{"type": "array", "items": map[string]any{
		"type": "object", "additionalProperties": false, "required": []string{"value", "operator"},
		"properties": map[string]any{
			"value": map[string]any{"description": "What is looked at."}, "operator": map[string]any{"type": "string", "enum": optionValues(Operators())},
			"other": map[string]any{"description": "What it is compared with; absent for operators that look at one value."},
		},
	}}
}

func checkConditions(path string, value any) []Problem {
	list, ok := value.([]any)
	if !ok {
		return []Problem{{Path: path, Code: "wrong_type", Message: fmt.Sprintf("The conditions must be a list, not %s.", document.Kind(value))}}
	}
	if len(list) > 100 {
		return []Problem{{Path: path, Code: "too_many", Message: "A step has at most 100 conditions."}}
	}
	var problems []Problem
	for i, item := range list {
		at := document.Item(path, i)
		parts, ok := item.(map[string]any)
		if !ok {
			problems = append(problems, Problem{Path: at, Code: "wrong_type", Message: fmt.Sprintf("A condition must be an object with value, operator and other, not %s.", document.Kind(item))})
			continue
		}
		problems = append(problems, checkCondition(at, parts)...)
	}
	return problems
}

func checkCondition(path string, parts map[string]any) []Problem {
	var problems []Problem
	names := []string{"value", "operator", "other"}
	for _, name := range sortedKeys(parts) {
		if !slices.Contains(names, name) {
			problems = append(problems, document.UnknownField(document.Member(path, name), name, names))
		}
	}
	if value, given := parts["value"]; !given || value == "" {
		problems = append(problems, incomplete(path+".value", "Choose the value to look at."))
	}
	operator, isText := parts["operator"].(string)
	if parts["operator"] == nil || operator == "" && isText {
		return append(problems, incomplete(path+".operator", "Choose how to compare."))
	}
	operators := optionValues(Operators())
	if !isText || !slices.Contains(operators, operator) {
		given := fmt.Sprint(parts["operator"])
		return append(problems, Problem{Path: path + ".operator", Code: "unknown_operator", Unknown: true, Message: fmt.Sprintf("There is no operator “%s”.%s", document.Shorten(given, 40), document.DidYouMean(given, operators))})
	}
	return append(problems, checkOtherSide(path+".other", operator, parts["other"])...)
}

// checkOtherSide checks what can be known before the values are: a missing other
// side, an unreadable pattern, a text where a number or date is needed.
func checkOtherSide(path, operator string, other any) []Problem {
	text, isText := other.(string)
	switch {
	case OneSided(operator), isText && hasReference(text):
	case other == nil || text == "" && isText && operator != "equals" && operator != "not_equals":
		return []Problem{incomplete(path, "Enter what to compare with.")}
	case operator == "matches":
		if _, _, err := compilePattern(document.Text(other)); err != nil {
			return []Problem{{Path: path, Code: "invalid_pattern", Message: err.Error()}}
		}
	case slices.Contains([]string{"greater_than", "greater_or_equal", "less_than", "less_or_equal"}, operator):
		if _, ok := compareValues(other, other); !ok {
			return []Problem{{Path: path, Code: "wrong_type", Message: fmt.Sprintf("“%s” needs a number or a date to compare with.", operatorLabel(operator))}}
		}
	}
	return nil
}

func rowsOfConditions(value any) []Row {
	list, _ := value.([]any)
	var rows []Row
	for _, item := range list {
		parts, _ := item.(map[string]any)
		operator, _ := parts["operator"].(string)
		rows = append(rows, Row{Value: document.Text(parts["value"]), Operator: operator, Other: document.Text(parts["other"])})
	}
	return rows
}

// readConditions leaves out rows that are empty.
func readConditions(sent []Row, _ any) (any, []Row) {
	var list []any
	var rows []Row
	for _, row := range sent {
		if strings.TrimSpace(row.Value+row.Operator+row.Other) == "" {
			continue
		}
		condition := map[string]any{"value": readSide(row.Value), "operator": row.Operator}
		if !OneSided(row.Operator) && (row.Other != "" || row.Operator == "equals" || row.Operator == "not_equals") {
			condition["other"] = readSide(row.Other)
		}
		list, rows = append(list, condition), append(rows, row)
	}
	if list == nil {
		return nil, nil
	}
	return list, rows
}

// readSide reads a side of a condition: a number, true, false, a list or an object
// when it is written like one, else the text.
func readSide(text string) any {
	trimmed := strings.TrimSpace(text)
	if trimmed == "" || strings.Contains(text, "{{") || trimmed == "null" || trimmed[0] == '"' {
		return text
	}
	value, problem := ParseFormInput(Input{Type: "json"}, trimmed)
	if problem != nil {
		return text
	}
	return value
}
