package editor

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"workflows/app/frame"
	"workflows/models"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/workflow"
	"workflows/worker/workflow/offer"
)

func (s *Site) stepFormPage(c *gin.Context, d draft, form *stepForm) (views.StepFormPage, error) {
	step, t := form.step, s.Types[form.step.Type]
	id := form.step.ID
	if stored, _, found := workflow.FindStep(&d.definition, id); found {
		stored.Config = step.Config // as it stands in the form
	}
	samples, err := s.samples(c.Request.Context(), d)
	if err != nil {
		return views.StepFormPage{}, err
	}
	known := offer.Know(d.definition, s.Types, samples).Narrowed(c.Request.Context(), s.Now())
	builder := formBuilder{form: form, known: &known, stepID: id, dataURL: d.url("/edit/data?step=", id)}
	if workflow.FillsEach(t.Fields) {
		builder.through = t.Through
	}
	if t.Calls != nil {
		var err error
		if builder.called, err = s.callable(c.Request.Context(), d, t.Calls(step.Config), form.find); err != nil {
			return views.StepFormPage{}, err
		}
	}
	takesSecrets := workflow.TakesSecrets(t.Fields)
	if takesSecrets {
		var err error
		if builder.secrets, err = s.secretChoices(c); err != nil {
			return views.StepFormPage{}, err
		}
	}
	page := views.StepFormPage{
		Key: id, Action: d.stepURL(id),
		Title: workflow.StepTitle(step, s.Types), TypeTitle: t.Title, TypeSummary: t.Summary,
		Name: step.Name, NameStored: form.nameWas, NameError: form.problems["name"],
		Failure: failureFields(form, t), SwitchedOff: step.Disabled,
	}
	if t.Title == "" {
		page.TypeTitle, page.TypeSummary = step.Type, "This version does not know such steps. Delete it, or update the program."
	}
	if takesSecrets {
		page.SecretsURL, page.SecretsInserted = frame.SecretsURL, workflow.InsertsSecrets(t.Fields)
	}
	page.OwnItems = builder.through != ""
	if page.Tried, err = s.tried(c, d, step, known); err != nil {
		return page, err
	}
	page.MayAct = page.Tried != nil && t.MayAct && t.Effects(step.Config)
	page.Given = s.gaveOrWould(c.Request.Context(), known, step)
	if suggested := c.Query("suggested"); suggested != "" && c.Request.Method == http.MethodGet {
		builder.suggested = strings.Split(suggested, ",")
	}
	if slices.ContainsFunc(t.Fields, func(field workflow.Field) bool { return field.Kind.Entry.Choices == workflow.ChoicesPeople }) {
		people, err := models.ListUsers(c.Request.Context(), s.DB)
		if err != nil {
			return page, err
		}
		page.People, _ = peopleOf(people, nil)
	}
	page.Fields, page.Advanced = builder.fields("config", t.Fields, step.Config)
	if page.Asked, err = s.askedWords(c.Request.Context(), &step); err != nil {
		return page, err
	}
	if t.Mails {
		if page.Mail, err = s.mailMissing(c.Request.Context()); err != nil {
			return page, err
		}
	}
	typed := ""
	for _, output := range t.Gives(step.Config) {
		typed += " " + workflow.Reference{Root: "steps", Path: []string{id, output.Name}}.String()
		page.PartsUnknown = page.PartsUnknown || samples.Steps[id] == nil && output.PartsUnknown()
		page.Gives = append(page.Gives, views.OutputRow{Name: output.Called(), Help: cmp.Or(output.Help, output.Type)})
	}
	page.Advanced = folded(page.Advanced, idField(form, typed), details, false)
	called := views.FormField{Field: &ui.FieldProps{ID: "name", Name: "name"}}
	page.Errors = builder.summary(slices.Concat(page.Fields, page.Failure, []views.FormField{called}, page.Advanced))
	last := len(page.Advanced) - 1
	page.Advanced, page.Details = page.Advanced[:last], page.Advanced[last:]
	page.FailureOpen = step.Retry != nil || step.Timeout != "" || step.OnError+step.OnUnknown != "" || anyError(page.Failure)
	page.AdvancedOpen = page.NameError != "" || anyError(page.Advanced) || anyError(page.Details)
	return page, nil
}

// stepsAround lead up through the steps that hold a step.
func (s *Site) stepsAround(d draft, id string) []ui.Link {
	var links []ui.Link
	workflow.Walk(d.definition.Steps, func(_ string, step *workflow.Step, parents []*workflow.Step) bool {
		if step.ID != id {
			return true
		}
		for _, parent := range parents {
			links = append(links, ui.Link{Label: workflow.StepTitle(*parent, s.Types), URL: d.stepURL(parent.ID)})
		}
		return false
	})
	return links
}

// details is the fold for what only programs call things by.
const details = "Details"

