package workflow

import (
	"fmt"
	"strings"

	"workflows/worker/document"
)

// The kinds that are filled in by rows of names and values: an object whose names
// the author chooses.

func pairsKind() Kind {
	return pairs("pairs", Rows{Component: "pairs"}, plainEntries)
}

// valuesKind is like pairs with values of any kind, which is chosen beside each.
func valuesKind() Kind { return pairs("values", Rows{Component: "values"}, nil) }

// inputsKind is like values; the chosen workflow says which rows there are, and
// one that is left empty is not given.
func inputsKind() Kind { return pairs("inputs", Rows{Component: "values", Choices: ChoicesAsked}, nil) }

func pairs(name string, rows Rows, entry func(path, name string, value any) []Problem) Kind {
	typed, asked := rows.Component == "values", rows.Choices == ChoicesAsked
	rows.Named, rows.Of = true, rowsOfPairs
	rows.Read = func(sent []Row, was any) (any, []Row) { return readPairs(sent, was, typed, asked) }
	return Kind{
		Name: name, Rows: &rows,
		Schema: func(Field) map[string]any { return map[string]any{"type": "object", "additionalProperties": true} },
		Check: func(path string, field Field, value any) []Problem {
			return checkPairs(path, field, value, entry)
		},
	}
}

func checkPairs(path string, field Field, value any, entry func(path, name string, value any) []Problem) []Problem {
	pairs, ok := value.(map[string]any)
	if !ok {
		return wrongType(path, field, "an object of names and values", value)
	}
	var problems []Problem
	for _, name := range sortedKeys(pairs) {
		if name == "" {
			problems = append(problems, Problem{Path: path, Code: "required", Message: fmt.Sprintf("Every entry of “%s” needs a name.", field.Label)})
		}
		if _, hidden := hiddenCharacter(name, false); hidden {
			problems = append(problems, Problem{Path: document.Member(path, name), Code: "invalid_character", Message: fmt.Sprintf("A name in “%s” contains an invisible character. Remove it.", field.Label)})
		}
		if entry != nil {
			problems = append(problems, entry(document.Member(path, name), name, pairs[name])...)
		}
	}
	return problems
}

// plainEntries wants single values.
func plainEntries(path, name string, value any) []Problem {
	switch value.(type) {
	case map[string]any, []any:
		return []Problem{{Path: path, Code: "wrong_type", Message: fmt.Sprintf("“%s” must be a text, a number, or true or false.", document.Shorten(name, 60))}}
	}
	return nil
}

// RowsOfValues are the members of an object as rows, each with the kind of its value.
func RowsOfValues(value any) []Row { return rowsOfPairs(value) }

// ReadValues makes an object of rows whose kinds were chosen; see Rows.Read.
func ReadValues(sent []Row, was any) (any, []Row) { return readPairs(sent, was, true, false) }

func rowsOfPairs(value any) []Row {
	pairs, _ := value.(map[string]any)
	var rows []Row
	for _, name := range sortedKeys(pairs) {
		rows = append(rows, Row{Name: name, Kind: ValueKind(pairs[name]), Value: RowText(pairs[name])})
	}
	return rows
}

// readPairs leaves out rows that are empty.
func readPairs(sent []Row, was any, typed, asked bool) (any, []Row) {
	before, _ := was.(map[string]any)
	pairs := map[string]any{}
	var rows []Row
	for _, row := range sent {
		if strings.TrimSpace(row.Value) == "" && (row.Name == "" || asked) {
			continue
		}
		switch _, taken := pairs[row.Name]; {
		case row.Name == "":
			row.NameProblem = "Give this entry a name."
		case taken:
			row.NameProblem = "“" + row.Name + "” is given twice. Keep one of them."
		default:
			pairs[row.Name] = row.Value
			if old, existed := before[row.Name]; existed && RowText(old) == row.Value && (!typed || ValueKind(old) == row.Kind) {
				pairs[row.Name] = old
			} else if typed {
				pairs[row.Name], row.ValueProblem = readValue(row.Kind, row.Value)
			}
		}
		rows = append(rows, row)
	}
	if len(pairs) == 0 {
		return nil, rows
	}
	return pairs, rows
}
