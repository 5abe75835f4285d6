package editor

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"workflows/app/frame"
	"workflows/views"
	"workflows/worker/workflow"
)

// take keeps the first sentence for each place.
func (f *stepForm) take(problems []workflow.Problem) {
	for _, problem := range problems {
		if f.problems[problem.Path] == "" {
			f.problems[problem.Path] = problem.Message
		}
	}
}

// rowProblems puts what the checker says about one entry beside its row.
func (b formBuilder) rowProblems(r *views.RowsField) {
	for path, message := range b.form.problems {
		rest, ours := strings.CutPrefix(path, r.Name)
		if !ours || rest == "" {
			continue
		}
		i, part := rowOf(r, rest)
		switch {
		case i < 0 || i >= len(r.Rows):
		case part == "name":
			r.Rows[i].NameError = message
		case part == "kind":
			r.Rows[i].KindError = message
		case part == "operator":
			r.Rows[i].OperatorError = message
		case part == "other":
			r.Rows[i].OtherError = message
		case r.Rows[i].NameError == "" && r.Rows[i].ValueError == "":
			r.Rows[i].ValueError = message
		}
	}
}

// conditionAt finds the row of a condition, or the first row of a group, which the rest
// of a path means: "[1].conditions[0].value".
func conditionAt(rows []views.FormRow, rest string) (int, string) {
	kinds := make([]string, len(rows))
	for i, row := range rows {
		kinds[i] = row.Kind
	}
	for at := 0; ; at++ {
		index, part, _ := strings.Cut(strings.TrimPrefix(rest, "["), "]")
		number, err := strconv.Atoi(index)
		for ; err == nil && number > 0 && at < len(kinds); number-- {
			at += rowsOfGroup(kinds, at)
		}
		inside, deeper := strings.CutPrefix(part, ".conditions[")
		switch {
		case err != nil || at >= len(kinds) || kinds[at] == workflow.GroupEnd:
			return -1, ""
		case deeper && kinds[at] != "":
			rest = "[" + inside
			continue
		case kinds[at] != "":
			return at, "kind"
		}
		part, _, _ = strings.Cut(strings.TrimPrefix(part, "."), ".")
		part, _, _ = strings.Cut(part, "[")
		return at, part
	}
}

// rowOf finds the row that the rest of a path means: "[1].value" of conditions,
// ".Accept" or ".total.tax[0]" of pairs.
func rowOf(r *views.RowsField, rest string) (int, string) {
	if r.Kind == "conditions" {
		return conditionAt(r.Rows, rest)
	}
	if !r.Named || rest[0] == '[' { // an entry without a name is named by its number
		index, part, _ := strings.Cut(strings.TrimPrefix(rest, "["), "]")
		i, err := strconv.Atoi(index)
		if err != nil {
			return -1, ""
		}
		if r.Named {
			return i, frame.Either(i < len(r.Rows) && r.Rows[i].NameError != "", "name", "value")
		}
		part, _, _ = strings.Cut(strings.TrimPrefix(part, "."), ".")
		part, _, _ = strings.Cut(part, "[")
		return i, cmp.Or(r.Parts[part], part)
	}
	name := strings.TrimPrefix(rest, ".")
	return slices.IndexFunc(r.Rows, func(row views.FormRow) bool {
		tail, found := strings.CutPrefix(name, row.Name)
		return found && row.Name != "" && (tail == "" || tail[0] == '.' || tail[0] == '[')
	}), "value"
}

// controlFor is the id of the control that shows the problem at a path.
func (b formBuilder) controlFor(path string, fields []views.FormField) string {
	for _, field := range fields {
		switch {
		case field.Group != nil:
			if id := b.controlFor(path, field.Group.Fields); id != "" {
				return id
			}
		case field.Rows != nil:
			rest, ours := strings.CutPrefix(path, field.Rows.Name)
			if !ours {
				continue
			}
			if rest == "" {
				return field.Rows.ID
			}
			if i, part := rowOf(field.Rows, rest); i >= 0 && part != "" {
				return field.Rows.ID + "-" + strconv.Itoa(i) + "-" + part
			}
			return field.Rows.ID
		case field.Field.Name == path:
			return field.Field.ID
		}
	}
	return ""
}
