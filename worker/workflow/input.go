package workflow

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"workflows/models/columns"
	"workflows/worker/document"
	"workflows/worker/entry"
)

// InputTypes returns the types of inputs, labelled for people.
func InputTypes() []Option {
	return []Option{
		{"text", "Text"},
		{"long_text", "Long text, of several lines"},
		{"email", "E-mail address"},
		{"phone", "Phone number"},
		{"url", "Web address"},
		{"number", "Number"},
		{"boolean", "Yes or no"},
		{"date", "Date"},
		{"time", "Time of day"},
		{"date_time", "Date and time"},
		{"choice", "Choice"},
		{"choices", "Several choices"},
		{"file", "File"},
		{"files", "Several files"},
		{"json", "Data as JSON"},
	}
}

// DisplayRadio has forms ask by radio buttons: for a choice instead of by a list, for
// a boolean by yes and no instead of by a tick.
const DisplayRadio = "radio"

// namedOptions is up to how many options a sentence names them.
const namedOptions = 20

// Chosen reports whether what is given is one of the options, or some of them.
func (i Input) Chosen() bool { return i.Type == "choice" || i.Type == "choices" }

// Uploaded reports whether what is given is a file, or several.
func (i Input) Uploaded() bool { return i.Type == "file" || i.Type == "files" }

// Tick reports whether forms ask by a box to tick.
func (i Input) Tick() bool { return i.Type == "boolean" && i.Display != DisplayRadio }

// Zone is the one in which forms ask for a date with a time.
func (i Input) Zone() *time.Location {
	if zone, err := LoadZone(i.TimeZone); err == nil && i.TimeZone != "" {
		return zone
	}
	return time.UTC
}

// Cleared is given for an input that a person has emptied in a form: it stays
// empty, no default takes its place.
type Cleared struct{}

// CheckInput checks what was given for a run against the workflow's inputs and
// returns it complete: defaults filled in, inputs that were left out as nil, so
// that references to them find an empty value.
func CheckInput(inputs []Input, given map[string]any) (map[string]any, []Problem) {
	complete := make(map[string]any, len(inputs))
	names := make([]string, 0, len(inputs))
	var problems []Problem
	for _, input := range inputs {
		names = append(names, input.Name)
		value := given[input.Name]
		if value == (Cleared{}) {
			value = nil
		} else if value == nil || value == "" && input.Type != "text" {
			value = input.Default
		}
		if isEmpty(value) && input.Required {
			problems = append(problems, inputProblem(input, "required", "Enter a value for “"+input.title()+"”."))
			continue
		}
		complete[input.Name] = value
		if value == nil {
			continue
		}
		if problem := input.check(value); problem != nil {
			problems = append(problems, *problem)
		} else if input.MustBeTrue && value == false {
			problems = append(problems, inputProblem(input, "must_be_true", "“"+input.title()+"” must be true."))
		}
	}
	for _, name := range sortedKeys(given) {
		if !slices.Contains(names, name) {
			problems = append(problems, Problem{Path: "input." + name, Code: "unknown_field", Message: "The workflow has no input “" + document.Shorten(name, 60) + "”." + document.DidYouMean(name, names)})
		}
	}
	return complete, problems
}

// Called is what people call the input.
func (i Input) Called() string { return i.title() }

func (i Input) title() string {
	if i.Label != "" {
		return i.Label
	}
	return i.Name
}

func inputProblem(input Input, code, message string) Problem {
	return Problem{Path: "input." + input.Name, Code: code, Message: message}
}

// check says what is wrong with a value that is there.
func (i Input) check(value any) *Problem {
	fits, code, must := i.takes(value)
	if fits {
		return nil
	}
	problem := inputProblem(i, code, "“"+i.title()+"” must be "+must)
	return &problem
}

// takes reports whether a value fits, and if not, what it must be.
func (i Input) takes(value any) (fits bool, code, must string) {
	text, isText := value.(string)
	switch i.Type {
	case "text", "long_text":
		return isText, "wrong_type", "a text."
	case "number":
		_, fits = document.Number(value, false)
		return fits, "wrong_type", "a number, such as 42 or 0.5."
	case "boolean":
		_, fits = value.(bool)
		return fits, "wrong_type", "true or false."
	case "email":
		return isText && entry.Email(text), "invalid_value", "an e-mail address, such as anna@example.com."
	case "phone":
		return isText && entry.Phone(text), "invalid_value", "a phone number, such as +49 30 1234567."
	case "url":
		return isText && entry.WebAddress(text), "invalid_value", "a web address, such as https://example.com."
	case "date":
		_, err := time.Parse(time.DateOnly, text)
		return err == nil, "invalid_value", "a date, such as 2026-12-24."
	case "time":
		return entry.TimeOfDay(text), "invalid_value", "a time of day, such as 18:30."
	case "date_time":
		return entry.Moment(text), "invalid_value", "a date and a time, such as 2026-12-24T18:30:00+01:00."
	case "choice":
		return isText && slices.Contains(i.Options, text), "invalid_value", i.oneOf() + "."
	case "choices":
		return i.areChosen(value), "invalid_value", "a list of " + i.oneOf() + ", each once."
	case "file":
		return entry.File(value), "invalid_value", "a file: an object with its name, and data in base64."
	case "files":
		return areFiles(value), "invalid_value", "a list of at most " + strconv.Itoa(entry.MostFiles) + " files: objects with a name, and data in base64."
	}
	return true, "", ""
}

