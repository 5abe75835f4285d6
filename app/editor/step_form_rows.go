package editor

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"workflows/views"
	"workflows/worker/workflow"
)

// storedRows writes what is stored for fields with rows as rows.
func (f *stepForm) storedRows(path string, fields []workflow.Field, config map[string]any) {
	for _, field := range fields {
		at, value := path+"."+field.Name, config[field.Name]
		switch {
		case field.Kind.Parts:
			parts, _ := value.(map[string]any)
			f.storedRows(at, field.Fields, parts)
		default:
			if rows := field.InRows(config, fields); rows != nil {
				f.rows[at] = formRows(rows.Of(value))
			}
		}
	}
}

// formRows are rows as the view shows them.
func formRows(rows []workflow.Row) []views.FormRow {
	shown := make([]views.FormRow, len(rows))
	for i, row := range rows {
		shown[i] = views.FormRow{
			Name: row.Name, Kind: row.Kind, Value: row.Value, Operator: row.Operator, Other: row.Other,
			NameError: row.NameProblem, ValueError: row.ValueProblem,
		}
	}
	return shown
}

// sentRows reads the rows of one field as they were sent, in their order.
func sentRows(form url.Values, at string) []workflow.Row {
	part := func(name string, i int) string {
		if list := form[at+"."+name]; i < len(list) {
			return list[i]
		}
		return ""
	}
	count := 0
	for _, name := range rowParts {
		count = max(count, len(form[at+"."+name]))
	}
	var rows []workflow.Row
	for i := range min(count, maxRows) {
		rows = append(rows, workflow.Row{
			Name: strings.TrimSpace(part("name", i)), Kind: part("kind", i), Value: part("value", i),
			Operator: part("operator", i), Other: part("other", i),
		})
	}
	return rows
}

// maxRows bounds what one field of a form may hold.
const maxRows = 500

// readRows reads the rows of one field and notes what is wrong with each.
func (f *stepForm) readRows(form url.Values, at string, rows workflow.Rows, was any) any {
	value, read := rows.Read(sentRows(form, at), was)
	for i, row := range read {
		if problem := row.NameProblem + row.ValueProblem; problem != "" {
			f.problems[at+"["+strconv.Itoa(i)+"]"] = problem
		}
	}
	f.rows[at] = formRows(read)
	return value
}

// behindTyped, behind the path of a field that may be filled in by rows or by one control, is the
// entry by which its form says that it shows the one control.
const behindTyped = ".as"

// readEither reads a field that is filled in by rows or by one control, of which the form
// shows one. What stands in the other counts while nothing stands in that one: it was typed
// before the form was switched over, and stands in its rows from now on where these can hold it.
func (f *stepForm) readEither(form url.Values, at string, field workflow.Field, fields []workflow.Field, was, config map[string]any) any {
	rows, sent, text, listed := field.RowsBeside(config, fields), sentRows(form, at), was[field.Name], any(nil)
	if form.Has(at + behindTyped) {
		f.typed[at] = true
	} else if field.InRows(was, fields) != nil {
		text, listed = nil, text
	}
	inRows := rows != nil && !(f.typed[at] && (rows.OrTyped || sent == nil))
	if form.Has(at) {
		text = readText(form.Get(at), field, text)
	}
	if !inRows {
		listed, sent = cmp.Or(field.RowsBeside(was, fields), field.Kind.Rows).Read(sent, listed)
		f.rows[at] = formRows(sent)
	} else if sent != nil {
		listed = f.readRows(form, at, *rows, listed)
	}
	if inRows && listed != nil || text == nil {
		return listed
	}
	if inRows && rows.Fits(text) {
		f.rows[at] = formRows(rows.Of(text))
	}
	return text
}

// turned has a field that may be filled in by rows or be typed be filled in the other way, as
// far as what stands in it allows: "typed config.body" and "listed config.body". ok is false
// for any other command.
func (f *stepForm) turned(command string, fields []workflow.Field) (ok bool) {
	how, at, _ := strings.Cut(command, " ")
	i := slices.IndexFunc(fields, func(field workflow.Field) bool { return at == "config."+field.Name })
	if i < 0 || how != "typed" && how != "listed" {
		return false
	}
	rows, value := fields[i].RowsBeside(f.step.Config, fields), f.step.Config[fields[i].Name]
	if rows == nil || how == "typed" && !rows.OrTyped {
		return false
	}
	switch wrong := slices.ContainsFunc(slices.Collect(maps.Keys(f.problems)), func(path string) bool { return strings.HasPrefix(path, at+"[") }); {
	case how == "typed" && !wrong:
		f.typed[at], f.rows[at] = true, nil
	case how == "listed" && rows.Fits(value):
		f.typed[at], f.rows[at] = false, formRows(rows.Of(value))
	case how == "listed":
		f.problems[at] = "It stays typed: names with single values are all that rows can hold."
	}
	return true
}

