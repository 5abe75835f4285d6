package changes

import (
	"maps"
	"slices"
	"strings"
	"time"

	"workflows/worker/document"
	"workflows/worker/notify"
	"workflows/worker/workflow"
)

// gone is what a workflow is called that is not there.
const gone = "a workflow that is gone"

// NamedTypes are the step types with sentences that name the workflows which steps run.
func (n Naming) NamedTypes() workflow.Types {
	types := maps.Clone(n.Types)
	for name, t := range types {
		sentence := t.Sentence
		if t.Calls == nil || sentence == nil {
			continue
		}
		t.Sentence = func(config map[string]any) string {
			words := sentence(config)
			if id := t.Calls(config); id != "" {
				words = strings.ReplaceAll(words, id, n.workflow(id))
			}
			return words
		}
		types[name] = t
	}
	return types
}

func (n Naming) workflow(id string) string {
	if name := n.Workflows[id]; name != "" {
		return "“" + name + "”"
	}
	return gone
}

// side is how values of one of the two definitions are said.
type side struct {
	naming Naming
	titles workflow.Titles
}

// newSide calls steps as the new definition does: one that was only renamed changes
// nothing where it is used.
func newSide(d, new workflow.Definition, naming Naming) side {
	steps := d.Copy().Steps
	workflow.Walk(steps, func(_ string, step *workflow.Step, _ []*workflow.Step) bool {
		if now, _, stays := workflow.FindStep(&new, step.ID); stays {
			step.Name = workflow.StepTitle(*now, naming.Types)
		}
		return true
	})
	return side{naming: naming, titles: workflow.TitlesOf(steps, naming.Types).WithInputs(d.Inputs)}
}

// of is a value of a field as people read it, "" for none.
func (s side) of(field workflow.Field, value any) string {
	if value == nil || value == "" {
		if field.Default == "" {
			return ""
		}
		value = field.Default
	}
	text, isText := value.(string)
	if i := slices.IndexFunc(field.Options, func(o workflow.Option) bool { return isText && o.Value == text }); i >= 0 {
		return "“" + field.Options[i].Label + "”"
	}
	switch {
	case isText && strings.Contains(text, "{{"):
		return s.plain(text)
	case isText && field.Kind.Entry.Choices == workflow.ChoicesWorkflows:
		return s.naming.workflow(text)
	case isText && field.Kind.Secret:
		return "the secret " + text
	case isText && field.Kind.Name == "duration":
		return durationWords(text)
	case isText && field.Kind.Name == "time":
		if at, err := workflow.ParseTime(text); err == nil {
			return at.Format("2 January 2006 at 15:04") + " (UTC)"
		}
	case isText && field.Default == text && text != "" && text[0] >= '0' && text[0] <= '9': // a number, as its tag writes it
		return text
	}
	return s.plain(value)
}

// plain is any value as people read it, "" for none. Texts stand in quotation marks.
func (s side) plain(value any) string {
	if text, isText := value.(string); isText && text != "" {
		if reference, alone := workflow.TheReference(text); alone {
			return s.titles.Words(reference)
		}
		return "“" + workflow.InWords(text, s.titles) + "”"
	}
	return s.bare(value)
}

// bare is the same without quotation marks, as it stands in a list.
func (s side) bare(value any) string {
	switch v := value.(type) {
	case string:
		return workflow.InWords(v, s.titles)
	case bool:
		return yesNo(v)
	case []any:
		var parts []string
		for _, item := range v {
			parts = append(parts, s.inside(item))
		}
		return strings.Join(parts, ", ")
	case map[string]any:
		var parts []string
		for _, name := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, name+": "+s.inside(v[name]))
		}
		return strings.Join(parts, ", ")
	}
	return document.Text(value)
}

func (s side) inside(value any) string {
	switch v := value.(type) {
	case nil:
		return "nothing"
	case []any, map[string]any:
		return "(" + s.bare(v) + ")"
	}
	return s.bare(value)
}

// conditions reads conditions out, one in each line where there are several.
func (s side) conditions(match any, value any) string {
	list, isList := value.([]any)
	if !isList {
		return s.plain(value)
	}
	between := " and\n"
	if match == "any" {
		between = " or\n"
	}
	parts := make([]string, len(list))
	for i, item := range list {
		parts[i] = s.condition(item)
	}
	return strings.Join(parts, between)
}

func (s side) condition(item any) string {
	parts, _ := item.(map[string]any)
	if inside, isGroup := parts["conditions"]; isGroup {
		return "(" + strings.ReplaceAll(s.conditions(parts["match"], inside), "\n", " ") + ")"
	}
	operator, _ := parts["operator"].(string)
	words := s.operand(parts["value"]) + " " + operatorWords(operator)
	if workflow.OneSided(operator) {
		return words
	}
	return words + " " + s.operand(parts["other"])
}

// operand is one side of a condition: what is chosen in its own words, a fixed text in
// quotation marks.
func (s side) operand(value any) string {
	if value == nil || value == "" {
		return "‘’"
	}
	if text, isText := value.(string); isText {
		if reference, alone := workflow.TheReference(text); alone {
			return s.titles.Words(reference)
		}
		return "‘" + workflow.InWords(text, s.titles) + "’"
	}
	return s.inside(value)
}

func operatorWords(operator string) string {
	for _, option := range workflow.Operators() {
		if option.Value == operator {
			return option.Label
		}
	}
	return "is compared with"
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

func durationWords(text string) string {
	length, err := workflow.ParseDuration(text)
	if err != nil {
		return "“" + text + "”"
	}
	return workflow.DurationWords(length.Round(time.Millisecond))
}

func listed(words []string) string { return notify.And(words) }