func (i Input) oneOf() string {
	if len(i.Options) > namedOptions {
		return "one of the " + strconv.Itoa(len(i.Options)) + " choices"
	}
	return joinOr(i.Options)
}

func (i Input) areChosen(value any) bool {
	list, isList := value.([]any)
	for n, item := range list {
		text, isText := item.(string)
		if !isText || !slices.Contains(i.Options, text) || slices.Contains(list[:n], item) {
			return false
		}
	}
	return isList
}

func areFiles(value any) bool {
	list, isList := value.([]any)
	return isList && len(list) <= entry.MostFiles && !slices.ContainsFunc(list, func(file any) bool { return !entry.File(file) })
}

// ParseFormInput reads what a form sends for an input: one text, or of several choices
// one for each. An empty text is nil.
func ParseFormInput(input Input, texts ...string) (any, *Problem) {
	text := ""
	if len(texts) > 0 {
		text = texts[0]
	}
	trimmed := strings.TrimSpace(text)
	if input.Type == "boolean" {
		answer, ok := document.YesOrNo(trimmed)
		if !ok && trimmed != "" && trimmed != "on" {
			problem := inputProblem(input, "invalid_value", "“"+input.title()+"” must be yes or no.")
			return nil, &problem
		}
		return answer || trimmed == "on", nil
	}
	if input.Type == "choices" {
		return chosenInput(input, texts)
	}
	if trimmed == "" {
		return nil, nil
	}
	var value any
	switch input.Type {
	case "text", "long_text":
		return storableText(input, text)
	case "json":
		return jsonInput(input, text)
	case "number":
		return numberInput(input, trimmed)
	case "url":
		value = entry.Completed(trimmed)
	case "date_time":
		return momentInput(input, trimmed)
	default:
		value = trimmed
	}
	if problem := input.check(value); problem != nil {
		return nil, problem
	}
	if text, isText := value.(string); isText {
		return storableText(input, text)
	}
	return value, nil
}

// chosenInput reads several choices. Where there is one text only it may name several:
// one in each line, or with commas between.
func chosenInput(input Input, texts []string) (any, *Problem) {
	if len(texts) == 1 && !slices.Contains(input.Options, strings.TrimSpace(texts[0])) {
		separator := ","
		if strings.Contains(texts[0], "\n") {
			separator = "\n"
		}
		texts = strings.Split(texts[0], separator)
	}
	var chosen []any
	for _, text := range texts {
		if text = strings.TrimSpace(text); text != "" && !slices.Contains(chosen, any(text)) {
			chosen = append(chosen, text)
		}
	}
	if len(chosen) == 0 {
		return nil, nil
	}
	if problem := input.check(chosen); problem != nil {
		return nil, problem
	}
	return chosen, nil
}

func numberInput(input Input, text string) (any, *Problem) {
	number, either, ok := entry.Number(text)
	switch {
	case either != "":
		problem := inputProblem(input, "invalid_value", "“"+input.title()+"”: “"+text+"” can be two numbers. Write "+either+".")
		return nil, &problem
	case !ok || !document.SensibleNumber(number):
		problem := inputProblem(input, "wrong_type", "“"+input.title()+"” must be a number, such as 42 or 0.5.")
		return nil, &problem
	}
	return json.Number(number), nil
}

// momentInput reads a date with a time: as browsers send it, by the clocks of the
// input's zone.
func momentInput(input Input, text string) (any, *Problem) {
	moment, ok, exists := entry.Local(text, input.Zone())
	switch {
	case !ok:
		return nil, input.check(text)
	case !exists:
		problem := inputProblem(input, "invalid_value", "“"+input.title()+"”: the clocks of "+input.Zone().String()+" leave this time out. Choose another one.")
		return nil, &problem
	}
	return moment, nil
}

func jsonInput(input Input, text string) (any, *Problem) {
	value, problems, err := document.ReadValue([]byte(text), "")
	message := ""
	switch {
	case err != nil:
		message = err.Error()
	case len(problems) > 0:
		message = problems[0].Message
	default:
		return value, nil
	}
	if input.Label != "" {
		message = "“" + input.Label + "”: " + message
	}
	problem := inputProblem(input, "invalid_json", message)
	return nil, &problem
}

func storableText(input Input, text string) (any, *Problem) {
	if !columns.Holds(text) {
		problem := inputProblem(input, "invalid_character", "“"+input.title()+"” contains a character that cannot be stored, such as U+0000. Remove it.")
		return nil, &problem
	}
	return text, nil
}

// Example is a value that the input may have, for a try of a workflow that has never run;
// nil for a file.
func (i Input) Example() any {
	switch i.Type {
	case "number":
		return 1
	case "boolean":
		return true
	case "date":
		return "2026-12-24"
	case "time":
		return "09:00"
	case "date_time":
		return "2026-12-24T09:00:00Z"
	case "email":
		return "ada@example.com"
	case "phone":
		return "+49 30 123456"
	case "url":
		return "https://example.com"
	case "choice", "choices":
		if len(i.Options) == 0 {
			return nil
		}
		if i.Type == "choices" {
			return []any{i.Options[0]}
		}
		return i.Options[0]
	case "json":
		return map[string]any{}
	case "file", "files":
		return nil
	}
	return "Example"
}
