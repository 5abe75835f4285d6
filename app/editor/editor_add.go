package editor

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/frame"
	"workflows/models"
	"workflows/views"
	"workflows/worker/changes"
	"workflows/worker/document"
	"workflows/worker/entry"
	"workflows/worker/workflow"
	"workflows/worker/workflow/edit"
)

// addTyped makes a step of what was typed into the entries for new steps. A word that is
// not understood stays where it is.
func (e *editing) addTyped() error {
	for _, name := range slices.Sorted(maps.Keys(e.sent)) {
		place, ours := strings.CutPrefix(name, "add:")
		typed := strings.TrimSpace(e.sent.Get(name))
		if !ours || typed == "" || e.word == "add" && e.arg(0) != "" && e.arg(1) == e.now(place) { // which step is meant was chosen
			continue
		}
		t, problem := typeFor(e.Types, typed)
		if problem != "" {
			e.unknown[place] = problem
			continue
		}
		if err := e.addAt(e.now(place), t, workflow.Beginning{Typed: typed}); err != nil {
			return err
		}
	}
	return nil
}

// typeFor is the type of step that takes what was typed, or that is meant by it; or a
// sentence about why there is none.
func typeFor(types workflow.Types, typed string) (t workflow.StepType, problem string) {
	if takes := takers(types, typed); len(takes) > 0 {
		return takes[0], ""
	}
	fitting, clear := workflow.Fitting(types, typed)
	switch {
	case clear:
		return fitting[0], ""
	case len(fitting) > 0:
		return t, "That can be several things. Choose below what you mean."
	}
	return t, views.NothingFits
}

// StepsFor are the kinds of steps that fit what is being typed into an entry for new steps.
func (s *Site) StepsFor(c *gin.Context) (templ.Component, error) {
	d, err := s.draft(c)
	if err != nil {
		return nil, err
	}
	for name, typed := range c.Request.URL.Query() {
		place, ours := strings.CutPrefix(name, "add:")
		if at, ok := edit.ReadPlace(place); ours && ok {
			return views.ComposerChoices(*composer(s.Types, d, at, typed[0])), nil
		}
	}
	return nil, models.ErrNotFound
}

// adds puts a step of a type into a place. Without a type, what was typed is added by now.
func (e *editing) adds() error {
	if len(e.args) == 0 || e.arg(0) == "" {
		if e.to == e.here("") {
			e.said = "Paste an address, or say what the step is to do; then add it."
		}
		return nil
	}
	t, known := e.Types[e.arg(0)]
	if !known {
		return &models.InvalidError{Code: "unknown_type", Message: "Choose what the step does."}
	}
	_, drawn := e.command()
	return e.addAt(e.arg(1), t, workflow.Beginning{Typed: strings.TrimSpace(e.sent.Get("add:" + strings.Join(drawn[1:], "")))})
}

// addAt adds a step with its best guesses and opens it.
func (e *editing) addAt(place string, t workflow.StepType, b workflow.Beginning) error {
	at, ok := edit.ReadPlace(place)
	if !ok {
		return &models.InvalidError{Code: "invalid_place", Message: "Choose where the step should go."}
	}
	d := &e.d.definition
	id := workflow.NewStepID(*d, t.Title)
	if err := edit.Insert(d, at, workflow.Step{ID: id, Type: t.Name}, e.Types); err != nil {
		return err
	}
	ctx := e.c.Request.Context()
	known, err := e.knowledge(ctx, e.d)
	if err != nil {
		return err
	}
	if err := e.nameAfter(b.Typed); err != nil {
		return err
	}
	b.Workflow, b.Above, b.Around = d.Name, known.Above(id), decidedAround(*d, id)
	if user := auth.User(ctx); user != nil {
		b.By = user.Email
	}
	step, _, _ := workflow.FindStep(d, id)
	config, name := t.Begins(b)
	name = titledAlone(*d, name)
	step.Config, step.Name = config, name
	if name != "" {
		id = freeID(*d, step, name)
		step.ID = id
	}
	var guessed []string
	for _, field := range slices.Sorted(maps.Keys(config)) {
		if config[field] != any(b.Typed) {
			guessed = append(guessed, field)
		}
	}
	e.added = id
	to := e.d.stepURL(id)
	if len(guessed) > 0 {
		to += "?suggested=" + url.QueryEscape(strings.Join(guessed, ","))
	}
	e.goes(to+"#"+firstEntry(t, id, config), "")
	return nil
}

