package editor

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"workflows/app/frame"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/workflow"
)

// asksBy parts a type of the form from how it is asked: choice:radio.
const asksBy = ":"

// looseTick is what the form calls a tick that has to be ticked in forms, while programs
// may send false: as every tick was that was required before there was another way.
const looseTick = "in_forms"

// inputKinds are the types of inputs, each with the ways in which it can be asked.
func inputKinds() []ui.Option {
	var kinds []ui.Option
	for _, option := range workflow.InputTypes() {
		radio := option.Value + asksBy + workflow.DisplayRadio
		switch option.Value {
		case "boolean":
			kinds = append(kinds, ui.Option{Value: option.Value, Label: "A box to tick"}, ui.Option{Value: radio, Label: option.Label})
		case "choice":
			kinds = append(kinds, ui.Option{Value: option.Value, Label: "Choice from a list"}, ui.Option{Value: radio, Label: "Choice by radio buttons"})
		default:
			kinds = append(kinds, ui.Option{Value: option.Value, Label: option.Label})
		}
	}
	return kinds
}

// newInput is an empty question, which has to be answered unless its author says otherwise,
// and is of the type that its label asks for. Where it asks for a time, it is by the clocks of
// its author.
func newInput(c *gin.Context) views.InputForm {
	return views.InputForm{Required: "yes", Hidden: "no", TimeZone: frame.ViewerZone(c)}
}

func inputFormOf(input workflow.Input) views.InputForm {
	form := views.InputForm{
		Name: input.Name, Was: input.Name, Type: input.Type, Label: input.Label, Help: input.Help, Required: frame.Either(input.Required, "yes", "no"),
		Default: defaultText(input), Options: strings.Join(input.Options, "\n"), Hidden: frame.Either(input.Hidden, "yes", "no"), TimeZone: input.TimeZone,
	}
	if input.Display != "" {
		form.Type += asksBy + input.Display
	}
	if input.Tick() && input.Required && !input.MustBeTrue {
		form.Required = looseTick
	}
	return form
}

// defaultText writes a default as its entry shows it: several choices with commas
// between.
func defaultText(input workflow.Input) string {
	list, isList := input.Default.([]any)
	if input.Type != "choices" || !isList {
		return rowTextOrNone(input.Default)
	}
	texts := make([]string, len(list))
	for i, item := range list {
		texts[i] = workflow.RowText(item)
	}
	return strings.Join(texts, ", ")
}

// sentInputs are the questions as they were sent, with those of the list at their end, each
// of which is like the one given.
func sentInputs(form url.Values, listed views.InputForm) []views.InputForm {
	part := func(name string, i int) string {
		if list := form["input."+name]; i < len(list) {
			return strings.TrimSpace(list[i])
		}
		return ""
	}
	var forms []views.InputForm
	for i := range min(len(form["input.name"]), maxRows) {
		forms = append(forms, views.InputForm{
			Name: part("name", i), Type: part("type", i), Label: part("label", i), Help: part("help", i), Required: part("required", i),
			Default: part("default", i), Options: part("options", i), Hidden: part("hidden", i), TimeZone: part("time_zone", i), Was: part("was", i),
		})
	}
	for _, label := range labelsIn(form.Get("inputs.list")) {
		if len(forms) < maxRows {
			listed.Label, listed.Type = label, workflow.TypeAsked(label)
			forms = append(forms, listed)
		}
	}
	return forms
}

// labelsIn are the questions of a list: one in each line, or with commas between.
func labelsIn(list string) []string {
	separator := ","
	if strings.Contains(strings.TrimSpace(list), "\n") {
		separator = "\n"
	}
	var labels []string
	for label := range strings.SplitSeq(list, separator) {
		if label = strings.TrimRight(strings.TrimLeft(strings.TrimSpace(label), "-*• \t"), ",; "); label != "" {
			labels = append(labels, label)
		}
	}
	return labels
}

func changeInputs(forms []views.InputForm, command string, added views.InputForm) []views.InputForm {
	words := strings.Fields(command)
	if len(words) == 2 && words[0] == "add" {
		return append(forms, added)
	}
	if len(words) == 3 && words[0] == "remove" {
		if i, err := strconv.Atoi(words[2]); err == nil && i >= 0 && i < len(forms) {
			return append(forms[:i:i], forms[i+1:]...)
		}
	}
	return forms
}

// dropEmpty leaves out the rows in which nothing was typed.
func dropEmpty(forms []views.InputForm) []views.InputForm {
	var kept []views.InputForm
	for _, input := range forms {
		if input.Name+input.Label+input.Help+input.Default+input.Options != "" {
			kept = append(kept, input)
		}
	}
	return kept
}

// readInputs reads the rows. A missing name is made from the label; a default that cannot
// be read is an error of its row.
func readInputs(forms []views.InputForm, d workflow.Definition) []workflow.Input {
	var inputs []workflow.Input
	taken := workflow.Definition{}
	for _, form := range forms {
		taken.Triggers = append(taken.Triggers, workflow.Trigger{ID: form.Name})
	}
	for i := range forms {
		if form := &forms[i]; form.Name == "" && form.Label != "" {
			form.Name = nameFrom(taken, form.Label)
			taken.Triggers = append(taken.Triggers, workflow.Trigger{ID: form.Name})
		}
		inputs = append(inputs, readInput(&forms[i], d))
	}
	return inputs
}

// nameFrom makes the technical name of a question from its label: one that no other has.
func nameFrom(taken workflow.Definition, label string) string {
	if plain := workflow.NewStepID(workflow.Definition{}, label); !strings.HasPrefix(plain, "step") || strings.HasPrefix(strings.ToLower(label), "step") {
		return workflow.NewStepID(taken, label)
	}
	return workflow.NewStepID(taken, "question "+label) // it begins with a digit, or has no letter that a name can have
}

func readInput(form *views.InputForm, d workflow.Definition) workflow.Input {
	if form.Type == "" {
		form.Type = workflow.TypeAsked(form.Label)
	}
	kind, display, _ := strings.Cut(form.Type, asksBy)
	input := workflow.Input{
		Name: form.Name, Type: kind, Display: display, Label: form.Label, Help: form.Help,
		Required: form.Required == "yes" || form.Required == looseTick, Hidden: form.Hidden == "yes",
	}
	input.MustBeTrue = input.Tick() && form.Required == "yes"
	if input.Chosen() {
		for option := range strings.SplitSeq(form.Options, "\n") {
			if option = strings.TrimSpace(option); option != "" {
				input.Options = append(input.Options, option)
			}
		}
	}
	if input.Type == "date_time" {
		input.TimeZone = form.TimeZone
	}
	if input.Uploaded() { // nothing can be entered beforehand
		return input
	}
	for _, before := range d.Inputs { // what was not changed keeps its value as it is
		if before.Name == input.Name && before.Type == input.Type && defaultText(before) == form.Default {
			input.Default = before.Default
			return input
		}
	}
	if form.Default == "" {
		return input
	}
	value, problem := workflow.ParseFormInput(input, form.Default)
	if problem != nil {
		form.Errors = map[string]string{"default": problem.Message}
		return input
	}
	input.Default = value
	return input
}
