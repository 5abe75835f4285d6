package merge

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"workflows/worker/document"
	"workflows/worker/notify"
	"workflows/worker/workflow"
)

// labels are what people call the parts that are no fields of a step type.
var labels = map[string]string{
	"name": "Name", "description": "Description", "disabled": "Switched off", "type": "Kind", "retry": "Attempts", "timeout": "Longest time",
	"on_error": "If it fails", "on_unknown": "If it is not known whether it acted", "settings.timeout": "Longest time for a run",
	"settings.max_running": "Runs at once", "settings.on_limit": "More runs", "settings.priority": "Priority",
	"settings.max_duration": "A run should take at most", "settings.must_succeed_by": "Alert when none has succeeded by", "settings.notify": "Who is told",
	"label": "Label", "help": "Help", "required": "Must be given", "default": "If nothing is entered", "options": "Choices", "display": "How it is asked",
	"hidden": "In a public form", "time_zone": "Time zone", "calendar": "Free days by", "free_days": "On free days", "missed": "Missed times",
	"overlap": "While a run is not over", "start_date": "From", "end_date": "Until", "jitter": "Spread", "signature": "Who may call", "secret": "Secret",
	"filter": "Only start a run when", "respond": "Answer", "answer": "Answer", "rate_per_minute": "How many are taken", "thanks": "Thanks", "redirect": "Leads to",
}

// told is a clash in words.
func (n *join) told(path string) Clash {
	c := Clash{Path: path}
	titles := workflow.TitlesOf(n.mineWhole.Steps, n.Types).WithInputs(n.mineWhole.Inputs)
	root, rest, _ := strings.Cut(path, ".")
	name, field, _ := strings.Cut(rest, ".")
	switch {
	case strings.HasPrefix(path, "order:"):
		list := strings.TrimPrefix(path, "order:")
		c.Title, c.Mine, c.Theirs = "The order", n.titles(n.mine.lists[list], list), n.titles(n.theirs.lists[list], list)
		if owner := ownerOf(list); owner != "" {
			c.Title = "The order in “" + n.title(owner) + "”"
		}
	case strings.HasPrefix(path, "place:"):
		id := strings.TrimPrefix(path, "place:")
		c.Title, c.Mine, c.Theirs = "Where “"+n.title(id)+"” stands", n.placeWords(n.mine.within[id]), n.placeWords(n.theirs.within[id])
	case root == "steps" && field == "":
		c.Title, c.Mine, c.Theirs = "The step “"+n.title(name)+"”", n.stepWords(n.mineWhole, name), n.stepWords(n.theirsWhole, name)
	case root == "steps":
		f := n.fieldOf(name, field)
		c.Title = capital(f.Label) + " of “" + n.title(name) + "”"
		c.Mine = workflow.InWords(valueWords(n.mine.parts[path], f), titles)
		c.Theirs = workflow.InWords(valueWords(n.theirs.parts[path], f), titles)
	case root == "triggers":
		c.Title, c.Mine, c.Theirs = "When it starts", n.triggerWords(n.mineWhole, name, field), n.triggerWords(n.theirsWhole, name, field)
		if label := labels[field]; label != "" {
			c.Title = label + ", when it starts"
		}
	case root == "inputs" && field == "":
		c.Title, c.Mine, c.Theirs = "The input “"+name+"”", there(n.mine, path), there(n.theirs, path)
	case root == "inputs":
		c.Title, c.Mine, c.Theirs = cmp.Or(labels[field], field)+" of the input “"+name+"”", valueWords(n.mine.parts[path], workflow.Field{}), valueWords(n.theirs.parts[path], workflow.Field{})
	case path == "settings.notify":
		c.Title, c.Mine, c.Theirs = labels[path], strings.Join(notify.Words(n.mineWhole.Settings.Notify, nil), "\n"), strings.Join(notify.Words(n.theirsWhole.Settings.Notify, nil), "\n")
	case path == "settings.must_succeed_by":
		c.Title, c.Mine, c.Theirs = labels[path], deadlines(n.mineWhole), deadlines(n.theirsWhole)
	default:
		c.Title, c.Mine, c.Theirs = cmp.Or(labels[path], capital(path)), valueWords(n.mine.parts[path], workflow.Field{}), valueWords(n.theirs.parts[path], workflow.Field{})
		if path == "name" {
			c.Title = "Name of the workflow"
		}
	}
	return c
}

