package workflow

import (
	"slices"
	"strings"

	"workflows/worker/document"
)

// newerKind is what a definition holds that cannot be read to its end.
const newerKind = "a definition of a newer kind"

// Load decodes a published definition for those who act by it. Beyond says in words
// what of it, as far as it is done by, this program does not know: a step type, a field,
// a word to choose; "" is nothing. What was published once stays known to every later
// program, so whatever is not is a newer one's: it is left to that, never ended and
// never failed. The definition is then what this program knows of it, if err is nil.
func (t Types) Load(data []byte) (d Definition, beyond string, err error) {
	if err := document.DecodeKnown(data, &d); err != nil {
		d, err := Load(data)
		return d, newerKind, err
	}
	d.fill()
	return d, t.beyond(d), nil
}

func (t Types) beyond(d Definition) string {
	if d.Format > Format {
		return newerKind
	}
	if text := d.Settings.Timeout; text != "" {
		if _, err := ParseDuration(text); err != nil {
			return newerKind
		}
	}
	check := &checking{Checker: Checker{Types: t}, definition: &d, ids: map[string]string{}, positions: positionsOf(d, t)}
	check.settings()
	if unknownAt(check.problems) != "" {
		return "a rule of the workflow"
	}
	types := InputTypes()
	for _, input := range d.Inputs {
		if !slices.ContainsFunc(types, func(known Option) bool { return known.Value == input.Type }) {
			return "the question “" + input.title() + "”"
		}
	}
	off, what := StepsOff(d.Steps), ""
	Walk(d.Steps, func(path string, step *Step, parents []*Step) bool {
		stepType, known := t[step.Type]
		switch {
		case off[step.ID]:
		case !known:
			what = "the step “" + StepTitle(*step, t) + "”"
		case stepType.Fields != nil: // else it has said nothing of its fields
			check.problems = nil
			if check.wholeStep(path, step, parents); unknownAt(check.problems) != "" {
				what = "a setting of the step “" + StepTitle(*step, t) + "”"
			}
		}
		return what == ""
	})
	return what
}

// BeyondTrigger says the same of the stored rule of a webhook or a form, and gives
// the rule.
func BeyondTrigger(data []byte) (t Trigger, what string) {
	if document.DecodeKnown(data, &t) != nil {
		return t, newerKind
	}
	check := &checking{definition: &Definition{}}
	switch t.Type {
	case "webhook":
		check.webhook("", t)
	case "form":
		check.form("", t)
	}
	return t, unknownAt(check.problems)
}

// unknownAt says where something stands that this program does not know; "" is nowhere.
func unknownAt(problems []Problem) string {
	if i := slices.IndexFunc(problems, func(p Problem) bool { return p.Unknown }); i >= 0 {
		return "what stands at “" + strings.TrimPrefix(problems[i].Path, ".") + "”"
	}
	return ""
}
