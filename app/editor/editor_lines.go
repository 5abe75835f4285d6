package editor

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"workflows/app/frame"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/templates"
	"workflows/worker/workflow"
	"workflows/worker/workflow/edit"
	"workflows/worker/workflow/trial"
)

// editorLines writes the list of steps with the gaps in which steps can be added.
type editorLines struct {
	d        draft
	types    workflow.Types
	view     editorView
	problems map[string]int
	unfilled string          // the step that only lacks what nobody has come to fill in yet
	off      map[string]bool // passed over
	titles   workflow.Titles
	at, more string // the gap, and the step with what else can be done with it, that were asked for
}

func (e editorLines) list(steps []workflow.Step, at edit.Place, prefix string, first, depth int) []views.EditorStep {
	var lines []views.EditorStep
	for i, step := range steps {
		row := stepRow(step, prefix+strconv.Itoa(first+i), depth, e.types)
		row.Sentence = workflow.InWords(row.Sentence, e.titles)
		row.Problems, row.Off, row.Unfilled = e.problems[step.ID], e.off[step.ID], step.ID == e.unfilled
		after := at
		after.Index = i + 1
		lines = append(lines, views.EditorStep{Row: row, First: i == 0, Last: i == len(steps)-1, SwitchedOff: step.Disabled, More: step.ID == e.more})
		number := 1
		for _, block := range e.blocks(step) {
			nested := *step.Block(block)
			inner := e.list(nested, edit.Place{Step: step.ID, Block: block}, row.Number+".", number, depth+1)
			number += len(nested)
			inner[0].Row.Branch = frame.BranchWords(block)
			if len(nested) > 0 && (e.view.form == nil || e.nearOpen(step.ID, nested)) {
				inner[0].TryBranch = &views.TryBranch{Part: trial.Part{StepID: step.ID, Block: block}.String(), Label: frame.Either(block == "do", "Try it for one item", "Try this branch"), Of: row.Title}
			}
			lines = append(lines, inner...)
		}
		if after.Index < len(steps) && after.String() == e.at {
			lines = append(lines, e.gap(after, depth, true, true))
		}
	}
	at.Index = len(steps)
	return append(lines, e.gap(at, depth, e.opens(at, steps), len(steps) == 0 && at.Step == "" && e.view.form == nil))
}

// gap is where a step can be added: open, or a button that opens it.
func (e editorLines) gap(at edit.Place, depth int, open, focus bool) views.EditorStep {
	line := views.EditorStep{Gap: true, GapLabel: gapLabel(at), Place: at.String(), Row: ui.StepRow{Depth: depth}}
	if open {
		line.Composer = composer(e.types, e.d, at, e.view.typed[line.Place])
		line.Composer.Problem, line.Composer.Focus = e.view.unknown[line.Place], focus || line.Place == e.at
	}
	return line
}

func gapLabel(at edit.Place) string {
	switch {
	case at.Block == "do":
		return "Add a step for each item"
	case at.Step != "":
		return "Add a step to “" + frame.BranchWords(at.Block) + "”"
	}
	return "Add a step"
}

// composer is the entry for a new step in a place, with the kinds of steps that are used most,
// or those that fit what is typed: all of them where none does.
func composer(types workflow.Types, d draft, at edit.Place, typed string) *views.Composer {
	place := at.String()
	c := views.Composer{Place: place, Label: gapLabel(at), URL: d.url("/edit/steps-for"), Text: typed}
	typed = strings.TrimSpace(typed)
	offered := slices.DeleteFunc(types.List(), func(t workflow.StepType) bool { return t.Chip == "" })
	if typed != "" {
		if offered = takers(types, typed); len(offered) == 0 {
			offered, _ = workflow.Fitting(types, typed)
		}
	}
	if typed != "" && len(d.definition.Steps) == 0 {
		if found := len(templates.Search(typed)); found > 0 && found < len(templates.All()) {
			c.TemplatesURL = "/workflows/new?" + url.Values{"q": {typed}}.Encode()
		}
	}
	if c.Nothing = len(offered) == 0; c.Nothing {
		offered = types.List()
	}
	for _, t := range offered {
		c.Chips = append(c.Chips, views.EditorStart{Command: "add:" + t.Name + ":" + place, Label: cmp.Or(t.Chip, t.Title), Icon: t.Icon})
	}
	if !c.Nothing {
		c.Chips = append(c.Chips, views.EditorStart{Command: "go:/edit/new-step?at=" + place, Label: "More…"})
	}
	return &c
}