// judges says what is wrong with what is looked at while it is typed.
func (f *stepForm) judges(t workflow.StepType) {
	for _, field := range t.Fields {
		if field.Kind.Says == nil {
			continue
		}
		if text, isText := f.step.Config[field.Name].(string); isText {
			if _, err := workflow.References(text); err != nil {
				f.take([]workflow.Problem{{Path: "config." + field.Name, Message: err.Error()}})
			}
		}
		for _, problem := range t.Check(f.step.Config) {
			if problem.Path == field.Name {
				f.take([]workflow.Problem{{Path: "config." + problem.Path, Message: problem.Message}})
			}
		}
	}
}

// rowParts are the parts that rows of any component may have.
var rowParts = []string{"name", "kind", "value", "operator", "other"}

// changeRows does what an "Add" or "Remove" button of a form without JavaScript
// asks: "add config.headers", "remove config.headers 2"; among conditions also
// "add config.conditions 2" for a row in that place, and "group config.conditions 2"
// for a group. With the first row of a group all of it is removed.
func changeRows(form url.Values, command string) {
	words := strings.Fields(command)
	if strings.HasPrefix(command, "choose ") {
		chooseRow(form, command)
		return
	}
	if len(words) < 2 {
		return
	}
	prefix := words[1] + "."
	count := 0
	for _, part := range rowParts {
		count = max(count, len(form[prefix+part]))
	}
	place := count
	if len(words) == 3 {
		given, err := strconv.Atoi(words[2])
		if err != nil || given < 0 || given > count {
			return
		}
		place = given
	}
	switch {
	case words[0] == "add" && count < maxRows:
		insertRows(form, prefix, count, place, "")
	case words[0] == "group" && count < maxRows:
		insertRows(form, prefix, count, place, "any", "", workflow.GroupEnd)
	case words[0] == "remove" && len(words) == 3 && place < count:
		end := place + rowsOfGroup(form[prefix+"kind"], place)
		for _, part := range rowParts {
			if list := form[prefix+part]; place < len(list) {
				form[prefix+part] = slices.Delete(slices.Clone(list), place, min(end, len(list)))
			}
		}
	}
}

// insertRows puts a row of each of these kinds in a place. Parts that this kind of row
// lacks get an empty entry, which says nothing.
func insertRows(form url.Values, prefix string, count, place int, kinds ...string) {
	for _, part := range rowParts {
		list := slices.Clone(form[prefix+part])
		for len(list) < count {
			list = append(list, "")
		}
		added := make([]string, len(kinds))
		if part == "kind" {
			added = kinds
		}
		form[prefix+part] = slices.Insert(list, place, added...)
	}
}

// rowsOfGroup counts the rows of the group that begins in a place, both ends included;
// any other row is one.
func rowsOfGroup(kinds []string, place int) int {
	open := 0
	for i := place; i < len(kinds); i++ {
		switch kinds[i] {
		case "all", "any":
			open++
		case workflow.GroupEnd:
			open--
		}
		if open <= 0 {
			return i - place + 1
		}
	}
	return max(1, len(kinds)-place)
}

// keepEmptyRows shows the rows as they were sent, the empty ones included: after
// "Add" or "Remove".
func (f *stepForm) keepEmptyRows(form url.Values, path string, fields []workflow.Field) {
	for _, field := range fields {
		at := path + "." + field.Name
		switch {
		case field.Kind.Parts:
			f.keepEmptyRows(form, at, field.Fields)
		case field.Kind.Rows != nil && (field.Kind.Rows.If == "" || len(f.rows[at]) == 0 || slices.ContainsFunc(sentRows(form, at), filledIn)): // else they are what was typed
			f.rows[at] = formRows(sentRows(form, at))
		}
	}
}

// filledIn reports whether somebody has filled in something of a row.
func filledIn(row workflow.Row) bool {
	return row.Name+row.Value != ""
}