// suggestedName is the name that a step would begin with of what is its settings now, such as
// its address; "" for none.
func suggestedName(t workflow.StepType, config map[string]any) string {
	typed := suggesting(t, config)
	if typed == "" {
		return ""
	}
	_, name := t.Begins(workflow.Beginning{Typed: typed})
	return name
}

// suggesting is that of its settings; "" for none.
func suggesting(t workflow.StepType, config map[string]any) string {
	for _, field := range t.Fields {
		text, isText := config[field.Name].(string)
		if begun, name := t.Begins(workflow.Beginning{Typed: text}); isText && name != "" && begun[field.Name] == config[field.Name] {
			return text
		}
	}
	return ""
}

// isNumbered reports whether a name is another, or made of it by titledAlone.
func isNumbered(name, alone string) bool {
	number, longer := strings.CutPrefix(name, alone+" (")
	_, err := strconv.Atoi(strings.TrimSuffix(number, ")"))
	return name == alone || longer && err == nil
}

// titledAlone is a name that no other step has: a number tells two of one address apart.
func titledAlone(d workflow.Definition, name string) string {
	taken := map[string]bool{"": false}
	workflow.Walk(d.Steps, func(_ string, step *workflow.Step, _ []*workflow.Step) bool {
		taken[step.Name] = step.Name != ""
		return true
	})
	alone := name
	for n := 2; taken[alone]; n++ {
		alone = name + " (" + strconv.Itoa(n) + ")"
	}
	return alone
}

// firstEntry is the id of what a person who has added a step fills in first: browsers go to
// what an address names, and give it the focus. It is what must be filled in and is not chosen yet.
func firstEntry(t workflow.StepType, id string, config map[string]any) string {
	shown := slices.DeleteFunc(slices.Clone(t.Fields), func(field workflow.Field) bool { return field.Advanced || field.Fold+field.ShowIf != "" })
	if len(shown) == 0 {
		return "step-" + id
	}
	chosen := func(field workflow.Field) bool {
		text, _ := config[field.Name].(string)
		_, one := workflow.TheReference(text)
		return one || text == "" && field.Wants != ""
	}
	first := max(0, slices.IndexFunc(shown, func(field workflow.Field) bool { return field.Required && !chosen(field) }))
	for i, field := range shown { // of what is compared is known, and how is not
		if begun := workflow.ConditionsOf(config[field.Name]); len(begun) > 0 && !begun[0].Grouped() && (i == first || chosen(shown[first])) {
			return fieldID("config."+field.Name) + "-0-operator"
		}
	}
	if chosen(shown[first]) { // a button says what is
		return fieldID("config."+shown[first].Name) + "-choose"
	}
	return fieldID("config." + shown[first].Name)
}

// nameAfter names a workflow that nobody has named yet after the first address that it has.
func (e *editing) nameAfter(typed string) error {
	names := namesAfter(typed)
	if e.d.definition.Name != workflow.Unnamed || len(names) == 0 {
		return nil
	}
	taken, err := models.WorkflowsNamed(e.c.Request.Context(), e.DB, names)
	if err != nil {
		return err
	}
	free := slices.IndexFunc(names, func(name string) bool {
		return !slices.ContainsFunc(taken, func(w models.Workflow) bool { return w.Name == name && w.ID != e.d.workflow.ID })
	})
	e.d.definition.Name = names[max(free, 0)]
	return nil
}

