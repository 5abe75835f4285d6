package editor

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/web"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/filter"
	"workflows/worker/workflow"
)

// WordsShow is the page of the words that change a value; asked for by our script, its
// form alone. What was filled in is in the address and changes nothing.
func (s *Site) WordsShow(c *gin.Context) (templ.Component, error) {
	form := wordsForm(c.Request)
	if web.IsHX(c) {
		return views.WordsFormPart(form), nil
	}
	return views.Words(views.WordsPage{Layout: s.Page(c, "Change a value", "workflows"), Form: form, Groups: form.Groups}), nil
}

func wordsForm(r *http.Request) views.WordsForm {
	query := r.URL.Query()
	form := views.WordsForm{Reference: strings.TrimSpace(query.Get("reference")), Groups: wordGroups()}
	word, chosen := filter.Named(query.Get("word"))
	if !chosen {
		form.ReferenceError = referenceProblem(form.Reference)
		return form
	}
	form.Word = wordRow(word)
	given := query["argument."+word.Name]
	typed, wrong := word.Typed(given)
	form.Arguments = argumentFields(word, given)
	result := ""
	if wrong == nil {
		result, form.ReferenceError = changedBy(form.Reference, typed)
	} else if len(given) > 0 && strings.Join(given, "") != "" {
		form.Arguments[0].Error = wrong.Error()
	}
	if result != "" && query.Has("then") {
		return views.WordsForm{Reference: result, Groups: form.Groups}
	}
	form.Result = result
	return form
}

// changedBy is a reference with one more word; or what is wrong with it, in a sentence.
func changedBy(text string, word filter.Filter) (changed, problem string) {
	if problem := referenceProblem(text); problem != "" || text == "" {
		return "", problem
	}
	references, err := workflow.References(text)
	if err != nil {
		return "", err.Error()
	}
	reference := references[0]
	reference.Changes = append(reference.Changes, word)
	changed = reference.String()
	if _, err := workflow.References(changed); err != nil { // too many words, or too long
		return "", err.Error()
	}
	return changed, ""
}

// referenceProblem wants one reference and nothing else, or nothing yet.
func referenceProblem(text string) string {
	if text == "" {
		return ""
	}
	references, err := workflow.References(text)
	switch {
	case err != nil:
		return err.Error()
	case len(references) != 1 || references[0].Text != text:
		return "Write one value between braces and nothing else."
	}
	return ""
}

func argumentFields(word filter.Word, given []string) []ui.FieldProps {
	fields := make([]ui.FieldProps, len(word.Arguments))
	for i, argument := range word.Arguments {
		// The name holds the word's: what was typed for another one is not taken over.
		f := ui.FieldProps{ID: "words-" + word.Name + "-" + strconv.Itoa(i), Name: "argument." + word.Name, Label: argument.Label, Autocomplete: "off"}
		if i < len(given) {
			f.Value = given[i]
		}
		switch argument.Kind {
		case "zone":
			f.Kind, f.Options = "choice", append([]ui.Option{{Value: "", Label: "UTC"}}, views.TimeZones("")[1:]...)
		case "pattern":
			f.Placeholder, f.Help = "dd.MM.yyyy HH:mm", "iso is 2026-11-28T10:00:00Z."
		case "period":
			f.Placeholder = "1 day 2 hours"
		case "number", "whole":
			f.Kind, f.Width = "number", "medium"
		}
		fields[i] = f
	}
	return fields
}

func wordGroups() []views.WordGroup {
	var groups []views.WordGroup
	for _, label := range filter.Groups() {
		group := views.WordGroup{Label: label}
		for _, word := range filter.Words() {
			if word.Group == label {
				group.Words = append(group.Words, wordRow(word))
			}
		}
		groups = append(groups, group)
	}
	return groups
}

func wordRow(word filter.Word) views.WordRow {
	return views.WordRow{Name: word.Name, Title: word.Title, Sentence: word.Sentence, Example: word.Example, In: word.In, Out: word.Out}
}