// title is what a step is called, by mine where it has it.
func (n *join) title(id string) string {
	for _, d := range []*workflow.Definition{&n.mineWhole, &n.theirsWhole} {
		if step, _, found := workflow.FindStep(d, id); found {
			return workflow.StepTitle(*step, n.Types)
		}
	}
	return id
}

func (n *join) titles(names []string, list string) string {
	titles := slices.Clone(names)
	for i, name := range titles {
		if strings.HasPrefix(list, stepsList) {
			titles[i] = n.title(name)
		}
	}
	return strings.Join(titles, "\n")
}

func (n *join) placeWords(list string) string {
	owner := ownerOf(list)
	if owner == "" {
		return "In the list of all steps"
	}
	words := map[string]string{"then": "Under “yes” of “", "else": "Under “no” of “", "do": "Inside “"}
	return words[list[strings.LastIndexByte(list, '.')+1:]] + n.title(owner) + "”"
}

func (n *join) stepWords(d workflow.Definition, id string) string {
	step, _, found := workflow.FindStep(&d, id)
	if !found {
		return "It is removed"
	}
	words := workflow.InWords(workflow.StepSentence(*step, n.Types), workflow.TitlesOf(d.Steps, n.Types))
	if inside := workflow.CountSteps([]workflow.Step{*step}) - 1; inside > 0 {
		words += "\nWith the steps inside it"
	}
	return words
}

func (n *join) triggerWords(d workflow.Definition, id, field string) string {
	for _, trigger := range d.Triggers {
		if trigger.ID != id {
			continue
		}
		if field == "" || field == whenPart {
			return n.Trigger(trigger)
		}
		side, _ := takeApart(d)
		return valueWords(side.parts["triggers."+id+"."+field], workflow.Field{})
	}
	return "It is removed"
}

func there(side apart, path string) string {
	if len(side.under[path]) == 0 {
		return "It is removed"
	}
	return "It is kept, as it was changed"
}

// fieldOf is the field of a step's type that a part belongs to, or one that is only called.
func (n *join) fieldOf(id, part string) workflow.Field {
	name, isConfig := strings.CutPrefix(part, "config.")
	if !isConfig {
		return workflow.Field{Label: cmp.Or(labels[part], part)}
	}
	for _, d := range []*workflow.Definition{&n.mineWhole, &n.theirsWhole} {
		if step, _, found := workflow.FindStep(d, id); found {
			if field, known := n.Types[step.Type].Field(name); known {
				return field
			}
		}
	}
	return workflow.Field{Label: name}
}

func deadlines(d workflow.Definition) string {
	lines := make([]string, len(d.Settings.MustSucceedBy))
	for i, deadline := range d.Settings.MustSucceedBy {
		lines[i] = deadline.Words()
	}
	return cmp.Or(strings.Join(lines, "\n"), "Nothing")
}

// valueWords is a value for people: in lines, without the signs of JSON.
func valueWords(part string, field workflow.Field) string {
	if part == "" {
		return "Nothing"
	}
	value, err := document.Value([]byte(part))
	if err != nil {
		return part
	}
	for _, option := range field.Options {
		if option.Value == value {
			return option.Label
		}
	}
	if field.Kind.Rows != nil {
		return cmp.Or(strings.Join(rowLines(field.Kind.Rows.Of(value)), "\n"), "Nothing")
	}
	return cmp.Or(strings.Join(lines(value), "\n"), "Nothing")
}

func rowLines(rows []workflow.Row) []string {
	var all []string
	for _, row := range rows {
		operator := row.Operator
		for _, option := range workflow.Operators() {
			if option.Value == operator {
				operator = option.Label
			}
		}
		words := strings.Join(slices.DeleteFunc([]string{row.Value, operator, row.Other}, func(text string) bool { return text == "" }), " ")
		if row.Name != "" {
			words = row.Name + ": " + words
		}
		if words != "" {
			all = append(all, words)
		}
	}
	return all
}

func lines(value any) []string {
	switch v := value.(type) {
	case nil:
		return nil
	case bool:
		if v {
			return []string{"Yes"}
		}
		return []string{"No"}
	case []any:
		var all []string
		for _, item := range v {
			all = append(all, strings.Join(lines(item), ", "))
		}
		return all
	case map[string]any:
		var all []string
		for _, name := range slices.Sorted(maps.Keys(v)) {
			all = append(all, capital(strings.ReplaceAll(name, "_", " "))+": "+strings.Join(lines(v[name]), ", "))
		}
		return all
	}
	return []string{document.Text(value)}
}

// capital begins a text with a capital letter.
func capital(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}
