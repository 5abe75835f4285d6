// Package templates is the workflows to begin with: each a file of the folder library
// that says what it is for, which two or three values it asks for, and what is made of
// them. It is pure: who asks, and who stores what comes of it, is up to the caller.
//
// In the workflow of a template «address» stands for what was entered for the question
// of that name, «zone» for the time zone of whoever makes it. A new template is one
// file, and one case of the test that runs them all (app/routes/template_test.go).
package templates

import (
	"embed"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"workflows/worker/document"
	"workflows/worker/workflow"
)

//go:embed library/*.json
var library embed.FS

// Template is a workflow to begin with instead of a blank page.
type Template struct {
	ID      string `json:"-"`
	Title   string `json:"title"`
	Summary string `json:"summary"`
	// Want is which of Wants it serves, Words are what else people look for it by.
	Want      string     `json:"want"`
	Words     string     `json:"words"`
	Questions []Question `json:"questions"`
	// Workflow is its definition, as the file has it.
	Workflow map[string]any `json:"workflow"`
}

// Wants are what people come with, in the order in which pages show them.
func Wants() []string {
	return []string{"Watch something", "Be told what is new", "Lists and reports", "Remind people", "Ask people", "Connect programs"}
}

// All are the templates by what they are wanted for, and by title.
func All() []Template {
	files, err := library.ReadDir("library")
	if err != nil {
		panic(err) // a part of the program
	}
	all := make([]Template, 0, len(files))
	for _, file := range files {
		all = append(all, load(strings.TrimSuffix(file.Name(), ".json")))
	}
	place := func(t Template) int { return slices.Index(Wants(), t.Want) }
	slices.SortStableFunc(all, func(a, b Template) int {
		if place(a) != place(b) {
			return place(a) - place(b)
		}
		return strings.Compare(a.Title, b.Title)
	})
	return all
}

// Find is the template of an id.
func Find(id string) (Template, bool) {
	all := All()
	i := slices.IndexFunc(all, func(t Template) bool { return t.ID == id })
	if i < 0 {
		return Template{}, false
	}
	return all[i], true
}

// load reads a file that is part of the program: the tests read each.
func load(id string) Template {
	t := Template{ID: id}
	data, err := library.ReadFile("library/" + id + ".json")
	if err == nil {
		err = document.Decode(data, &t)
	}
	if err != nil {
		panic(fmt.Sprintf("template %s: %v", id, err))
	}
	return t
}

// Search is the templates in which the most of the words stand that somebody looks for,
// whatever else they wrote: all of them for none.
func Search(text string) []Template {
	all := All()
	words := slices.DeleteFunc(wordsOf(text), func(word string) bool { return len(word) < 3 }) // to, of, a
	if len(words) == 0 {
		return all
	}
	best := 1
	for _, t := range all {
		best = max(best, t.matches(words))
	}
	return slices.DeleteFunc(all, func(t Template) bool { return t.matches(words) < best })
}

// matches is how many of the words stand in it. One that goes on, as reminders does, is
// the same.
func (t Template) matches(words []string) int {
	own, found := wordsOf(t.Title+" "+t.Summary+" "+t.Want+" "+t.Words), 0
	for _, word := range words {
		if slices.ContainsFunc(own, func(one string) bool {
			return strings.HasPrefix(one, word) || len(one) > 3 && strings.HasPrefix(word, one)
		}) {
			found++
		}
	}
	return found
}

func wordsOf(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return strings.ContainsRune(" ,.:;/–-“”’'?!()\t\n", r) })
}

// Timed reports whether it goes by clocks, so that the time zone matters.
func (t Template) Timed() bool {
	return strings.Contains(string(document.JSON(t.Workflow)), "«zone»")
}

// Fill is the workflow with what was entered, by the names of the questions; zone is
// the time zone of whoever makes it.
func (t Template) Fill(answers map[string]any, zone string) (workflow.Definition, error) {
	plain, marks := map[string]any{"«zone»": zone}, map[string]any{"«zone»": zone}
	for _, question := range t.Questions {
		value := question.written(answers[question.Name])
		plain["«"+question.Name+"»"], marks["«"+question.Name+"»"] = value, value
		if text, isText := value.(string); isText { // what was entered is a value there, never a reference
			marks["«"+question.Name+"»"] = strings.ReplaceAll(text, "{{", `{{ "{{" }}`)
		}
	}
	definition := map[string]any{}
	for part, inner := range t.Workflow {
		if part == "steps" {
			definition[part] = filled(inner, marks)
		} else { // nothing is inserted into it when it runs
			definition[part] = filled(inner, plain)
		}
	}
	return workflow.Load(document.JSON(definition))
}

// Behind is the name of the question whose value stands at a path of the workflow, such
// as steps[0].config.url; "" where none does.
func (t Template) Behind(path string) string {
	var value any = t.Workflow
	for part := range strings.FieldsFuncSeq(path, func(r rune) bool { return strings.ContainsRune(".[]", r) }) {
		switch v := value.(type) {
		case map[string]any:
			value = v[part]
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i >= len(v) {
				return ""
			}
			value = v[i]
		}
	}
	text := string(document.JSON(value))
	for _, question := range t.Questions {
		if strings.Contains(text, "«"+question.Name+"»") {
			return question.Name
		}
	}
	return ""
}

// filled puts values in the place of their marks. A text that is a mark and nothing else
// becomes the value itself: a number stays one.
func filled(value any, marks map[string]any) any {
	switch v := value.(type) {
	case map[string]any:
		made := make(map[string]any, len(v))
		for key, inner := range v {
			made[key] = filled(inner, marks)
		}
		return made
	case []any:
		made := make([]any, len(v))
		for i, inner := range v {
			made[i] = filled(inner, marks)
		}
		return made
	case string:
		if whole, is := marks[v]; is {
			return whole
		}
		pairs := make([]string, 0, 2*len(marks))
		for mark, inner := range marks {
			pairs = append(pairs, mark, document.Text(inner))
		}
		return strings.NewReplacer(pairs...).Replace(v)
	}
	return value
}
