package workflow

import (
	"fmt"
	"slices"
	"strings"

	"workflows/worker/document"
)

// nothingCompared is the problem of a condition both of whose sides are typed: it is
// always true, or never, and most likely the name of a value was typed in its place.
func nothingCompared(path, operator string, value, other any) []Problem {
	_, text := value.(string)
	_, otherText := other.(string)
	if hasData(value) || hasData(other) || !text && !otherText { // 1 is 1: whoever writes that means it
		return nil
	}
	said := "“" + document.Shorten(document.Text(value), 40) + "” is a fixed text"
	if !OneSided(operator) && !isEmpty(other) {
		said = "“" + document.Shorten(document.Text(value), 40) + "” and “" + document.Shorten(document.Text(other), 40) + "” are both fixed"
	}
	return []Problem{{Path: path + ".value", Code: "nothing_compared", Incomplete: true, Doubtful: true, Message: said + ": this is the same in every run. Choose the value to look at, such as the status that a step has given."}}
}

// hasData reports whether a side of a condition inserts anything.
func hasData(side any) bool { return len(UsedIn(side)) > 0 }

// conditions checks what only the rest of the definition tells of a step's conditions.
func (c *checking) conditions(path string, step *Step, t StepType) {
	for _, field := range t.Fields {
		if field.Kind.Name == "conditions" {
			c.compared(document.Member(path+".config", field.Name), step.Config[field.Name])
		}
	}
}

func (c *checking) compared(path string, value any) {
	list, _ := value.([]any)
	for i, item := range list {
		at := document.Item(path, i)
		parts, _ := item.(map[string]any)
		if isGroup(parts) {
			c.compared(at+".conditions", parts["conditions"])
			continue
		}
		operator, _ := parts["operator"].(string)
		for _, side := range [][2]string{{"value", "other"}, {"other", "value"}} {
			c.numberWithWord(at+"."+side[1], operator, parts[side[0]], parts[side[1]])
		}
	}
}

// numberWithWord finds a number that a step surely gives compared with a word: whoever
// looks for the status in an answer and takes the answer's code gets a condition that
// never changes.
func (c *checking) numberWithWord(path, operator string, value, other any) {
	text, _ := value.(string)
	word, isText := other.(string)
	r, one := TheReference(text)
	whole := operator == "equals" || operator == "not_equals"
	part := slices.Contains([]string{"contains", "not_contains", "starts_with", "ends_with"}, operator)
	if !one || !isText || !whole && !part || strings.TrimSpace(word) == "" || hasReference(word) || r.Root != "steps" || len(r.Path) != 2 || len(r.Changes) > 0 {
		return
	}
	if _, isNumber := document.Number(word, true); isNumber || part && strings.ContainsAny(word, "0123456789") {
		return
	}
	step, _, found := FindStep(c.definition, r.Path[0])
	if !found {
		return
	}
	for _, output := range c.Types[step.Type].Gives(step.Config) {
		if output.Name != r.Path[1] || output.Type != "number" {
			continue
		}
		what, title := output.Called(), StepTitle(*step, c.Types)
		c.problems = append(c.problems, Problem{Path: path, Code: "never_equal", Incomplete: true, Doubtful: true, Message: fmt.Sprintf("The %s of “%s” is a number%s, never “%s”. Choose a part of what “%s” has answered instead, or compare it with a number.", what, title, output.such(), document.Shorten(word, 40), title)})
	}
}

func (o Output) such() string {
	if o.Example == nil {
		return ""
	}
	return " such as " + document.Text(o.Example)
}
