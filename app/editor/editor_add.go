package editor

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"workflows/app/auth"
	"workflows/app/frame"
	"workflows/models"
	"workflows/views"
	"workflows/worker/changes"
	"workflows/worker/document"
	"workflows/worker/workflow"
	"workflows/worker/workflow/edit"
)

// addTyped makes a step of what was typed into the entries for new steps. A word that is
// not understood stays where it is.
func (e *editing) addTyped() error {
	for _, name := range slices.Sorted(maps.Keys(e.sent)) {
		place, ours := strings.CutPrefix(name, "add:")
		typed := strings.TrimSpace(e.sent.Get(name))
		if !ours || typed == "" {
			continue
		}
		t, problem := typeFor(e.Types, typed)
		if problem != "" {
			e.unknown[place] = problem
			continue
		}
		if err := e.addAt(place, t, workflow.Beginning{Typed: typed}); err != nil {
			return err
		}
	}
	return nil
}

// typeFor is the type of step that takes what was typed, or that is called so; or a
// sentence about why there is none.
func typeFor(types workflow.Types, typed string) (t workflow.StepType, problem string) {
	for _, t := range types.List() {
		if t.Takes != nil && t.Takes(typed) {
			return t, ""
		}
	}
	word := strings.ToLower(typed)
	for _, called := range []func(t workflow.StepType) bool{
		func(t workflow.StepType) bool {
			return word == strings.ToLower(t.Chip) || word == strings.ToLower(t.Title)
		},
		func(t workflow.StepType) bool { return strings.Contains(strings.ToLower(t.Title), word) },
		func(t workflow.StepType) bool { return strings.Contains(strings.ToLower(t.Summary), word) },
	} {
		var found []workflow.StepType
		for _, t := range types.List() {
			if called(t) {
				found = append(found, t)
			}
		}
		switch {
		case len(found) == 1:
			return found[0], ""
		case len(found) > 1:
			titles := make([]string, len(found))
			for i, t := range found {
				titles[i] = "“" + t.Title + "”"
			}
			return t, "That can be " + strings.Join(titles, " or ") + ". Type one of these."
		}
	}
	return t, "No step is called that. Paste an address that begins with https://, type an e-mail address, or choose below."
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
	return e.addAt(e.arg(1), t, workflow.Beginning{})
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
	e.goes(to+"#step-"+id, "")
	return nil
}

// nameAfter names a workflow that nobody has named yet after the first address that it has:
// by its host, and where another is called so by the path too, or a number.
func (e *editing) nameAfter(typed string) error {
	address, err := url.Parse(typed)
	if err != nil || e.d.definition.Name != workflow.Unnamed || address.Host == "" {
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
	names = slices.DeleteFunc(names, func(name string) bool { return !workflow.NamesMachine(name) })
	if len(names) == 0 {
		return nil
	}
	taken, err := models.WorkflowsNamed(e.c.Request.Context(), e.DB, names)
	if err != nil {
		return err
	}
	free := slices.IndexFunc(names, func(name string) bool {
		return !slices.ContainsFunc(taken, func(w models.Workflow) bool { return w.Name == name })
	})
	e.d.definition.Name = names[max(free, 0)]
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
	e.goes(e.here(""), "It is added to the draft: "+changes.StartWords(t)+". "+notYet(e.d))
	return nil
}
