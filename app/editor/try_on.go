package editor

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/frame"
	"workflows/app/web"
	"workflows/models"
	"workflows/models/runs"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/document"
	"workflows/worker/engine"
	"workflows/worker/workflow"
	"workflows/worker/workflow/offer"
	"workflows/worker/workflow/trial"
)

const (
	// doTryOn leads to the choice of the data, with the part of the draft that is tried.
	doTryOn = "try-on"
	// offeredRuns is how many past runs the choice has.
	offeredRuns = 20
)

// What the form of the choice sends; "data" may be a run's id too.
const (
	tryOnData   = "data"
	tryOnLatest = "latest"
	tryOnTyped  = "typed"
	typedInput  = "typed_input"
	typedBody   = "typed_body"
	typedQuery  = "typed_query"
	typedHeader = "typed_headers"
)

// choosesData leads there, once all is saved.
func (e *editing) choosesData() error {
	e.goes(e.d.url("/edit/try?part=", url.QueryEscape(e.arg(0))), "")
	return nil
}

// tryOn is a part of a draft of which somebody chooses on which data it is tried.
type tryOn struct {
	*Site
	c     *gin.Context
	d     draft
	part  trial.Part
	title string
	// sent is what came back, and wrong what is wrong with it, by its entries.
	sent  url.Values
	wrong map[string]string
}

func (s *Site) tryOn(c *gin.Context, part string, sent url.Values) (tryOn, error) {
	d, err := s.draft(c)
	t := tryOn{Site: s, c: c, d: d, part: trial.ReadPart(part), sent: sent, wrong: map[string]string{}}
	if err == nil && !t.named() {
		err = models.ErrNotFound
	}
	return t, err
}

// named writes what is tried, if the draft has it.
func (t *tryOn) named() bool {
	if t.part == (trial.Part{}) {
		t.title = "Try it all"
		return true
	}
	step, _, found := workflow.FindStep(&t.d.definition, t.part.StepID)
	if !found {
		return false
	}
	t.title = "Try “" + workflow.StepTitle(*step, t.Types) + "”"
	if t.part.Block == "" {
		return true
	}
	t.title = "Try " + frame.BranchOf(t.part.Block, workflow.StepTitle(*step, t.Types))
	branch := step.Block(t.part.Block)
	return branch != nil && len(*branch) > 0
}

// TryOnShow asks on which data a part of the draft is tried: on the latest, on a past run's,
// or on what is typed.
func (s *Site) TryOnShow(c *gin.Context) (templ.Component, error) {
	t, err := s.tryOn(c, c.Query("part"), nil)
	if err != nil {
		return nil, err
	}
	return t.page()
}

// TryOn tries it.
func (s *Site) TryOn(c *gin.Context) (templ.Component, error) {
	form, err := web.Form(c)
	if err != nil {
		return nil, err
	}
	t, err := s.tryOn(c, form.Get("part"), form)
	if err != nil {
		return nil, err
	}
	on := t.chosen()
	if len(t.wrong) == 0 {
		err := s.tryPart(c, t.d, engine.TryRequest{Part: t.part, On: on})
		var gone *models.ConflictError
		if !errors.As(err, &gone) {
			return nil, err
		}
		t.wrong[tryOnData] = gone.Message
	}
	page, err := t.page()
	if err != nil {
		return nil, err
	}
	return nil, web.Status(http.StatusUnprocessableEntity, page)
}

// chosen reads the choice.
func (t *tryOn) chosen() (on engine.TryData) {
	switch data := t.sent.Get(tryOnData); {
	case data == tryOnTyped:
		on.Typed = &engine.TypedData{Body: t.typed(typedBody), Query: t.object(typedQuery), Input: t.answers()}
		if headers := t.object(typedHeader); headers != nil {
			on.Typed.Headers = map[string]string{}
			for name, value := range headers {
				on.Typed.Headers[strings.ToLower(name)] = document.Text(value)
			}
		}
	case models.ValidID(data):
		on.RunID = data
	case data != tryOnLatest:
		t.wrong[tryOnData] = "Choose the data."
	}
	return on
}

// typed reads what was typed as JSON; nothing is nil.
func (t *tryOn) typed(name string) any {
	text := t.sent.Get(name)
	if strings.TrimSpace(text) == "" {
		return nil
	}
	value, problem := workflow.ParseFormInput(workflow.Input{Name: name, Type: "json"}, text)
	if problem != nil {
		t.wrong[name] = cmp.Or(document.WrongJSON(text), problem.Message)
	}
	return value
}

