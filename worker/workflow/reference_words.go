package workflow

import (
	"strconv"
	"strings"
)

// InWords is a text with its references as people read them, in brackets: “{{
// steps.shop.status }}” is “[status of Ask the shop]”. titles are those of steps, by id.
// What was cut off within a reference is left out.
func InWords(text string, titles map[string]string) string {
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
		out.WriteString(inWords(rest[:length], titles))
		text = rest[length+2:]
	}
}

func inWords(inside string, titles map[string]string) string {
	r, err := parseReference(inside)
	if err != nil {
		return "{{" + inside + "}}"
	}
	if r.Root == "" {
		return r.Quoted
	}
	return "[" + r.words(titles) + "]"
}

func (r Reference) words(titles map[string]string) string {
	of, path := "", r.Path
	switch {
	case r.Root == "steps" && len(path) > 0:
		if of = titles[path[0]]; of == "" {
			of = path[0]
		}
		path = path[1:]
	case r.Root == "input" && len(path) > 0:
		of, path = path[0], path[1:]
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
	case r.Root == "run":
		of = "the run"
	default:
		of = r.Root
	}
	if len(path) == 0 {
		return of
	}
	name := strings.ReplaceAll(path[len(path)-1], "_", " ")
	if number, err := strconv.Atoi(name); err == nil && number >= 0 { // of a list
		name = "entry " + strconv.Itoa(number+1)
	}
	return name + " of " + of
}

// TitlesOf are the titles of steps, nested ones too, by id.
func TitlesOf(steps []Step, types Types) map[string]string {
	titles := map[string]string{}
	Walk(steps, func(_ string, step *Step, _ []*Step) bool {
		titles[step.ID] = StepTitle(*step, types)
		return true
	})
	return titles
}
