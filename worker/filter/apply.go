package filter

import (
	"encoding/json"
	"fmt"
	"strconv"

	"workflows/worker/document"
)

// Code is the code of the failure that the errors of Change and Apply become.
const Code = "cannot_change"

// Change applies filters from left to right. fill gives what the references in their
// arguments stand for; its errors come back as they are. All others are sentences that
// name the word, what it got and what it needs.
func Change(value any, filters []Filter, fill func(reference string) (any, error)) (any, error) {
	return NewAllowance(maxTime).Change(value, filters, fill)
}

// Change is the function Change for one of many references.
func (a *Allowance) Change(value any, filters []Filter, fill func(reference string) (any, error)) (any, error) {
	budget := a.newBudget()
	for _, f := range filters {
		args := make([]any, len(f.Args))
		for i, arg := range f.Args {
			args[i] = arg.Value
			if arg.Reference == "" {
				continue
			}
			given, err := fill(arg.Reference)
			if err != nil {
				return nil, err
			}
			args[i] = given
		}
		changed, err := apply(f, args, value, budget)
		if err != nil {
			return nil, err
		}
		value = changed
	}
	return value, nil
}

// Apply changes a value by one filter whose arguments are filled in. What is given is
// not changed; what comes back may share parts with it.
func Apply(f Filter, args []any, value any) (any, error) {
	return apply(f, args, value, newBudget())
}

func apply(f Filter, args []any, value any, budget *budget) (any, error) {
	w, known := lookup(f.Name)
	if !known || len(args) < w.least() || len(args) > len(w.Arguments) {
		return nil, sentence("There is no word “" + document.Shorten(f.Name, 40) + "” with so many arguments to change a value with.")
	}
	if value == nil && !w.takesNull {
		return nil, nil
	}
	return w.run(&call{word: w, args: args, budget: budget}, value)
}

// call is one word at work.
type call struct {
	word Word
	args []any
	*budget
}

func (c *call) fails(format string, args ...any) error {
	return sentence(fmt.Sprintf("“"+c.word.Name+"” "+format, args...))
}

// wants is the sentence for a value of the wrong kind.
func (c *call) wants(what string, got any) error {
	return c.fails("needs %s, and got %s.", what, shown(got))
}

// wantsArg is the same for an argument.
func (c *call) wantsArg(i int, what string) error {
	return c.fails("needs %s after it, and got %s.", what, shown(c.args[i]))
}

// shown says in words what a value is, without going through all of it.
func shown(value any) string {
	switch v := value.(type) {
	case nil:
		return "nothing (null)"
	case string:
		if v == "" {
			return "an empty text"
		}
		return "the text “" + document.Shorten(v[:min(len(v), 200)], 40) + "”"
	case json.Number, int, int64, float64:
		return "the number " + document.Shorten(document.Text(v), 40)
	case bool:
		return strconv.FormatBool(v)
	case []any:
		if len(v) == 1 {
			return "a list with one entry"
		}
		return "a list with " + strconv.Itoa(len(v)) + " entries"
	case map[string]any:
		return "an object"
	}
	return "something that no word can change"
}

// text reads a value as a text: a number or true is written out.
func (c *call) text(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case json.Number, bool, int, int64, float64:
		return document.Text(v), true
	}
	return "", false
}

func (c *call) textArg(i int) (string, error) {
	text, ok := c.text(c.args[i])
	if !ok {
		return "", c.wantsArg(i, "a text")
	}
	return text, nil
}

// wholeArg reads an argument between two bounds.
func (c *call) wholeArg(i, least, most int) (int, error) {
	d, ok := decimalOf(c.args[i])
	if ok {
		if n, err := d.Int64(); err == nil && n >= int64(least) && n <= int64(most) {
			return int(n), nil
		}
	}
	return 0, c.wantsArg(i, fmt.Sprintf("a whole number from %d to %d", least, most))
}

func whole(n int) json.Number { return json.Number(strconv.Itoa(n)) }