// object reads what was typed as names with values; nothing is nil.
func (t *tryOn) object(name string) map[string]any {
	value := t.typed(name)
	object, is := value.(map[string]any)
	if value != nil && !is {
		t.wrong[name] = "Write each value behind its name, as it stood there."
	}
	return object
}

// answers are those that were typed, as a run would take them.
func (t *tryOn) answers() map[string]any {
	answers := t.object(typedInput)
	_, problems := workflow.CheckInput(t.d.definition.Inputs, answers)
	for _, problem := range problems {
		if _, given := answers[strings.TrimPrefix(problem.Path, "input.")]; given && t.wrong[typedInput] == "" {
			t.wrong[typedInput] = problem.Message
		}
	}
	return answers
}

func (t *tryOn) page() (templ.Component, error) {
	ctx := t.c.Request.Context()
	page := views.TryOnPage{
		Layout: t.editorLayout(t.c, t.d, t.title), Title: t.title, Action: t.d.url("/edit/try"), BackURL: t.d.url("/edit"),
		Part: t.part.String(), Chosen: cmp.Or(t.sent.Get(tryOnData), tryOnLatest), Wrong: t.wrong[tryOnData],
	}
	if page.Part != "" && t.part.Block == "" {
		page.BackURL = t.d.stepURL(t.part.StepID)
	}
	past, _, err := runs.List(ctx, t.DB, runs.Filter{WorkflowID: t.d.workflow.ID, Limit: offeredRuns})
	if err != nil {
		return nil, err
	}
	page.Runs = frame.RunRows(past)
	samples, err := t.samples(ctx, t.d)
	if err != nil {
		return nil, err
	}
	page.Typed = t.entries(samples)
	for _, name := range []string{tryOnData, typedInput, typedBody, typedQuery, typedHeader} {
		if t.wrong[name] != "" {
			page.Errors = append(page.Errors, ui.FieldMessage{FieldID: name, Message: t.wrong[name]})
		}
	}
	return views.TryOn(page), nil
}

// entries are those for what may start the draft, with what that was lately.
func (t *tryOn) entries(samples offer.Samples) []ui.FieldProps {
	var entries []ui.FieldProps
	if len(t.d.definition.Inputs) > 0 {
		entries = append(entries, ui.FieldProps{Name: typedInput, Label: "The answers to its questions", Help: "As JSON. What you leave out is as it was in the newest run.", Value: string(document.Indented(answersLately(t.d.definition.Inputs, samples.Input)))})
	}
	if slices.ContainsFunc(t.d.definition.Triggers, func(trigger workflow.Trigger) bool { return trigger.Type == "webhook" }) {
		entries = append(entries, ui.FieldProps{Name: typedBody, Label: "What its webhook is sent", Help: "As JSON.", Value: lately(samples.Trigger["body"])})
		for _, more := range []struct{ part, name, label string }{{"query", typedQuery, "Parameters of its address"}, {"headers", typedHeader, "Headers that come with it"}} {
			if t.inserts(more.part) {
				entries = append(entries, ui.FieldProps{Name: more.name, Label: more.label, Help: "As JSON, such as {\"name\": \"Ada\"}.", Value: lately(samples.Trigger[more.part])})
			}
		}
	}
	for i := range entries {
		entry := &entries[i]
		entry.Kind, entry.Rows, entry.ShowIf, entry.Error = "json", 8, tryOnData+"="+tryOnTyped, t.wrong[entry.Name]
		if t.sent != nil {
			entry.Value = t.sent.Get(entry.Name)
		}
	}
	return entries
}

// lately is a value as people type it; nothing is an empty text.
func lately(value any) string {
	if value == nil {
		return ""
	}
	return string(document.Indented(value))
}

// inserts reports whether a step inserts that part of what a webhook was sent.
func (t *tryOn) inserts(part string) (found bool) {
	workflow.Walk(t.d.definition.Steps, func(_ string, step *workflow.Step, _ []*workflow.Step) bool {
		found = found || slices.ContainsFunc(workflow.UsedIn(step.Config), func(r workflow.Reference) bool {
			return r.Root == "trigger" && len(r.Path) > 0 && r.Path[0] == part
		})
		return !found
	})
	return found
}

// answersLately are the answers of the last run, and examples where it had none. Files are
// left out: nobody types them.
func answersLately(inputs []workflow.Input, last map[string]any) map[string]any {
	answers := map[string]any{}
	for _, input := range inputs {
		value, given := last[input.Name]
		if !given {
			value = input.Default
		}
		if !given && value == nil {
			value = input.Example()
		}
		if !input.Uploaded() {
			answers[input.Name] = value
		}
	}
	return answers
}