// idField asks what references call the step; typed is what those hold that insert what it gives.
func idField(form *stepForm, typed string) views.FormField {
	props := &ui.FieldProps{ID: "id", Name: "id", Label: "Id", Help: "How other steps refer to it. What refers to it follows when you change this.", Value: form.id, Error: form.problems["id"], Mono: true, Autocomplete: "off"}
	if typed != "" {
		props.Help += " Typed, what it gives is" + typed + "."
	}
	return views.FormField{Field: props}
}

// unknownField asks what happens when nobody can know whether the step has acted.
func unknownField(form *stepForm) views.FormField {
	return views.FormField{Field: &ui.FieldProps{
		ID: "on_unknown", Name: "on_unknown", Label: "If the worker is lost or stopped while this step may have acted", Kind: "choice",
		Value: cmp.Or(form.step.OnUnknown, "wait"), Error: form.problems["on_unknown"], Help: "For steps that change something outside: whether they did is then not known.",
		Options: []ui.Option{{Value: "wait", Label: "Wait for a person's decision"}, {Value: "repeat", Label: "Run it again"}, {Value: "fail", Label: "The step fails"}},
	}}
}

// summary lists the form's problems in the order of its fields.
func (b formBuilder) summary(fields []views.FormField) []ui.FieldMessage {
	paths := slices.Collect(maps.Keys(b.form.problems))
	slices.Sort(paths)
	messages := make([]ui.FieldMessage, 0, len(paths))
	for _, path := range paths {
		id := fieldID(path)
		if strings.HasPrefix(path, "config") {
			id = b.controlFor(path, fields)
		}
		messages = append(messages, ui.FieldMessage{FieldID: id, Message: b.form.problems[path]})
	}
	shown := controls(fields)
	place := func(m ui.FieldMessage) int {
		return slices.IndexFunc(shown, func(id string) bool { return m.FieldID == id || strings.HasPrefix(m.FieldID, id+"-") })
	}
	slices.SortStableFunc(messages, func(a, b ui.FieldMessage) int { return cmp.Compare(place(a), place(b)) })
	return messages
}

// controls are the ids of entries from top to bottom.
func controls(fields []views.FormField) (ids []string) {
	for _, field := range fields {
		switch {
		case field.Group != nil:
			ids = append(ids, controls(field.Group.Fields)...)
		case field.Rows != nil:
			ids = append(ids, field.Rows.ID)
		default:
			ids = append(ids, field.Field.ID)
		}
	}
	return ids
}

func anyError(fields []views.FormField) bool {
	return slices.ContainsFunc(fields, func(f views.FormField) bool {
		return f.Field != nil && f.Field.Error != "" || f.Rows != nil && f.Rows.Error != "" || f.Group != nil && anyError(f.Group.Fields)
	})
}

// failureFields ask what happens if the step fails.
func failureFields(form *stepForm, t workflow.StepType) []views.FormField {
	retry, attempts := form.retry, form.attempts
	if attempts == "" {
		attempts = "1"
	}
	fields := []ui.FieldProps{
		{Name: "retry.max_attempts", Label: "Attempts", Kind: "number", Width: "short", Value: attempts, Help: "How often it is tried in all: 1 to 50."},
		{Name: "retry.backoff", Label: "Wait between attempts", Kind: "choice", Value: frame.Either(retry.Backoff == "", "fixed", retry.Backoff), Options: []ui.Option{{Value: "fixed", Label: "Always the same"}, {Value: "exponential", Label: "Longer each time"}}},
		{Name: "retry.delay", Label: "First wait", Width: "medium", Value: workflow.LengthWords(retry.Delay), Placeholder: "10 seconds", Help: "Such as 10 seconds, 5 minutes or an hour. Left empty it is 10 seconds."},
		{Name: "retry.max_delay", Label: "Longest wait", Width: "medium", Value: workflow.LengthWords(retry.MaxDelay), Placeholder: "10 minutes", ShowIf: "retry.backoff=exponential"},
		{Name: "timeout", Label: "Longest time for one attempt", Width: "medium", Value: workflow.LengthWords(form.step.Timeout), Placeholder: "60 seconds", Help: "Left empty it is 60 seconds."},
		{Name: "on_error", Label: "After the last attempt", Kind: "choice", Value: frame.Either(form.step.OnError == "", "fail", form.step.OnError), Options: []ui.Option{{Value: "fail", Label: "The run fails"}, {Value: "continue", Label: "The run goes on with the next step"}}},
	}
	if slices.Contains(t.Blocks, "do") {
		fields[4].Label, fields[4].Placeholder, fields[4].Help = "Longest time for all items", "", "Left empty it goes on as long as it takes. After this time no further item begins, and the step fails."
	}
	if t.Calls != nil {
		fields[4].Label, fields[4].Placeholder, fields[4].Help = "Longest time to wait for its end", "", "Left empty it waits as long as it takes."
	}
	entries := make([]views.FormField, len(fields))
	for i := range fields {
		fields[i].ID, fields[i].Error, fields[i].Autocomplete = fieldID(fields[i].Name), form.problems[fields[i].Name], "off"
		entries[i].Field = &fields[i]
	}
	if t.MayAct {
		entries = append(entries, unknownField(form))
	}
	return entries
}
