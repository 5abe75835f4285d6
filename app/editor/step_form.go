package editor

import (
	"net/url"
	"strconv"
	"strings"

	"workflows/app/frame"
	"workflows/views"
	"workflows/worker/document"
	"workflows/worker/workflow"
)

// stepForm is a step as its form holds it: what fits into a step, and beside it
// what was typed but does not (rows without a name, a number of attempts that is
// none), so that nothing typed is lost when the form comes back.
type stepForm struct {
	step     workflow.Step
	id       string         // as typed
	nameWas  string         // when the form was opened
	attempts string         // as typed
	retry    workflow.Retry // as typed, with whatever number of attempts
	unshown  map[string]any // what was typed where the form asks for nothing, by path
	chosen   string         // the entry, and its row, for which data was chosen just now
	find     string         // narrows the workflows that are offered
	rows     map[string][]views.FormRow
	typed    map[string]bool // what could be filled in by rows and is typed instead, by path
	// problems are sentences by path, such as "config.url" or "retry.max_attempts".
	problems map[string]string
}

// nameWas is the entry that holds the name with which a form was opened.
const nameWas = "name.was"

// newStepForm shows a step as it is stored.
func newStepForm(step workflow.Step, t workflow.StepType) *stepForm {
	f := &stepForm{step: step, id: step.ID, nameWas: step.Name, rows: map[string][]views.FormRow{}, typed: map[string]bool{}, problems: map[string]string{}}
	if step.Retry != nil {
		f.attempts, f.retry = strconv.Itoa(step.Retry.MaxAttempts), *step.Retry
	}
	f.storedRows("config", t.Fields, step.Config)
	return f
}

// readStepForm puts what was sent into a step. What was not changed keeps its
// stored value, type and all: 100 does not become "100" by opening the form.
func readStepForm(form url.Values, was workflow.Step, t workflow.StepType) *stepForm {
	f := &stepForm{step: was, nameWas: was.Name, rows: map[string][]views.FormRow{}, typed: map[string]bool{}, unshown: map[string]any{}, problems: map[string]string{}}
	if words := strings.SplitN(form.Get("row"), " ", 4); len(words) == 4 && words[0] == "choose" {
		f.chosen = words[1] + " " + words[2]
	}
	f.find = strings.TrimSpace(form.Get(frame.FindWorkflow))
	f.id = was.ID
	if id := strings.TrimSpace(form.Get("id")); id != "" {
		f.id = id
	}
	f.step.Name = strings.TrimSpace(form.Get("name"))
	if form.Has(nameWas) {
		f.nameWas = form.Get(nameWas)
	}
	if len(t.Fields) > 0 || len(was.Config) == 0 {
		f.step.Config = f.readConfig(form, "config", t.Fields, was.Config)
	}
	f.readFailure(form, was)
	return f
}

// readFailure reads what happens if the step fails.
func (f *stepForm) readFailure(form url.Values, was workflow.Step) {
	f.step.Timeout = frame.ReadLength(form, "timeout", was.Timeout)
	if form.Has("on_unknown") {
		f.step.OnUnknown = frame.Chosen(form.Get("on_unknown"), was.OnUnknown, "wait")
	}
	f.step.OnError = frame.Chosen(form.Get("on_error"), was.OnError, "fail")
	f.attempts = strings.TrimSpace(form.Get("retry.max_attempts"))
	before := workflow.Retry{}
	if was.Retry != nil {
		before = *was.Retry
	}
	f.retry = workflow.Retry{
		Backoff:  frame.Chosen(form.Get("retry.backoff"), before.Backoff, "fixed"),
		Delay:    frame.ReadLength(form, "retry.delay", before.Delay),
		MaxDelay: frame.ReadLength(form, "retry.max_delay", before.MaxDelay),
	}
	f.step.Retry = nil
	switch n, err := strconv.Atoi(f.attempts); {
	case f.attempts == "" || (n == 1 && was.Retry == nil):
	case err != nil:
		f.problems["retry.max_attempts"] = "Use a number of attempts between 1 and 50."
	default:
		retry := f.retry
		retry.MaxAttempts = n
		f.step.Retry = &retry
	}
}

func (f *stepForm) readConfig(form url.Values, path string, fields []workflow.Field, was map[string]any) map[string]any {
	config := map[string]any{}
	for _, field := range fields {
		at := path + "." + field.Name
		value := was[field.Name]
		switch kind := field.Kind; {
		case kind.Parts:
			before, _ := value.(map[string]any)
			if parts := f.readConfig(form, at, field.Fields, before); len(parts) > 0 {
				config[field.Name] = parts
			}
			continue
		case kind.Rows != nil && kind.Rows.If != "":
			value = f.readEither(form, at, field, fields, was, config)
		case kind.Rows != nil:
			value = f.readRows(form, at, *kind.Rows, value)
		case kind.Entry.Control == "checkbox":
			value = readCheckbox(form, at, field, value)
		case form.Has(at):
			value = readText(form.Get(at), field, value)
		}
		if value != nil {
			config[field.Name] = value
		}
	}
	for _, field := range fields {
		if value := field.Followed(was, config, fields); value != "" {
			config[field.Name] = value
		}
	}
	for _, field := range fields { // what the form hid does not count
		if !field.Shown(config, fields) {
			f.unshown[path+"."+field.Name] = config[field.Name]
			delete(config, field.Name)
		}
	}
	return config
}

func readCheckbox(form url.Values, at string, field workflow.Field, was any) any {
	if _, isText := was.(string); isText { // a reference, shown as a text
		return readText(form.Get(at), field, was)
	}
	checked := form.Get(at) == "true"
	if was == nil && checked == (field.Default == "true") {
		return nil
	}
	return checked
}

func readText(text string, field workflow.Field, was any) any {
	if text == shownText(field, was) {
		return was
	}
	trimmed := strings.TrimSpace(text)
	switch {
	case trimmed == "":
		return nil
	case field.Kind.Entry.Read != nil:
		return field.Kind.Entry.Read(text)
	}
	return trimmed
}

// shownText is what the form shows for a stored value: for none the default, or
// the first choice.
func shownText(field workflow.Field, value any) string {
	text, isText := value.(string)
	switch {
	case isText && field.Kind.Entry.Words != nil:
		return field.Kind.Entry.Words(text)
	case isText:
		return text
	case value == nil && field.Default == "" && len(field.Options) > 0:
		return field.Options[0].Value
	case value == nil:
		return field.Default
	case field.Kind.Entry.Show != nil:
		return field.Kind.Entry.Show(value)
	}
	return document.Text(value)
}

// put writes the form into the definition and returns the step's id, which
// follows a changed one, or the first name as long as nothing refers to the step.
func (f *stepForm) put(d *workflow.Definition, step *workflow.Step, t workflow.StepType) string {
	old, firstName := step.ID, f.nameWas == "" && f.step.Name != ""
	f.step.ID = old
	*step = f.step
	step.Config = t.Tidied(f.step.Config)
	id := f.id
	switch {
	case id == old && firstName && len(workflow.BrokenBy(*d, old, nil)) == 0:
		id = freeID(*d, step, f.step.Name)
	case id != old:
		if _, _, taken := workflow.FindStep(d, id); taken {
			f.problems["id"] = "There is already a step with this id. Choose another."
			return old
		}
	}
	if id != old {
		workflow.RenameStep(d, old, id)
	}
	return id
}

// freeID makes an id from a name that no other step has.
func freeID(d workflow.Definition, step *workflow.Step, name string) string {
	old := step.ID
	step.ID = "" // it does not stand in its own way
	id := workflow.NewStepID(d, name)
	step.ID = old
	return id
}
