package workflow

import (
	"slices"

	"workflows/worker/document"
)

const maxInputs, maxTriggers, maxOptions = 100, 50, 500

// inputs checks the values that a run is started with.
func (c *checking) inputs() {
	if len(c.definition.Inputs) > maxInputs {
		c.add("inputs", "too_many", "A workflow has at most %d inputs.", maxInputs)
		return
	}
	seen := map[string]bool{}
	for i, input := range c.definition.Inputs {
		path := document.Item("inputs", i)
		switch {
		case input.Name == "":
			c.add(path+".name", "required", "Give it a name, such as order_id.")
		case !isID(input.Name):
			c.add(path+".name", "invalid_name", "“%s” cannot be a name. Use a small letter followed by small letters, digits and _, at most %d characters.", document.Shorten(input.Name, 70), maxIDLength)
		case seen[input.Name]:
			c.add(path+".name", "duplicate_name", "The name “%s” is taken already. Choose another one.", input.Name)
		}
		seen[input.Name] = true
		c.input(path, input)
	}
}

func (c *checking) input(path string, input Input) {
	types := optionValues(InputTypes())
	if input.Type == "" {
		c.add(path+".type", "required", "Choose a type: %s.", joinOr(types))
		return
	}
	c.choice(path+".type", input.Type, types...)
	if !slices.Contains(types, input.Type) {
		return
	}
	switch {
	case input.Chosen() && len(input.Options) == 0:
		c.addIncomplete(path+".options", "List what one can choose from in “"+input.title()+"”.")
		return
	case !input.Chosen() && len(input.Options) > 0:
		c.add(path+".options", "not_applicable", "Only a choice has options. Remove them, or change the type.")
	case len(input.Options) > maxOptions:
		c.add(path+".options", "too_many", "A choice has at most %d options.", maxOptions)
	}
	c.asking(path, input)
	seen := map[string]bool{}
	for i, option := range input.Options {
		switch {
		case isEmpty(option):
			c.add(document.Item(path+".options", i), "required", "An option cannot be empty. Remove it.")
		case seen[option]:
			c.add(document.Item(path+".options", i), "duplicate_value", "“%s” is listed twice. Remove one.", document.Shorten(option, 60))
		}
		seen[option] = true
	}
	if input.Default == nil {
		return
	}
	if input.Uploaded() {
		c.add(path+".default", "not_applicable", "A file cannot be given beforehand. Remove it.")
		return
	}
	if problem := input.check(input.Default); problem != nil {
		c.add(path+".default", problem.Code, "%s", problem.Message)
	}
}

// asking checks how forms and programs are asked for an input.
func (c *checking) asking(path string, input Input) {
	c.choice(path+".display", input.Display, DisplayRadio)
	switch {
	case input.Display == DisplayRadio && input.Type != "choice" && input.Type != "boolean":
		c.add(path+".display", "not_applicable", "Only a choice, or a yes or no, has radio buttons. Remove this, or change the type.")
	case input.MustBeTrue && (input.Type != "boolean" || !input.Required || input.Display != ""):
		c.add(path+".must_be_true", "not_applicable", "Only a tick that is required must be true: a yes or no that is required, and without radio buttons.")
	case input.Hidden && input.Uploaded():
		c.add(path+".hidden", "not_applicable", "A file cannot stand in the address of a form. Show it, or change its type.")
	case input.Hidden && input.Required && input.Tick():
		c.add(path+".hidden", "not_applicable", "A tick that is required cannot be hidden: nobody could tick it.")
	}
	switch _, err := LoadZone(input.TimeZone); {
	case input.TimeZone == "":
	case input.Type != "date_time":
		c.add(path+".time_zone", "not_applicable", "Only a date with a time has a time zone. Remove it, or change the type.")
	case err != nil:
		c.add(path+".time_zone", "unknown_time_zone", "There is no time zone “%s”. Use a name such as Europe/Berlin.", document.Shorten(input.TimeZone, 60))
	}
}

// triggers checks in which ways the workflow starts by itself.
func (c *checking) triggers() {
	if len(c.definition.Triggers) > maxTriggers {
		c.add("triggers", "too_many", "A workflow has at most %d triggers.", maxTriggers)
		return
	}
	for i, trigger := range c.definition.Triggers {
		path := document.Item("triggers", i)
		c.id(path+".id", trigger.ID, "what starts the workflow")
		switch trigger.Type {
		case "":
			c.add(path+".type", "required", "Choose how the workflow starts: schedule, webhook or form.")
		case "schedule":
			c.schedule(path, trigger)
		case "webhook":
			c.webhook(path, trigger)
		case "form":
			c.form(path, trigger)
		default:
			c.add(path+".type", "unknown_type", "There is no trigger type “%s”.%s", document.Shorten(trigger.Type, 40), document.DidYouMean(trigger.Type, []string{"schedule", "webhook", "form"}))
		}
	}
}

func (c *checking) schedule(path string, trigger Trigger) {
	c.notFor(path, "a schedule", trigger.ofWebhook())
	c.notFor(path, "a schedule", trigger.ofForm())
	var problems []Problem
	if c.Trigger != nil {
		problems = c.Trigger(trigger)
	}
	c.addUnder(path, problems)
	said := func(name string) bool {
		return slices.ContainsFunc(problems, func(p Problem) bool { return p.Path == name })
	}
	if !said("missed") {
		c.choice(path+".missed", trigger.Missed, "latest", "skip", "all")
	}
	if !said("overlap") {
		c.choice(path+".overlap", trigger.Overlap, "skip", "queue", "allow", "replace")
	}
}
