package editor

import (
	"strconv"
	"strings"

	"workflows/app/editor/timing"
	"workflows/views"
	"workflows/worker/workflow"
	"workflows/worker/workflow/edit"
)

// problemLinks leads from each problem of a draft to the field that it is about. What the
// step named lacks is told as what is still to be filled in.
func (s *Site) problemLinks(d draft, problems []workflow.Problem, unfilled string) []views.ProblemLink {
	links := make([]views.ProblemLink, len(problems))
	for i, problem := range problems {
		where, url := s.locate(d, problem.Path)
		links[i] = views.ProblemLink{Where: where, Message: problem.Message, URL: url}
		if step, _ := innermost(d.definition, problem.Path); step != nil {
			links[i].Unfilled = step.ID == unfilled
		}
	}
	return links
}

// locate says where a path of the definition is, in words and as an address.
func (s *Site) locate(d draft, path string) (where, url string) {
	root, rest, _ := strings.Cut(path, "[")
	switch root {
	case "steps":
		return s.locateStep(d, path)
	case "triggers":
		i, field := indexAndRest(rest)
		if i < len(d.definition.Triggers) {
			t := d.definition.Triggers[i]
			control := timing.Control(t, field)
			if t.Type == "webhook" {
				control = fieldID("config." + strings.TrimPrefix(field, "filter."))
			}
			if t.Type == "form" {
				return "When it starts", d.url("/edit/forms/", t.ID) + "?check=1#" + fieldID("config."+field)
			}
			return "When it starts", d.triggerURL(t) + "?check=1#" + control
		}
	case "inputs":
		i, field := indexAndRest(rest)
		part, _, _ := strings.Cut(field, "[")
		return "Questions", d.url("/edit/inputs?check=1#inputs-", strconv.Itoa(i), "-", part)
	}
	if field, ours := strings.CutPrefix(path, "settings.notify"); ours {
		at := formOf(d.definition.Settings.Notify).at
		for entry := range notifyProblems([]workflow.Problem{{Path: "settings.notify" + field}}, at) {
			return "If it fails", d.url("/edit/notify?check=1#", fieldID(entry))
		}
	}
	return "Name and rules", d.url("/edit/details?check=1#", fieldID(path))
}

func (s *Site) locateStep(d draft, path string) (where, url string) {
	step, at := innermost(d.definition, path)
	if step == nil {
		return "Steps", d.url("/edit")
	}
	where = "Step “" + workflow.StepTitle(*step, s.Types) + "”"
	field := strings.TrimPrefix(strings.TrimPrefix(path, at), ".")
	if step.Block(field) != nil { // a step is missing in there
		return where, d.url("/edit/new-step?at=", edit.Place{Step: step.ID, Block: field}.String())
	}
	return where, d.stepURL(step.ID) + "?check=1#" + s.stepControl(*step, field)
}

// stepControl is the id of the control in a step's form for a path in the step.
func (s *Site) stepControl(step workflow.Step, path string) string {
	name, isConfig := strings.CutPrefix(path, "config.")
	if !isConfig {
		return fieldID(path)
	}
	first, _, _ := strings.Cut(name, ".")
	first, _, _ = strings.Cut(first, "[")
	field, _ := s.Types[step.Type].Field(first)
	if rows := field.InRows(step.Config, s.Types[step.Type].Fields); rows != nil && rows.Named {
		return rowsID("config."+first, field)
	}
	return fieldID(path)
}

// innermost finds the step that a path leads into, and the step's own path.
func innermost(d workflow.Definition, path string) (*workflow.Step, string) {
	var found *workflow.Step
	var at string
	workflow.Walk(d.Steps, func(stepPath string, step *workflow.Step, _ []*workflow.Step) bool {
		if path == stepPath || strings.HasPrefix(path, stepPath+".") {
			found, at = step, stepPath
		}
		return true
	})
	return found, at
}

// stepProblems counts the problems of each step by its id.
func stepProblems(d workflow.Definition, problems []workflow.Problem) map[string]int {
	counts := map[string]int{}
	for _, problem := range problems {
		if step, _ := innermost(d, problem.Path); step != nil {
			counts[step.ID]++
		}
	}
	return counts
}

// unfilled is the step that is open, if it only lacks what nobody has come to fill in yet, and
// its form does not say so by now; else "".
func unfilled(d workflow.Definition, problems []workflow.Problem, form *stepForm) string {
	if form == nil || len(form.problems) > 0 {
		return ""
	}
	lacks := ""
	for _, problem := range problems {
		if step, _ := innermost(d, problem.Path); step != nil && step.ID == form.step.ID {
			if !problem.Incomplete {
				return ""
			}
			lacks = step.ID
		}
	}
	return lacks
}

// indexAndRest reads "2].options[0]" as 2 and "options[0]".
func indexAndRest(text string) (int, string) {
	index, rest, _ := strings.Cut(text, "]")
	i, err := strconv.Atoi(index)
	if err != nil {
		i = 0
	}
	return i, strings.TrimPrefix(rest, ".")
}
