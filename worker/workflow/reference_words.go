package workflow

import (
	"strconv"
	"strings"

	"workflows/worker/document"
)

// Titles are what people call steps, what these give, and inputs.
type Titles struct {
	steps   map[string]string    // by id
	outputs map[[2]string]string // by the step's id and the output's name, where that is called otherwise
	inputs  map[string]string    // by name
}

// TitlesOf are the titles of steps, nested ones too.
func TitlesOf(steps []Step, types Types) Titles {
	titles := Titles{steps: map[string]string{}, outputs: map[[2]string]string{}}
	Walk(steps, func(_ string, step *Step, _ []*Step) bool {
		titles.steps[step.ID] = StepTitle(*step, types)
		for _, output := range types[step.Type].Gives(step.Config) {
			if output.Title != "" {
				titles.outputs[[2]string{step.ID, output.Name}] = output.Title
			}
		}
		return true
	})
	return titles
}

// WithInputs has inputs called by their labels.
func (t Titles) WithInputs(inputs []Input) Titles {
	t.inputs = map[string]string{}
	for _, input := range inputs {
		t.inputs[input.Name] = input.title()
	}
	return t
}

// InWords is a text with its references as people read them, in brackets: “{{
// steps.shop.body.status }}” is “[status of Ask the shop]”. What was cut off within a
// reference is left out.
func InWords(text string, titles Titles) string {
	return Replaced(text, func(r Reference) string { return "[" + titles.Words(r) + "]" })
}

// Replaced is a text with something in the place of its references.
func Replaced(text string, by func(Reference) string) string {
	if !hasReference(text) {
		return text
	}
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(text, "{{")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		length := insideOf(rest)
		if length < 0 { // the text was shortened here
			out.WriteString("…")
			return out.String()
		}
		switch r, err := parseReference(rest[:length]); {
		case err != nil:
			out.WriteString("{{" + rest[:length] + "}}")
		case r.Root == "" && len(r.Changes) == 0:
			out.WriteString(r.Quoted)
		default:
			out.WriteString(by(r))
		}
		text = rest[length+2:]
	}
}

// Words is what people call what a reference stands for.
func (t Titles) Words(r Reference) string {
	words := t.whole(r)
	single := false // one entry of a list is meant from here on
	for _, change := range r.Changes {
		words = change.Phrase(words, single)
		single = single || change.Name == "first" || change.Name == "last" || change.Name == "at"
	}
	return words
}

// PlainName is what something is called that has no other name than the one for programs.
func PlainName(name string) string {
	return document.Shorten(document.Line(strings.ReplaceAll(name, "_", " ")), 60)
}

// whole is what a reference stands for before its words change it.
func (t Titles) whole(r Reference) string {
	of, path := "", r.Path
	switch {
	case r.Root == "":
		return "“" + r.Quoted + "”"
	case r.Root == "steps" && len(path) > 0:
		if of = t.steps[path[0]]; of == "" {
			of = PlainName(path[0])
		}
		if len(path) > 1 {
			if title := t.outputs[[2]string{path[0], path[1]}]; title != "" && len(path) == 2 {
				return title + " of " + of
			}
			if path = path[1:]; len(path) > 1 {
				path = path[1:] // whoever reads “total” does not ask for “body”
			}
		} else {
			path = nil
		}
	case r.Root == "input" && len(path) > 0:
		if of = t.inputs[path[0]]; of == "" {
			of = PlainName(path[0])
		}
		path = path[1:]
	case r.Root == "secrets" && len(path) > 0:
		return "the secret " + path[0]
	case r.Root == "trigger" && len(path) > 0 && path[0] == "body":
		of, path = "what was sent", path[1:]
	case r.Root == "trigger":
		of = "the start"
	case r.Root == "item":
		of = "the item"
	case r.Root == "index":
		of = "the item’s number"
	case r.Root == "run" && len(path) > 0 && path[0] == "output":
		of, path = "what the run gave", path[1:]
	case r.Root == "run":
		of = "the run"
	default:
		of = r.Root
	}
	if len(path) == 0 {
		return of
	}
	names := make([]string, len(path))
	for i, part := range path {
		names[i] = PlainName(part)
		if number, err := strconv.Atoi(part); err == nil && isIndex(part) { // of a list
			names[i] = "entry " + strconv.Itoa(number+1)
		}
	}
	return strings.Join(names, " › ") + " of " + of
}
