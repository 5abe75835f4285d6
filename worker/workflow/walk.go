package workflow

import (
	"maps"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"workflows/worker/document"
)

// Walk visits every step in document order, nested ones after the step that
// holds them, with its path ("steps[0].then[1]") and the steps around it,
// outermost first. It ends when visit returns false and then returns false too.
func Walk(steps []Step, visit func(path string, step *Step, parents []*Step) bool) bool {
	return walk(steps, "steps", nil, visit)
}

func walk(steps []Step, path string, parents []*Step, visit func(string, *Step, []*Step) bool) bool {
	for i := range steps {
		step, at := &steps[i], document.Item(path, i)
		if !visit(at, step, parents) {
			return false
		}
		inside := append(parents[:len(parents):len(parents)], step)
		for _, block := range step.blocks() {
			if !walk(block.steps, at+"."+block.name, inside, visit) {
				return false
			}
		}
	}
	return true
}

type block struct {
	name  string
	steps []Step
}

func (s *Step) blocks() []block {
	return []block{{"then", s.Then}, {"else", s.Else}, {"do", s.Do}}
}

// Block returns the step's list of nested steps of that name ("then", "else",
// "do"), or nil for an unknown name.
func (s *Step) Block(name string) *[]Step {
	switch name {
	case "then":
		return &s.Then
	case "else":
		return &s.Else
	case "do":
		return &s.Do
	}
	return nil
}

// FindStep returns the step with this id, nested or not, and its path.
func FindStep(d *Definition, id string) (*Step, string, bool) {
	found, path := findIn(d.Steps, id)
	if found == nil {
		return nil, "", false
	}
	return found, "steps" + path, true
}

// findIn writes the path on its way back: pages look for each of a hundred steps.
func findIn(steps []Step, id string) (*Step, string) {
	for i := range steps {
		if steps[i].ID == id {
			return &steps[i], document.Item("", i)
		}
		for _, block := range steps[i].blocks() {
			if found, path := findIn(block.steps, id); found != nil {
				return found, document.Item("", i) + "." + block.name + path
			}
		}
	}
	return nil, ""
}

// FindTrigger returns the trigger with this id.
func FindTrigger(d Definition, id string) (Trigger, bool) {
	for _, trigger := range d.Triggers {
		if trigger.ID == id {
			return trigger, true
		}
	}
	return Trigger{}, false
}

// FindInput returns the input with this name.
func FindInput(d Definition, name string) (Input, bool) {
	for _, input := range d.Inputs {
		if input.Name == name {
			return input, true
		}
	}
	return Input{}, false
}

// CountSteps counts all steps, nested ones included.
func CountSteps(steps []Step) int {
	count := 0
	Walk(steps, func(string, *Step, []*Step) bool { count++; return true })
	return count
}

// StepsOff are the ids of the steps that are passed over: those that are switched
// off and those inside them.
func StepsOff(steps []Step) map[string]bool {
	off := map[string]bool{}
	Walk(steps, func(_ string, step *Step, parents []*Step) bool {
		off[step.ID] = step.Disabled || len(parents) > 0 && off[parents[len(parents)-1].ID]
		return true
	})
	maps.DeleteFunc(off, func(_ string, is bool) bool { return !is })
	return off
}

// NewStepID makes an id that is free in the definition from a name, a title or
// a type: "Call a web address" becomes "call_a_web_address", then
// "call_a_web_address_2".
func NewStepID(d Definition, base string) string {
	taken := map[string]bool{}
	Walk(d.Steps, func(_ string, step *Step, _ []*Step) bool { taken[step.ID] = true; return true })
	for _, trigger := range d.Triggers {
		taken[trigger.ID] = true
	}
	slug := slugOf(base)
	id := slug
	for n := 2; taken[id]; n++ {
		suffix := "_" + itoa(n)
		id = strings.TrimRight(slug[:min(len(slug), maxIDLength-len(suffix))], "_") + suffix
	}
	return id
}

func slugOf(text string) string {
	var slug strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(text)) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			slug.WriteRune(r)
		case unicode.Is(unicode.Mn, r), r == '\'', r == '’': // accents; "don't" stays one word
		default:
			if slug.Len() > 0 && !strings.HasSuffix(slug.String(), "_") {
				slug.WriteByte('_')
			}
		}
	}
	id := slug.String()
	if id == "" || id[0] < 'a' {
		id = strings.TrimRight("step_"+id, "_")
	}
	return strings.TrimRight(id[:min(len(id), maxIDLength)], "_")
}