// takers are the types that take what was typed as it is, such as an address.
func takers(types workflow.Types, typed string) []workflow.StepType {
	return slices.DeleteFunc(types.List(), func(t workflow.StepType) bool { return t.Takes == nil || !t.Takes(typed) })
}

// opens reports whether the gap at the end of a list is open by itself: the last of all,
// those beside and in the step that is open, one that must be filled, and one with a text.
func (e editorLines) opens(end edit.Place, list []workflow.Step) bool {
	if end.Step == "" || end.String() == e.at || e.view.typed[end.String()] != "" {
		return true
	}
	if e.view.form != nil && e.nearOpen(end.Step, list) {
		return true
	}
	holder, _, _ := workflow.FindStep(&e.d.definition, end.Step)
	return len(holder.Then)+len(holder.Else)+len(holder.Do) == 0 && e.blocks(*holder)[0] == end.Block
}

// nearOpen reports whether the step that is open holds the list, or stands in it.
func (e editorLines) nearOpen(holder string, list []workflow.Step) bool {
	open := e.view.form.step.ID
	return holder == open || slices.ContainsFunc(list, func(s workflow.Step) bool { return s.ID == open })
}

// blocks are those of the step's type, and any other that holds steps all the
// same, so that these can be moved out.
func (e editorLines) blocks(step workflow.Step) []string {
	blocks := e.types[step.Type].Blocks
	for _, name := range edit.Blocks() {
		if len(*step.Block(name)) > 0 && !slices.Contains(blocks, name) {
			blocks = append(blocks[:len(blocks):len(blocks)], name)
		}
	}
	return blocks
}

// stepRows writes the steps of a definition as the lines of a list, numbered and
// indented, the branches named.
func stepRows(d workflow.Definition, types workflow.Types) []ui.StepRow {
	rows := rowsOfSteps(d.Steps, "", 1, 0, types, workflow.StepsOff(d.Steps))
	titles := workflow.TitlesOf(d.Steps, types).WithInputs(d.Inputs)
	for i := range rows {
		rows[i].Sentence = workflow.InWords(rows[i].Sentence, titles)
	}
	return rows
}

// rowsOfSteps numbers from first on: the steps of both branches count on.
func rowsOfSteps(steps []workflow.Step, prefix string, first, depth int, types workflow.Types, off map[string]bool) []ui.StepRow {
	var rows []ui.StepRow
	for i, step := range steps {
		row := stepRow(step, prefix+strconv.Itoa(first+i), depth, types)
		row.Off = off[step.ID]
		rows = append(rows, row)
		number := 1
		for _, block := range edit.Blocks() {
			list := *step.Block(block)
			inner := rowsOfSteps(list, row.Number+".", number, depth+1, types, off)
			number += len(list)
			if len(inner) > 0 {
				inner[0].Branch = frame.BranchWords(block)
			}
			rows = append(rows, inner...)
		}
	}
	return rows
}

func stepRow(step workflow.Step, number string, depth int, types workflow.Types) ui.StepRow {
	return ui.StepRow{
		ID: step.ID, Number: number, Depth: depth, Icon: types[step.Type].Icon,
		Title: workflow.StepTitle(step, types), Sentence: workflow.StepSentence(step, types),
	}
}
