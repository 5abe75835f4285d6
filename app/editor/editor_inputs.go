package editor

import (
	"net/http"
	"net/url"
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
		forms := changeInputs(sentInputs(form), command)
		return s.inputsPage(c, d, forms, func(page *views.InputsPage) { page.Revision = form.Get("revision") }), nil
	}
	forms := dropEmpty(sentInputs(form))
	var inputs []workflow.Input
	for i := range forms {
		inputs = append(inputs, readInput(&forms[i], d.definition))
	}
	d.definition.Inputs = inputs
	inputErrors(forms, wrong(mineWith(s.Catalog.Checker.Check(d.definition), "inputs")))
	for _, input := range forms {
		if len(input.Errors) > 0 {
			return nil, web.Status(http.StatusUnprocessableEntity, s.inputsPage(c, d, forms, nil))
		}
	}
	part := func(d workflow.Definition) any { return d.Inputs }
	if err := s.save(c, d, proposal{form: form, part: part, again: d.url("/edit/inputs")}); err != nil {
		return nil, err
	}
	return nil, web.SeeOther(d.url("/edit"))
}

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

func inputFormOf(input workflow.Input) views.InputForm {
	return views.InputForm{
		Name: input.Name, Type: input.Type, Label: input.Label, Help: input.Help, Required: frame.Either(input.Required, "yes", "no"),
		Default: rowTextOrNone(input.Default), Options: strings.Join(input.Options, "\n"),
	}
}

func sentInputs(form url.Values) []views.InputForm {
	part := func(name string, i int) string {
		if list := form["input."+name]; i < len(list) {
			return strings.TrimSpace(list[i])
		}
		return ""
	}
	var forms []views.InputForm
	for i := range min(len(form["input.name"]), maxRows) {
		forms = append(forms, views.InputForm{
			Name: part("name", i), Type: part("type", i), Label: part("label", i), Help: part("help", i),
			Required: part("required", i), Default: part("default", i), Options: part("options", i),
		})
	}
	return forms
}

func changeInputs(forms []views.InputForm, command string) []views.InputForm {
	words := strings.Fields(command)
	if len(words) == 2 && words[0] == "add" {
		return append(forms, views.InputForm{Type: "text", Required: "no"})
	}
	if len(words) == 3 && words[0] == "remove" {
		if i, err := strconv.Atoi(words[2]); err == nil && i >= 0 && i < len(forms) {
			return append(forms[:i:i], forms[i+1:]...)
		}
	}
	return forms
}

// dropEmpty leaves out the rows in which nothing was typed.
func dropEmpty(forms []views.InputForm) []views.InputForm {
	var kept []views.InputForm
	for _, input := range forms {
		if input.Name+input.Label+input.Help+input.Default+input.Options != "" {
			kept = append(kept, input)
		}
	}
	return kept
}

// readInput reads one row. A missing name is made from the label; a default that
// cannot be read is an error of the row.
func readInput(form *views.InputForm, d workflow.Definition) workflow.Input {
	if form.Name == "" && form.Label != "" {
		form.Name = workflow.NewStepID(workflow.Definition{}, form.Label)
	}
	input := workflow.Input{Name: form.Name, Type: form.Type, Label: form.Label, Help: form.Help, Required: form.Required == "yes"}
	if form.Type == "choice" {
		for option := range strings.SplitSeq(form.Options, "\n") {
			if option = strings.TrimSpace(option); option != "" {
				input.Options = append(input.Options, option)
			}
		}
	}
	for _, before := range d.Inputs { // what was not changed keeps its value as it is
		if before.Name == input.Name && before.Type == input.Type && rowTextOrNone(before.Default) == form.Default {
			input.Default = before.Default
			return input
		}
	}
	if form.Default == "" {
		return input
	}
	value, problem := workflow.ParseFormInput(input, form.Default)
	if problem != nil {
		form.Errors = map[string]string{"default": problem.Message}
		return input
	}
	input.Default = value
	return input
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
		Layout: s.editorLayout(c, d, "What it asks for"), WorkflowID: d.workflow.ID, Revision: d.revision(), Inputs: forms,
	}
	for _, option := range workflow.InputTypes() {
		page.Types = append(page.Types, ui.Option{Value: option.Value, Label: option.Label})
	}
	for i, input := range forms {
		for _, part := range []string{"label", "name", "type", "default", "help", "options"} {
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