// namesAfter are the names that an address gives a workflow, the best first: its host, and where
// another is called so the path too, or a number.
func namesAfter(typed string) []string {
	address, err := url.Parse(entry.Completed(typed))
	if err != nil || address.Host == "" {
		return nil
	}
	path := ""
	if !strings.Contains(address.Path, "{{") {
		path = strings.TrimSuffix(address.Path, "/")
	}
	longer := document.Shorten(address.Host+path, longestName)
	names := []string{address.Host, longer}
	for n := 2; n <= mostNamesakes; n++ {
		names = append(names, longer+" ("+strconv.Itoa(n)+")")
	}
	// One word alone could be a person's own, and people outside would read it.
	return slices.DeleteFunc(names, func(name string) bool { return !workflow.NamesMachine(name) })
}

// renames has the name of a workflow that was never published, and that nobody has typed, follow
// the address that it was made of, once the open step has another.
func (e *editing) renames(was map[string]any) error {
	t, d := e.Types[e.form.step.Type], &e.d.definition
	before, now := suggesting(t, was), suggesting(t, e.form.step.Config)
	if e.d.workflow.Version != nil || before == "" || now == "" || before == now || !slices.Contains(namesAfter(before), d.Name) {
		return nil
	}
	named := d.Name
	d.Name = workflow.Unnamed
	if err := e.nameAfter(now); err != nil || d.Name == workflow.Unnamed {
		d.Name = named
		return err
	}
	return nil
}

// longestName bounds a name that is made of an address, and mostNamesakes the workflows that
// a number tells apart.
const longestName, mostNamesakes = 60, 50

// decidedAround is what is compared where a step stands in a branch.
func decidedAround(d workflow.Definition, id string) (around *workflow.Condition) {
	workflow.Walk(d.Steps, func(_ string, step *workflow.Step, holders []*workflow.Step) bool {
		if step.ID != id {
			return true
		}
		for _, holder := range holders {
			if list := workflow.ConditionsOf(holder.Config["conditions"]); len(list) > 0 && !list[0].Grouped() {
				around = &list[0]
			}
		}
		return false
	})
	return around
}

// What the usual schedules are in a cron line.
const workingDays, hourly = "0 9 * * 1-5", "0 * * * *"

// starts are the usual ways to start, but for the schedules that are there, and the way to
// all others.
func starts(d workflow.Definition) []views.EditorStart {
	var offered []views.EditorStart
	for _, usual := range []struct{ cron, command, label string }{
		{workingDays, "start:working_days", "Every working day at 09:00"}, {hourly, "start:hourly", "Every hour"},
	} {
		if !slices.ContainsFunc(d.Triggers, func(t workflow.Trigger) bool { return t.Cron == usual.cron }) {
			offered = append(offered, views.EditorStart{Command: usual.command, Label: usual.label, Icon: "calendar-clock"})
		}
	}
	return append(
		offered,
		views.EditorStart{Command: "start:webhook", Label: "A webhook", Icon: "webhook"},
		views.EditorStart{Command: "start:form", Label: "A form", Icon: "list-checks"},
		views.EditorStart{Command: "go:/edit/new-trigger", Label: "Another time…"},
	)
}

// start adds one of them, by the clocks of the person.
func (e *editing) start(what string) error {
	zone := cmp.Or(frame.ViewerZone(e.c), "UTC")
	t := workflow.Trigger{Type: "schedule", TimeZone: zone}
	id := "schedule"
	switch what {
	case "working_days":
		t.Cron = workingDays
	case "hourly":
		t.Cron = hourly
	case "webhook", "form":
		t, id = workflow.Trigger{Type: what}, what
	default:
		return &models.InvalidError{Code: "unknown_start", Message: "Choose how it starts."}
	}
	t.ID = workflow.NewStepID(e.d.definition, id)
	e.d.definition.Triggers = append(e.d.definition.Triggers, t)
	to := e.here("")
	if len(e.d.definition.Steps) > 0 { // else the entry for the first step has the focus
		page, _, _ := strings.Cut(to, "#")
		to = page + "#trigger-" + t.ID
	}
	e.goes(to, "It is added to the draft: "+changes.StartWords(t)+". "+notYet(e.d))
	return nil
}
