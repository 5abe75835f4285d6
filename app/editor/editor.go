package editor

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/schedule"
	"workflows/worker/workflow"
	"workflows/worker/workflow/edit"
)

// EditorShow is the editor: the draft with everything that can be changed, and
// what keeps it from being published.
func (s *Site) EditorShow(c *gin.Context) (templ.Component, error) {
	d, err := s.draft(c)
	if err != nil {
		return nil, err
	}
	problems, err := s.Catalog.Check(c.Request.Context(), d.workflow.ID, d.definition)
	if err != nil {
		return nil, err
	}
	page := views.EditorPage{
		Layout: s.Page(c, "Edit "+d.workflow.Name, "workflows"), ID: d.workflow.ID, Name: d.definition.Name, Description: d.definition.Description,
		Status: d.workflow.Status, Revision: d.revision(),
		Triggers: triggerRows(d.definition, d.triggerURL),
		Inputs:   inputRows(d.definition.Inputs),
		Rules:    ruleWords(d.definition),
		Problems: s.problemLinks(d, problems),
	}
	page.Layout.Crumbs = []ui.Link{{Label: "Workflows", URL: "/workflows"}, {Label: d.workflow.Name, URL: d.url()}}
	page.Layout.Wide = true
	if page.Published, err = s.published(c.Request.Context(), d); err != nil {
		return nil, err
	}
	page.State = draftState(d, page.Published)
	if !page.Published && d.workflow.Version != nil {
		page.DiscardURL = d.url("/versions/", strconv.Itoa(*d.workflow.Version), "/restore")
	}
	if len(d.definition.Steps) > 0 {
		types, err := s.typesNaming(c.Request.Context(), d.definition)
		if err != nil {
			return nil, err
		}
		e := editorLines{d: d, types: types, problems: stepProblems(d.definition, problems), off: workflow.StepsOff(d.definition.Steps), titles: workflow.TitlesOf(d.definition.Steps, types)}
		page.Steps = e.list(d.definition.Steps, edit.Place{}, "", 1, 0)
	}
	for i, trigger := range d.definition.Triggers {
		page.Triggers[i].Problems = len(mine(problems, "triggers["+strconv.Itoa(i)+"]"))
		page.Triggers[i].ID = trigger.ID
	}
	return views.Editor(page), nil
}

func draftState(d draft, published bool) string {
	switch {
	case d.workflow.Version == nil:
		return "This is a draft. It does not run until it is published."
	case published:
		return "The draft is the same as version " + strconv.Itoa(*d.workflow.Version) + ", which runs now."
	}
	return "Every change is saved in the draft. Version " + strconv.Itoa(*d.workflow.Version) + " runs until you publish."
}

// editorLines writes the list of steps with the gaps in which steps can be added.
type editorLines struct {
	d        draft
	types    workflow.Types
	problems map[string]int
	off      map[string]bool // passed over
	titles   workflow.Titles
}

func (e editorLines) list(steps []workflow.Step, at edit.Place, prefix string, first, depth int) []views.EditorStep {
	var lines []views.EditorStep
	for i, step := range steps {
		row := stepRow(step, prefix+strconv.Itoa(first+i), depth, e.types)
		row.URL, row.Sentence = e.d.stepURL(step.ID), workflow.InWords(row.Sentence, e.titles)
		row.Problems, row.Off = e.problems[step.ID], e.off[step.ID]
		after := at
		after.Index = i + 1
		lines = append(lines, views.EditorStep{Row: row, First: i == 0, Last: i == len(steps)-1, Place: after.String(), SwitchedOff: step.Disabled})
		number := 1
		for _, block := range e.blocks(step) {
			nested := *step.Block(block)
			inner := e.list(nested, edit.Place{Step: step.ID, Block: block}, row.Number+".", number, depth+1)
			number += len(nested)
			inner[0].Row.Branch = branchWords(block)
			lines = append(lines, inner...)
		}
	}
	at.Index = len(steps)
	label := "Add a step"
	switch {
	case at.Block == "do":
		label = "Add a step for each item"
	case at.Step != "":
		label = "Add a step to “" + branchWords(at.Block) + "”"
	}
	return append(lines, views.EditorStep{Gap: true, GapLabel: label, GapURL: e.d.url("/edit/new-step?at=", at.String()), Row: ui.StepRow{Depth: depth}})
}

// blocks are those of the step's type, and any other that holds steps all the
// same, so that these can be moved out.
func (e editorLines) blocks(step workflow.Step) []string {
	blocks := e.types[step.Type].Blocks
	for _, name := range edit.Blocks() {
		if len(*step.Block(name)) > 0 && !has(blocks, name) {
			blocks = append(blocks[:len(blocks):len(blocks)], name)
		}
	}
	return blocks
}

func has(list []string, word string) bool {
	for _, item := range list {
		if item == word {
			return true
		}
	}
	return false
}

// triggerRows says in sentences when a workflow starts by itself; url leads to
// each one's form and may be nil.
func triggerRows(d workflow.Definition, url func(t workflow.Trigger) string) []views.TriggerRow {
	rows := make([]views.TriggerRow, len(d.Triggers))
	for i, trigger := range d.Triggers {
		rows[i] = views.TriggerRow{ID: trigger.ID, Sentence: triggerSentence(trigger), Note: triggerNote(trigger), Zone: time.UTC, Icon: triggerIcon(trigger)}
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

func triggerSentence(trigger workflow.Trigger) string {
	if trigger.Type == "webhook" {
		return workflow.WebhookSentence(trigger)
	}
	if trigger.Type == "form" {
		return "When somebody fills in its public form"
	}
	if rule, problems := schedule.Parse(trigger); len(problems) == 0 {
		return rule.Sentence()
	}
	if text := trigger.Cron + trigger.Every + trigger.At; text != "" {
		return "A schedule that cannot be read: " + text
	}
	return "A schedule without times"
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
		note += " Nothing older than " + trigger.MissedMaxAge + " is made up for."
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
func ruleWords(d workflow.Definition) []ui.Pair {
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
	return rules
}
