package editor

import (
	"cmp"
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/models"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/changes"
	"workflows/worker/schedule"
	"workflows/worker/workflow"
	"workflows/worker/workflow/edit"
)

// editorView is what a page of the editor shows beside the draft.
type editorView struct {
	form *stepForm // of the step that is open; nil where none is
	// typed is what stands in the entries for new steps, by their place, and unknown what
	// is to be said about it.
	typed, unknown  map[string]string
	name, nameError string // of the workflow, as it was typed
	unsaved         bool
	revision        string
	said            string // about what was done, in the place of the draft's state
}

// EditorShow is the editor: the draft with everything that can be changed, and what keeps
// it from being published. The step in the address is open, in its place.
func (s *Site) EditorShow(c *gin.Context) (templ.Component, error) {
	d, err := s.draft(c)
	if err != nil {
		return nil, err
	}
	said := ""
	if c.Query("sent") != "" { // whoever comes from a delivery wants what it holds
		said = "Open a step, or add one: “Insert data” in its form has what was sent."
	}
	return s.show(c, d, cmp.Or(c.Param("step"), c.Query("open")), said)
}

// show draws the page with a step open, "" for none; said stands where the draft's state does.
func (s *Site) show(c *gin.Context, d draft, open, said string) (templ.Component, error) {
	problems, err := s.Catalog.Check(c.Request.Context(), d.workflow.ID, d.definition)
	if err != nil {
		return nil, err
	}
	view := editorView{said: said}
	step, path, found := workflow.FindStep(&d.definition, open)
	if !found && c.Param("step") != "" {
		return nil, models.ErrNotFound
	}
	if found {
		view.form = newStepForm(*step, s.Types[step.Type])
		own := mine(problems, path+".")
		if c.Query("check") == "" { // nothing is missing yet in a form that was just opened
			own = wrong(own)
		}
		view.form.take(own)
	}
	return s.editor(c, d, problems, view)
}

// editor draws the page.
func (s *Site) editor(c *gin.Context, d draft, problems []workflow.Problem, view editorView) (templ.Component, error) {
	ctx := c.Request.Context()
	page := views.EditorPage{
		Layout: s.Page(c, "Edit "+d.workflow.Name, "workflows"), ID: d.workflow.ID, Description: d.definition.Description,
		Name: cmp.Or(view.name, d.definition.Name), NameStored: d.definition.Name, NameError: view.nameError, Unsaved: view.unsaved,
		Status: d.workflow.Status, Revision: cmp.Or(view.revision, d.revision()),
		Triggers: triggerRows(d.definition, d.triggerURL), Starts: starts(d.definition),
		Inputs:     inputRows(d.definition.Inputs),
		Rules:      s.rulesInLine(d.definition),
		Publishing: c.Query("check") != "",
	}
	lacking := ""
	if !page.Publishing {
		lacking = unfilled(d.definition, problems, view.form)
	}
	page.Problems = s.problemLinks(d, problems, lacking)
	if len(d.definition.Steps) == 0 && len(problems) == 1 && !page.Publishing {
		page.Problems = nil // whoever has just begun knows that there is no step yet
	}
	for i, trigger := range d.definition.Triggers {
		if trigger.Type == "webhook" {
			page.Triggers[i].CallsURL = d.url("/webhooks/", trigger.ID)
		}
	}
	page.Layout.Crumbs = []ui.Link{{Label: "Workflows", URL: "/workflows"}, {Label: d.workflow.Name, URL: d.url()}}
	var err error
	if page.Notify, err = s.toldCard(c.Request.Context(), d.definition); err != nil {
		return nil, err
	}
	if err := s.draftHead(ctx, d, &page); err != nil {
		return nil, err
	}
	page.State = cmp.Or(view.said, page.State)
	types, err := s.typesNaming(ctx, d.definition)
	if err != nil {
		return nil, err
	}
	e := editorLines{d: d, types: types, view: view, problems: stepProblems(d.definition, problems), unfilled: lacking, off: workflow.StepsOff(d.definition.Steps), titles: workflow.TitlesOf(d.definition.Steps, types).WithInputs(d.definition.Inputs), at: c.Query("at"), more: c.Query("more")}
	page.Steps = e.list(d.definition.Steps, edit.Place{}, "", 1, 0)
	if view.form != nil {
		open, err := s.stepFormPage(c, d, view.form)
		if err != nil {
			return nil, err
		}
		page.Open = &open
	}
	for i, trigger := range d.definition.Triggers {
		page.Triggers[i].Problems = len(mine(problems, "triggers["+strconv.Itoa(i)+"]"))
		page.Triggers[i].ID = trigger.ID
	}
	return views.Editor(page), nil
}

// draftHead is what stands above the draft about its state and its changes.
func (s *Site) draftHead(ctx context.Context, d draft, page *views.EditorPage) (err error) {
	if page.Published, err = s.published(ctx, d); err != nil {
		return err
	}
	page.State = draftState(d, page.Published)
	if !page.Published && d.workflow.Version != nil {
		page.DiscardURL = d.url("/versions/", strconv.Itoa(*d.workflow.Version), "/restore")
		page.DiscardLabel = discardLabel(*d.workflow.Version)
	}
	page.Undo, page.Redo, err = s.ways(ctx, d)
	return err
}

