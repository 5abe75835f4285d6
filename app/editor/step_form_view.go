package editor

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/workflow"
	"workflows/worker/workflow/offer"
)

// formBuilder turns a step's form into what the view shows.
type formBuilder struct {
	form    *stepForm
	known   *offer.Knowledge // of the data that may be inserted; nil offers none
	stepID  string           // "" is a webhook
	dataURL string           // of the page that lists the data
	through string           // the field that holds the list that the step itself goes through
	called  callable         // of a step that runs another workflow
	secrets []ui.Option      // by name, where a field may hold or choose one
	// suggested names the fields whose values are guesses that nobody has looked at.
	suggested []string
}

// showInputsID is the button that shows what the chosen workflow asks for.
const showInputsID = "show-inputs"

// fieldID is the id of the control for a problem's path.
func fieldID(path string) string {
	return strings.Trim(strings.NewReplacer(".", "-", "[", "-", "]", "").Replace(path), "-")
}

// fields are the entries for a type's fields; those marked advanced come second.
func (b formBuilder) fields(path string, fields []workflow.Field, config map[string]any) (plain, advanced []views.FormField) {
	for _, field := range fields {
		for _, entry := range b.entries(path, field, fields, config) {
			if field.Advanced {
				advanced = folded(advanced, entry, field.Fold, config[field.Name] != nil)
			} else {
				plain = folded(plain, entry, field.Fold, config[field.Name] != nil)
			}
		}
		if field.Kind.Entry.Choices == workflow.ChoicesWorkflows && b.called.find != nil {
			plain = append(plain, views.FormField{Field: b.called.find})
		}
	}
	return plain, advanced
}

// folded adds an entry, under the same line as the one before it if both are folded. It is
// open where something is filled in, or wrong.
func folded(list []views.FormField, entry views.FormField, fold string, filled bool) []views.FormField {
	if fold == "" {
		return append(list, entry)
	}
	open := filled || anyError([]views.FormField{entry})
	inside := []views.FormField{entry}
	if entry.Group != nil && entry.Group.Legend == fold {
		inside = entry.Group.Fields
	}
	if last := len(list) - 1; last >= 0 && list[last].Group != nil && list[last].Group.Folds && list[last].Group.Legend == fold {
		group := list[last].Group
		group.Fields, group.Open = append(group.Fields, inside...), group.Open || open
		return list
	}
	return append(list, views.FormField{Group: &views.FieldGroup{Legend: fold, Folds: true, Open: open, Fields: inside}})
}

// entries are those of a field: of one that is filled in by rows or by one control both,
// each shown while the other is not, and first the one that counts.
func (b formBuilder) entries(path string, field workflow.Field, siblings []workflow.Field, config map[string]any) []views.FormField {
	first := field.Kind.Rows
	if first == nil || first.If == "" {
		return []views.FormField{b.field(path, field, config)}
	}
	at, rows, one := path+"."+field.Name, field, field
	one.Kind.Rows = nil
	value, wanted := config[field.Name], field.RowsBeside(config, siblings)
	held, typed := wanted != nil && wanted.Fits(value), value != nil
	if wanted != nil {
		typed = !held || wanted.OrTyped && b.form.typed[at]
	}
	if typed {
		as := views.FormField{Field: &ui.FieldProps{ID: fieldID(at + behindTyped), Name: at + behindTyped, Kind: "hidden", Value: "typed"}}
		fits := held
		if wanted != first {
			fits = first.Fits(value)
		}
		if fits {
			one.ShowIf = without(field.ShowIf, first.If)
		}
		control := b.field(path, one, config)
		if held { // and typed all the same
			control.Field.Instead = &ui.ButtonProps{Label: "Fill in names and values", Icon: "list", Kind: "quiet", Small: true, Name: "row", Value: "listed " + at, FormAction: "#" + rowsID(at, field)}
		}
		if !fits {
			return []views.FormField{control, as}
		}
		rows.Label, rows.Help, rows.ShowIf = first.Label, "", first.If
		listed := b.field(path, rows, config)
		listed.Rows.Instead = &ui.ButtonProps{Label: "Take what was typed", Icon: "list", Kind: "quiet", Small: true, Name: "row", Value: "listed " + at, FormAction: "#" + rowsID(at, field), Attributes: templ.Attributes{"data-show-if": path + "." + first.If}}
		return []views.FormField{control, listed, as}
	}
	one.ShowIf = without(field.ShowIf, first.If)
	rows.Label, rows.Help, rows.ShowIf = first.Label, "", first.If
	if first.Or != nil {
		_, values, _ := strings.Cut(first.Or.If, "=")
		one.ShowIf, rows.ShowIf = without(one.ShowIf, first.Or.If), first.If+","+values
		one.Help, one.Kind.Says = "", nil // they are about what is in the rows
		rows.Label, rows.Kind.Rows = first.Or.Label, first.Or
	}
	others := maps.Clone(config)
	delete(others, field.Name)
	listed := b.field(path, rows, config)
	if first.Or != nil {
		listed.Rows.Instead = &ui.ButtonProps{Label: "Type it instead", Icon: "pencil-line", Kind: "quiet", Small: true, Name: "row", Value: "typed " + at, FormAction: "#" + fieldID(at), Attributes: templ.Attributes{"data-show-if": path + "." + first.Or.If}}
	}
	return []views.FormField{listed, b.field(path, one, others)}
}

