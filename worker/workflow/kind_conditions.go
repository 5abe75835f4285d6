package workflow

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"workflows/worker/document"
	"workflows/worker/entry"
)

func conditionsKind() Kind {
	return Kind{
		Name: "conditions", Schema: conditionsSchema,
		Check: func(path string, _ Field, value any) []Problem { return checkConditions(path, value) },
		Rows:  &Rows{Component: "conditions", Of: rowsOfConditions, Read: readConditions},
	}
}

const (
	maxConditions = 100
	// maxGroups is how deep groups of conditions may be nested.
	maxGroups = 5
)

func conditionsSchema(Field) map[string]any { return conditionListSchema(0) }

func conditionListSchema(depth int) map[string]any {
	comparison := map[string]any{
		"type": "object", "additionalProperties": false, "required": []string{"value", "operator"},
		"properties": map[string]any{
			"value": map[string]any{"description": "What is looked at."}, "operator": map[string]any{"type": "string", "enum": optionValues(Operators())},
			"other": map[string]any{"description": "What it is compared with; absent for operators that look at one value."},
		},
	}
	if depth == maxGroups {
		return map[string]any{"type": "array", "items": comparison}
	}
	group := map[string]any{
		"type": "object", "additionalProperties": false, "required": []string{"conditions"}, "description": "A group, which holds where all or any of its conditions do.",
		"properties": map[string]any{
			"match":      map[string]any{"type": "string", "enum": []string{"all", "any"}, "description": "all when absent."},
			"conditions": conditionListSchema(depth + 1),
		},
	}
	return map[string]any{"type": "array", "items": map[string]any{"oneOf": []any{comparison, group}}}
}

func checkConditions(path string, value any) []Problem {
	if list, ok := value.([]any); ok && countConditions(list) > maxConditions {
		return []Problem{{Path: path, Code: "too_many", Message: "A step has at most 100 conditions, those in groups included."}}
	}
	return checkConditionList(path, value, 0)
}

func countConditions(list []any) int {
	number := len(list)
	for _, item := range list {
		parts, _ := item.(map[string]any)
		inside, _ := parts["conditions"].([]any)
		number += countConditions(inside)
	}
	return number
}

func checkConditionList(path string, value any, depth int) []Problem {
	list, ok := value.([]any)
	if !ok {
		return []Problem{{Path: path, Code: "wrong_type", Message: fmt.Sprintf("The conditions must be a list, not %s.", document.Kind(value))}}
	}
	var problems []Problem
	for i, item := range list {
		at := document.Item(path, i)
		parts, ok := item.(map[string]any)
		switch {
		case !ok:
			problems = append(problems, Problem{Path: at, Code: "wrong_type", Message: fmt.Sprintf("A condition must be an object with value, operator and other, not %s.", document.Kind(item))})
		case isGroup(parts):
			problems = append(problems, checkGroup(at, parts, depth+1)...)
		default:
			problems = append(problems, checkCondition(at, parts)...)
		}
	}
	return problems
}

func checkGroup(path string, parts map[string]any, depth int) []Problem {
	if depth > maxGroups {
		return []Problem{{Path: path, Code: "too_deep", Message: fmt.Sprintf("Groups of conditions may be nested at most %d deep.", maxGroups)}}
	}
	var problems []Problem
	names := []string{"match", "conditions"}
	for _, name := range sortedKeys(parts) {
		switch {
		case slices.Contains([]string{"value", "operator", "other"}, name):
			problems = append(problems, Problem{Path: document.Member(path, name), Code: "not_applicable", Message: "A group of conditions compares nothing itself. Put the comparison among its conditions."})
		case !slices.Contains(names, name):
			problems = append(problems, document.UnknownField(document.Member(path, name), name, names))
		}
	}
	if match, isText := parts["match"].(string); parts["match"] != nil && (!isText || match != "" && match != "all" && match != "any") {
		problems = append(problems, notAChoice(path+".match", document.Text(parts["match"]), []string{"all", "any"}))
	}
	if isEmpty(parts["conditions"]) {
		return append(problems, incomplete(path+".conditions", "Add a condition to this group, or remove the group."))
	}
	return append(problems, checkConditionList(path+".conditions", parts["conditions"], depth)...)
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
	if problems = append(problems, checkOtherSide(path+".other", operator, parts["other"])...); len(problems) > 0 {
		return problems
	}
	return nothingCompared(path, operator, parts["value"], parts["other"])
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
	case orders(operator):
		if _, ok := compareValues(other, other); !ok {
			return []Problem{{Path: path, Code: "wrong_type", Message: fmt.Sprintf("“%s” needs a number or a date to compare with.", operatorLabel(operator, nil))}}
		}
	}
	return nil
}

// orders reports whether an operator asks which of two is more.
func orders(operator string) bool {
	return slices.Contains([]string{"greater_than", "greater_or_equal", "less_than", "less_or_equal"}, operator)
}

// GroupEnd is the kind of the row of a form with which a group of conditions ends; it
// begins with one of the kind "all" or "any", and what is between the two is in it.
const GroupEnd = "end"

func rowsOfConditions(value any) []Row {
	list, _ := value.([]any)
	var rows []Row
	for _, item := range list {
		parts, _ := item.(map[string]any)
		if !isGroup(parts) {
			operator, _ := parts["operator"].(string)
			rows = append(rows, Row{Value: document.Text(parts["value"]), Operator: operator, Other: document.Text(parts["other"])})
			continue
		}
		kind := "all"
		if parts["match"] == "any" {
			kind = "any"
		}
		rows = append(rows, Row{Kind: kind})
		rows = append(rows, rowsOfConditions(parts["conditions"])...)
		rows = append(rows, Row{Kind: GroupEnd})
	}
	return rows
}

// readConditions leaves out rows that are empty, and groups without any other.
func readConditions(sent []Row, _ any) (any, []Row) {
	list, rows, rest := readConditionRows(sent)
	for len(rest) > 0 { // a group ends here that has not begun
		more, moreRows, after := readConditionRows(rest[1:])
		list, rows, rest = append(list, more...), append(rows, moreRows...), after
	}
	if list == nil {
		return nil, nil
	}
	return list, rows
}

// readConditionRows reads up to the end of the group that the rows are in, which rest
// begins with.
func readConditionRows(sent []Row) (list []any, rows, rest []Row) {
	for len(sent) > 0 && sent[0].Kind != GroupEnd {
		row := sent[0]
		sent = sent[1:]
		if row.Kind == "all" || row.Kind == "any" {
			inside, insideRows, rest := readConditionRows(sent)
			if sent = rest; len(rest) > 0 {
				sent = rest[1:]
			}
			if inside != nil {
				list = append(list, map[string]any{"match": row.Kind, "conditions": inside})
				rows = append(append(append(rows, Row{Kind: row.Kind}), insideRows...), Row{Kind: GroupEnd})
			}
			continue
		}
		if strings.TrimSpace(row.Value+row.Operator+row.Other) == "" {
			continue
		}
		condition := map[string]any{"value": readSide(row.Value), "operator": row.Operator}
		if !OneSided(row.Operator) && (row.Other != "" || row.Operator == "equals" || row.Operator == "not_equals") {
			condition["other"] = readSide(row.Other)
			if number, _, ok := entry.Number(row.Other); ok && orders(row.Operator) && document.SensibleNumber(number) {
				condition["other"] = json.Number(number)
			}
		}
		list, rows = append(list, condition), append(rows, row)
	}
	return list, rows, sent
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
