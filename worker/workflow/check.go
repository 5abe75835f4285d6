package workflow

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"workflows/worker/document"
	"workflows/worker/notify"
)

const maxIDLength = 63

var idPattern = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// isID reports whether a step, a trigger or an input can be called so. Its length is
// looked at apart: a pattern that counts takes many times the memory in every process.
func isID(id string) bool { return len(id) <= maxIDLength && idPattern.MatchString(id) }

// Checker finds everything that is wrong with a definition.
type Checker struct {
	Types Types
	// Trigger checks the schedule of one trigger; paths relative to the trigger.
	Trigger func(Trigger) []Problem
}

// Check returns all problems in document order. Those marked Incomplete may stay
// in a draft; the others may not.
func (c Checker) Check(d Definition) []Problem {
	check := &checking{Checker: c, definition: &d, ids: map[string]string{}, positions: positionsOf(d, c.Types)}
	check.problems = append(d.checkFormat(), d.CheckNames()...)
	if len(d.Marshal()) > MaxBytes {
		check.add("", "too_large", "The definition is larger than 1 MB. Move long texts out of it.")
	}
	check.inputs()
	check.triggers()
	check.steps()
	check.settings()
	for i := range check.problems {
		check.problems[i].Message = check.inWords(check.problems[i].Message)
	}
	return check.problems
}

// checking is one pass over one definition.
type checking struct {
	Checker
	definition *Definition
	ids        map[string]string // id → what has it: “step “Fetch””
	positions  map[string]position
	problems   []Problem
}

func (c *checking) add(path, code, format string, args ...any) {
	c.problems = append(c.problems, Problem{Path: path, Code: code, Message: fmt.Sprintf(format, args...)})
}

func (c *checking) addIncomplete(path, message string) {
	c.problems = append(c.problems, incomplete(path, message))
}

// inWords is a sentence that quotes what was typed, with its references as people call them;
// it stays where one is cut off.
func (c *checking) inWords(sentence string) string {
	if strings.Count(sentence, "{{") != strings.Count(sentence, "}}") {
		return sentence
	}
	return Replaced(sentence, c.called)
}

// incomplete is what a draft may lack.
func incomplete(path, message string) Problem {
	return Problem{Path: path, Code: "required", Message: message, Incomplete: true}
}

// addUnder appends problems whose paths are relative to path.
func (c *checking) addUnder(path string, problems []Problem) {
	for _, problem := range problems {
		if problem.Path == "" {
			problem.Path = path
		} else {
			problem.Path = path + "." + problem.Path
		}
		c.problems = append(c.problems, problem)
	}
}

// CheckNames checks the texts that people tell things apart by.
func (d Definition) CheckNames() []Problem {
	var problems []Problem
	add := func(path, code, message string) {
		problems = append(problems, Problem{Path: path, Code: code, Message: message})
	}
	name := func(path, word, text string, required bool) {
		if text == "" && required {
			add(path, "required", "Give the workflow a name.")
		}
		if utf8.RuneCountInString(text) > MaxNameLength {
			add(path, "too_long", fmt.Sprintf("The %s is longer than %d characters. Shorten it.", word, MaxNameLength))
		}
		if r, found := hiddenCharacter(text, false); found {
			add(path, "invalid_character", fmt.Sprintf("The %s contains the invisible character %U. Remove it.", word, r))
		}
	}
	name("name", "name", d.Name, true)
	if blank(d.Name) {
		add("name", "required", "Give the workflow a name.")
	}
	if utf8.RuneCountInString(d.Description) > 10_000 {
		add("description", "too_long", "The description is longer than 10,000 characters. Shorten it.")
	}
	for i, input := range d.Inputs {
		name(document.Item("inputs", i)+".label", "label", input.Label, false)
	}
	Walk(d.Steps, func(path string, step *Step, _ []*Step) bool {
		name(path+".name", "name", step.Name, false)
		return true
	})
	return problems
}

func blank(text string) bool { return text != "" && isEmpty(text) }

// id checks the id of a step or trigger, which is called of.
func (c *checking) id(path, id, of string) {
	first, taken := c.ids[id]
	switch {
	case id == "":
		c.add(path, "required", "Give it an id, such as fetch_order.")
	case !isID(id):
		c.add(path, "invalid_id", "“%s” cannot be an id. Use a small letter followed by small letters, digits and _, at most %d characters.", document.Shorten(id, 70), maxIDLength)
	case taken:
		c.add(path, "duplicate_id", "The id “%s” is already that of %s. Choose another.", id, first)
	default:
		c.ids[id] = of
	}
}

// choice checks a word against the words allowed; empty means the default.
func (c *checking) choice(path, value string, allowed ...string) {
	if value != "" && !slices.Contains(allowed, value) {
		c.problems = append(c.problems, notAChoice(path, value, allowed))
	}
}

func notAChoice(path, value string, allowed []string) Problem {
	return Problem{Path: path, Code: "invalid_value", Unknown: true, Message: fmt.Sprintf("“%s” is not possible here. Use %s.%s", document.Shorten(value, 40), joinOr(allowed), document.DidYouMean(value, allowed))}
}

// duration checks a length of time against its limits; empty means the default.
func (c *checking) duration(path, text string, least, most time.Duration) {
	if text == "" {
		return
	}
	d, err := ParseDuration(text)
	switch {
	case err != nil:
		c.add(path, "invalid_value", "%s", err)
	case d < least || d > most:
		c.add(path, "out_of_range", "“%s” is not possible here. Use between %s and %s.", text, DurationWords(least), DurationWords(most))
	}
}

func (c *checking) settings() {
	settings := c.definition.Settings
	c.duration("settings.timeout", settings.Timeout, time.Second, 31*day)
	if settings.MaxRunning < 0 || settings.MaxRunning > 1000 {
		c.add("settings.max_running", "out_of_range", "Use a number between 0 (no limit) and 1000.")
	}
	c.choice("settings.on_limit", settings.OnLimit, "queue", "skip", "reject")
	c.choice("settings.priority", settings.Priority, "high", "normal", "low")
	c.duration("settings.max_duration", settings.MaxDuration, time.Second, 31*day)
	c.keep(settings.Keep)
	for _, problem := range notify.Check(settings.Notify) {
		problem.Path = "settings.notify" + problem.Path
		c.problems = append(c.problems, problem)
	}
	if len(settings.MustSucceedBy) > MaxDeadlines {
		c.add("settings.must_succeed_by", "too_many", "A workflow has at most %d deadlines. Remove some.", MaxDeadlines)
		return
	}
	for i, deadline := range settings.MustSucceedBy {
		c.deadline(document.Item("settings.must_succeed_by", i), deadline)
	}
}