// without leaves out of a condition such as "body_type=json,form" what another one names.
func without(condition, other string) string {
	name, values, _ := strings.Cut(condition, "=")
	_, out, _ := strings.Cut(other, "=")
	left := slices.DeleteFunc(strings.Split(values, ","), func(value string) bool { return slices.Contains(strings.Split(out, ","), value) })
	return name + "=" + strings.Join(left, ",")
}

// rowsID is the id of the entry for a field's rows, which may stand beside one control.
func rowsID(at string, field workflow.Field) string {
	if field.Kind.Rows.If != "" {
		return fieldID(at) + "-fields"
	}
	return fieldID(at)
}

func (b formBuilder) field(path string, field workflow.Field, beside map[string]any) views.FormField {
	at := path + "." + field.Name
	value := beside[field.Name]
	if value == nil {
		value = b.form.unshown[at]
	}
	showIf := ""
	if field.ShowIf != "" {
		showIf = path + "." + field.ShowIf
	}
	switch {
	case field.Kind.Parts:
		parts, _ := value.(map[string]any)
		plain, advanced := b.fields(at, field.Fields, parts)
		return views.FormField{Group: &views.FieldGroup{ID: fieldID(at), Legend: field.Label, Help: field.Help, ShowIf: showIf, Fields: slices.Concat(plain, advanced)}}
	case field.Kind.Rows != nil:
		return views.FormField{Rows: b.rowsField(at, field, showIf)}
	}
	props := ui.FieldProps{
		ID: fieldID(at), Name: at, Label: field.Label, Help: field.Help, Required: field.Required, ShowIf: showIf,
		Value: shownText(field, value), Error: b.form.problems[at], Autocomplete: "off", Suggested: slices.Contains(b.suggested, field.Name),
	}
	if field.Follows != "" {
		props.Attributes = templ.Attributes{"data-follows": path + "." + field.Follows}
	}
	props.Placeholder = exampleWords(field.Example)
	if field.Kind.Entry.Words != nil {
		props.Placeholder = field.Kind.Entry.Words(field.Example)
	}
	if props.Watched = field.Kind.Says != nil; props.Watched && props.Error == "" && strings.TrimSpace(props.Value) != "" {
		props.Says = field.Kind.Says(beside)
	}
	b.control(&props, field, value)
	if props.Kind != "checkbox" && props.Kind != "choice" {
		props.Choose = b.choose(at, 0, field, props.Value, beside)
		props.Choose.Suggest = b.suggest(at, field, props.Value, beside)
	}
	return views.FormField{Field: &props}
}

// exampleWords is an example with nothing in the place of its references; of one that is only a
// reference nothing.
func exampleWords(example string) string {
	words := workflow.Replaced(example, func(workflow.Reference) string { return "…" })
	return strings.TrimPrefix(words, "…")
}

// control has the entry shown as its kind says.
func (b formBuilder) control(props *ui.FieldProps, field workflow.Field, value any) {
	entry := field.Kind.Entry
	if entry.Control == "checkbox" {
		if _, isText := value.(string); isText {
			return
		}
		props.Value, props.Checked = "true", value == true || value == nil && field.Default == "true"
	}
	props.Kind, props.Width, props.Rows, props.Mono = entry.Control, entry.Width, entry.Lines, entry.Mono
	if len(field.Options) > 0 {
		props.Options = options(field.Options)
	}
	switch entry.Choices {
	case workflow.ChoicesSecrets:
		props.Options = append([]ui.Option{{Value: "", Label: "Choose one"}}, b.secrets...)
	case workflow.ChoicesWorkflows:
		props.Options, props.Attributes = b.called.options, templ.Attributes{"data-then": showInputsID}
	case workflow.ChoicesPeople:
		props.Attributes = templ.Attributes{"list": views.PeopleID}
	}
}

func (b formBuilder) rowsField(at string, field workflow.Field, showIf string) *views.RowsField {
	rows := slices.Clone(b.form.rows[at])
	r := &views.RowsField{
		ID: rowsID(at, field), Name: at, Label: field.Label, Help: field.Help, Required: field.Required, ShowIf: showIf,
		Error: b.form.problems[at], Kind: field.Kind.Rows.Component, Named: field.Kind.Rows.Named, Operators: operatorOptions(), Kinds: options(workflow.ValueKinds()),
		Suggested: slices.Contains(b.suggested, field.Name), Hint: field.Kind.Rows.Hint, Parts: field.Kind.Rows.Parts,
	}
	if field.Kind.Rows.Single {
		r.Kinds = slices.DeleteFunc(r.Kinds, func(o ui.Option) bool { return o.Value == workflow.ValueKind([]any{}) })
	}
	if field.Kind.Rows.Kinds != nil {
		r.Kinds = options(field.Kind.Rows.Kinds)
	}
	if field.Kind.Rows.Choices == workflow.ChoicesAsked { // with a way to see what is asked for
		rows = b.called.rows(rows)
		r.Refresh, r.RefreshID = "Show what it asks for", showInputsID
		r.Help = cmp.Or(b.called.asksFor(), r.Help)
	}
	if len(rows) == 0 {
		rows = make([]views.FormRow, max(1, field.Kind.Rows.Blank))
	}
	r.Rows = rows
	if b.known != nil && field.Reference {
		b.chooseInRows(r, field)
	}
	b.rowProblems(r)
	return r
}

func operatorOptions() []ui.Option {
	return append([]ui.Option{{Value: "", Label: "Compare…"}}, options(workflow.Operators())...)
}

func options(list []workflow.Option) []ui.Option {
	shown := make([]ui.Option, len(list))
	for i, option := range list {
		shown[i] = ui.Option{Value: option.Value, Label: option.Label}
	}
	return shown
}
