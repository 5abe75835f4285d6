package editor

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/frame"
	"workflows/app/web"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/workflow"
)

// InputsShow is the form of what a run asks for.
func (s *Site) InputsShow(c *gin.Context) (templ.Component, error) {
	d, err := s.draft(c)
	if err != nil {
		return nil, err
	}
	forms := make([]views.InputForm, len(d.definition.Inputs))
	for i, input := range d.definition.Inputs {
		forms[i] = inputFormOf(input)
	}
	if len(forms) == 0 {
		forms = append(forms, newInput(c)) // one begins with the first question
	}
	inputErrors(forms, s.Catalog.Checker.Check(d.definition))
	return s.inputsPage(c, d, forms, nil), nil
}

// InputsSave puts the form into the draft, or adds or removes a row.
func (s *Site) InputsSave(c *gin.Context) (templ.Component, error) {
	d, form, err := s.draftAndForm(c)
	if err != nil {
		return nil, err
	}
	if command := form.Get("row"); command != "" {
		forms := changeInputs(sentInputs(form, newInput(c)), command, newInput(c))
		return s.inputsPage(c, d, forms, func(page *views.InputsPage) { page.Revision = form.Get("revision") }), nil
	}
	if autosaving(form) {
		return s.autosavesInputs(c, d, form)
	}
	forms := dropEmpty(sentInputs(form, newInput(c)))
	d.definition.Inputs = readInputs(forms, d.definition)
	inputErrors(forms, wrong(mineWith(s.Catalog.Checker.Check(d.definition), "inputs")))
	if list := form.Get("inputs.list"); slices.ContainsFunc(forms, hasErrors) {
		if rows := forms[:max(0, len(forms)-len(labelsIn(list)))]; slices.ContainsFunc(rows, hasErrors) {
			forms = rows // the list stays one until they are right
		} else {
			list = ""
		}
		return nil, web.Status(http.StatusUnprocessableEntity, s.inputsPage(c, d, forms, func(page *views.InputsPage) { page.List = list }))
	}
	if err := s.save(c, d, proposal{form: form, again: d.url("/edit/inputs")}); err != nil {
		return nil, err
	}
	return nil, web.Done(d.url("/edit"), "The questions are saved in the draft. "+notYet(d))
}

// autosavesInputs saves by itself what is typed into the questions. One that is new is kept
// from its first words on, and is called by them until it is done. One that is renamed waits:
// steps call it by a name that has to be finished.
func (s *Site) autosavesInputs(c *gin.Context, d draft, form url.Values) (templ.Component, error) {
	forms := dropEmpty(sentInputs(form, newInput(c)))
	var kept []views.InputForm
	renamed, unlabelled := false, false
	for _, input := range forms {
		switch {
		case input.Was != "" && input.Name != input.Was, slices.ContainsFunc(kept, func(other views.InputForm) bool { return input.Name != "" && other.Name == input.Name }):
			renamed = true
		case input.Name+input.Label == "":
			unlabelled = true
		default:
			kept = append(kept, input)
		}
	}
	if (renamed || unlabelled) && undoing(form) {
		return nil, web.Status(http.StatusUnprocessableEntity, s.inputsPage(c, d, forms, func(page *views.InputsPage) {
			page.Errors = []ui.FieldMessage{{Message: "Nothing is undone yet: a question has no label, or a new name, and is not saved. Press Done once it is finished, or remove it."}}
		}))
	}
	if renamed {
		return s.autosavesForm(c, d, form, map[string]string{"name": "the new name of a question. Press Done once it is finished."})
	}
	d.definition.Inputs = readInputs(kept, d.definition)
	for _, input := range kept {
		switch {
		case len(input.Errors) == 0:
		case savesTyped(form, input.Errors):
			return s.autosavesForm(c, d, form, input.Errors)
		default:
			return nil, web.Status(http.StatusUnprocessableEntity, s.inputsPage(c, d, kept, nil))
		}
	}
	if !unlabelled {
		return s.autosavesForm(c, d, form, nil)
	}
	if _, err := s.savedTyped(c, d, form); err != nil {
		return nil, err
	}
	return views.AutosavedForm(form.Get("revision"), notSaved+"the new question, which has no label yet.", nil), nil
}

// InputsPreview is the fragment that shows the form as people will see it.
func (s *Site) InputsPreview(c *gin.Context) (templ.Component, error) {
	d, form, err := s.draftAndForm(c)
	if err != nil {
		return nil, err
	}
	return views.InputsPreview(previewOf(d, sentInputs(form, newInput(c)))), nil
}

// previewOf is what people see of the questions. It changes nothing.
func previewOf(d draft, forms []views.InputForm) views.FormPreview {
	preview := views.FormPreview{Title: d.definition.Name, Description: d.definition.Description}
	for i, input := range readInputs(dropEmpty(forms), d.definition) {
		if input.Hidden {
			preview.Hidden = append(preview.Hidden, views.HiddenQuestion{Name: input.Name, Required: input.Required})
			continue
		}
		field := frame.InputField(input, nil, nil)
		field.ID, field.Disabled = "preview-"+strconv.Itoa(i), true
		preview.Fields = append(preview.Fields, field)
	}
	return preview
}

func hasErrors(input views.InputForm) bool { return len(input.Errors) > 0 }

// mineWith keeps the problems whose path begins with a word, whole paths.
func mineWith(problems []workflow.Problem, word string) []workflow.Problem {
	var found []workflow.Problem
	for _, problem := range problems {
		if strings.HasPrefix(problem.Path, word) {
			found = append(found, problem)
		}
	}
	return found
}

// inputErrors puts each problem beside its field.
func inputErrors(forms []views.InputForm, problems []workflow.Problem) {
	for _, problem := range problems {
		rest, ours := strings.CutPrefix(problem.Path, "inputs[")
		if !ours {
			continue
		}
		i, part := indexAndRest(rest)
		part, _, _ = strings.Cut(part, "[")
		if entry := (map[string]string{"display": "type", "must_be_true": "required"})[part]; entry != "" {
			part = entry
		}
		if i >= len(forms) {
			continue
		}
		if forms[i].Errors == nil {
			forms[i].Errors = map[string]string{}
		}
		if forms[i].Errors[part] == "" {
			forms[i].Errors[part] = problem.Message
		}
	}
}

func (s *Site) inputsPage(c *gin.Context, d draft, forms []views.InputForm, change func(*views.InputsPage)) templ.Component {
	page := views.InputsPage{
		Layout: s.editorLayout(c, d, "Questions"), WorkflowID: d.workflow.ID, Revision: d.revision(), Inputs: forms, New: newInput(c),
		Types: inputKinds(), Preview: previewOf(d, forms), Unsaved: sentBack(c),
	}
	for _, trigger := range d.definition.Triggers {
		if trigger.Type == "form" {
			page.FormURLs = append(page.FormURLs, d.triggerURL(trigger))
		}
	}
	for i, input := range forms {
		for _, part := range []string{"label", "type", "required", "options", "help", "default", "time_zone", "name", "hidden"} {
			if message := input.Errors[part]; message != "" {
				page.Errors = append(page.Errors, ui.FieldMessage{FieldID: "inputs-" + strconv.Itoa(i) + "-" + part, Message: message})
			}
		}
	}
	if change != nil {
		change(&page)
	}
	return views.Inputs(page)
}