func draftState(d draft, published bool) string {
	switch {
	case d.workflow.Version == nil:
		return "This is a draft. It does not run until it is published."
	case published:
		return "The draft is the same as version " + strconv.Itoa(*d.workflow.Version) + ", which runs now."
	}
	return "What is saved in the draft does not run yet: version " + strconv.Itoa(*d.workflow.Version) + " runs until you publish."
}

// triggerRows says in sentences when a workflow starts by itself; url leads to
// each one's form and may be nil.
func triggerRows(d workflow.Definition, url func(t workflow.Trigger) string) []views.TriggerRow {
	rows := make([]views.TriggerRow, len(d.Triggers))
	for i, trigger := range d.Triggers {
		rows[i] = views.TriggerRow{ID: trigger.ID, Sentence: changes.StartWords(trigger), Note: triggerNote(trigger), Zone: time.UTC, Icon: triggerIcon(trigger)}
		if rule, problems := schedule.Parse(trigger); len(problems) == 0 {
			rows[i].Zone = rule.Zone()
		}
		if url != nil {
			rows[i].URL = url(trigger)
		}
	}
	return rows
}

func triggerIcon(trigger workflow.Trigger) string {
	switch trigger.Type {
	case "webhook":
		return "webhook"
	case "form":
		return "list-checks"
	}
	return "calendar-clock"
}

// triggerNote says what is unusual about a trigger's rules.
func triggerNote(trigger workflow.Trigger) string {
	note := ""
	switch trigger.Missed {
	case schedule.MissedSkip:
		note = "Missed times are left out."
	case schedule.MissedAll:
		note = "All missed times are caught up."
	}
	if trigger.MissedMaxAge != "" {
		note += " Nothing older than " + workflow.LengthWords(trigger.MissedMaxAge) + " is made up for."
	}
	switch trigger.Overlap {
	case schedule.OverlapQueue:
		note += " A new run waits for the one before."
	case schedule.OverlapAllow:
		note += " Runs may overlap."
	case schedule.OverlapReplace:
		note += " A new run ends the one before."
	}
	if trigger.Disabled {
		note += " It is switched off."
	}
	return strings.TrimSpace(note)
}

func inputRows(inputs []workflow.Input) []views.InputRow {
	rows := make([]views.InputRow, len(inputs))
	for i, input := range inputs {
		rows[i] = views.InputRow{Name: input.Name, Label: input.Label, Type: input.Type, Help: input.Help, Required: input.Required, Default: rowTextOrNone(input.Default)}
		if input.Label == "" {
			rows[i].Label = input.Name
		}
		for _, option := range workflow.InputTypes() {
			if option.Value == input.Type {
				rows[i].Type = option.Label
			}
		}
		if input.Hidden {
			rows[i].Type += ", hidden in a public form"
		}
	}
	return rows
}

func rowTextOrNone(value any) string {
	if value == nil {
		return ""
	}
	return workflow.RowText(value)
}

// ruleWords are the rules for a whole run.
func (s *Site) ruleWords(d workflow.Definition) []ui.Pair {
	settings := d.Settings
	longest := cmp.Or(settings.Timeout, "No limit")
	if length, err := workflow.ParseDuration(settings.Timeout); err == nil {
		longest = workflow.DurationWords(length)
	}
	atOnce := "No limit"
	if settings.MaxRunning > 0 {
		atOnce = "At most " + strconv.Itoa(settings.MaxRunning) + "; more " + labelOf(limitOptions(), cmp.Or(settings.OnLimit, "queue"))
	}
	rules := []ui.Pair{
		{Name: "Longest time for a run", Value: longest},
		{Name: "Runs at once", Value: atOnce},
		{Name: "Priority", Value: labelOf(priorityOptions(), cmp.Or(settings.Priority, "normal"))},
	}
	if length, err := workflow.ParseDuration(settings.MaxDuration); err == nil {
		rules = append(rules, ui.Pair{Name: "Alert when a run takes longer than", Value: workflow.DurationWords(length)})
	}
	for _, deadline := range settings.MustSucceedBy {
		rules = append(rules, ui.Pair{Name: "Alert when none has succeeded by", Value: deadline.Words()})
	}
	return append(rules, ui.Pair{Name: "Finished runs are kept", Value: s.keptWords(settings.Keep)})
}

// rulesInLine are the same in one line of the editor.
func (s *Site) rulesInLine(d workflow.Definition) []string {
	settings := d.Settings
	longest := "no time limit"
	if length, err := workflow.ParseDuration(settings.Timeout); err == nil {
		longest = "at most " + workflow.DurationWords(length) + " for a run"
	}
	atOnce := "any number of runs at once"
	if settings.MaxRunning > 0 {
		atOnce = "at most " + strconv.Itoa(settings.MaxRunning) + " at once, more " + labelOf(limitOptions(), cmp.Or(settings.OnLimit, "queue"))
	}
	rules := []string{longest, atOnce, "priority: " + labelOf(priorityOptions(), cmp.Or(settings.Priority, "normal"))}
	if length, err := workflow.ParseDuration(settings.MaxDuration); err == nil {
		rules = append(rules, "an alert when a run takes longer than "+workflow.DurationWords(length))
	}
	for _, deadline := range settings.MustSucceedBy {
		rules = append(rules, "an alert when none has succeeded by "+deadline.Words())
	}
	if settings.Keep != nil {
		rules = append(rules, "finished runs are kept for "+s.keptWords(settings.Keep))
	}
	rules[0] = strings.ToUpper(rules[0][:1]) + rules[0][1:]
	return rules
}
