package changes

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"workflows/worker/notify"
	"workflows/worker/workflow"
)

func itoa(n int) string { return strconv.Itoa(n) }

func (d *differ) inputs() {
	for _, input := range d.new.Inputs {
		if was, existed := workflow.FindInput(d.old, input.Name); existed {
			d.input(was, input)
		} else {
			d.say("A run now asks for “%s” (%s).", Called(input), strings.ToLower(inputType(input))+requiredWords(input))
		}
	}
	for _, input := range d.old.Inputs {
		if _, stays := workflow.FindInput(d.new, input.Name); !stays {
			d.say("A run no longer asks for “%s”.", Called(input))
		}
	}
	was, is := sharedInputs(d.old, d.new), sharedInputs(d.new, d.old)
	if !slices.Equal(was, is) {
		d.say("A run asks in another order: %s.", listed(callEach(d.new)))
	}
}

// Called is what people call an input; a form calls one without a label by its name.
func Called(input workflow.Input) string {
	if input.Label != "" {
		return input.Label
	}
	return strings.ReplaceAll(input.Name, "_", " ")
}

func sharedInputs(d, other workflow.Definition) []string {
	var names []string
	for _, input := range d.Inputs {
		if _, shared := workflow.FindInput(other, input.Name); shared {
			names = append(names, input.Name)
		}
	}
	return names
}

func callEach(d workflow.Definition) []string {
	var all []string
	for _, input := range d.Inputs {
		all = append(all, "“"+Called(input)+"”")
	}
	return all
}

func inputType(input workflow.Input) string {
	for _, option := range workflow.InputTypes() {
		if option.Value == input.Type {
			return option.Label
		}
	}
	return "of an unknown kind"
}

func requiredWords(input workflow.Input) string {
	if input.Required {
		return ", required"
	}
	return ""
}

func (d *differ) input(was, is workflow.Input) {
	said, of := len(d.changes), "“"+Called(is)+"”, which a run asks for,"
	if Called(was) != Called(is) {
		d.say("A run asks for “%s” by the name “%s” now.", Called(was), Called(is))
	}
	if before, after := inputType(was), inputType(is); before != after {
		d.say("%s is now of the kind “%s” instead of “%s”.", of, after, before)
	}
	d.value("What is said about “"+Called(is)+"”", d.was.plain(was.Help), d.is.plain(is.Help))
	d.either(of, was.Required, is.Required, "is required now", "may be left out now")
	d.value("What is taken for “"+Called(is)+"” when it is left out", d.was.plain(was.Default), d.is.plain(is.Default))
	d.options(Called(is), was.Options, is.Options)
	if before, after := displayWords(was), displayWords(is); before != after {
		d.say("%s is asked for %s now; before, %s.", of, after, before)
	}
	d.either(of, was.MustBeTrue, is.MustBeTrue, "must be yes now, also when a program starts the run", "may be no now when a program starts the run")
	d.either(of, was.Hidden, is.Hidden, "is hidden in a public form now, and taken from its address", "is shown in a public form now")
	if before, after := cmp.Or(was.TimeZone, "UTC"), cmp.Or(is.TimeZone, "UTC"); before != after {
		d.say("%s is meant by the clocks of %s now; before, of %s.", of, after, before)
	}
	if len(d.changes) == said && !same(was, is) {
		d.say("%s is written differently and means the same.", of)
	}
}

func (d *differ) either(of string, was, is bool, yes, no string) {
	switch {
	case was == is:
	case is:
		d.say("%s %s.", of, yes)
	default:
		d.say("%s %s.", of, no)
	}
}

func (d *differ) options(input string, was, is []string) {
	added, gone := missing(is, was), missing(was, is)
	if len(added) > 0 {
		d.say("“%s” has a further choice: %s.", input, listed(added))
	}
	if len(gone) > 0 {
		d.say("“%s” can no longer be: %s.", input, listed(gone))
	}
	if len(added)+len(gone) == 0 && !slices.Equal(was, is) {
		d.say("The choices of “%s” stand in another order: %s.", input, listed(quoted(is)))
	}
}

func missing(texts, from []string) []string {
	return quoted(slices.DeleteFunc(slices.Clone(texts), func(text string) bool { return slices.Contains(from, text) }))
}

func quoted(texts []string) []string {
	for i, text := range texts {
		texts[i] = "“" + text + "”"
	}
	return texts
}

func displayWords(input workflow.Input) string {
	switch {
	case input.Display != workflow.DisplayRadio:
		return "in the usual way"
	case input.Type == "boolean":
		return "by yes and no"
	}
	return "with all choices to be seen"
}

func (d *differ) settings() {
	was, is := d.old.Settings, d.new.Settings
	limit := func(what, before, after string) {
		if before, after := noLimit(before), noLimit(after); before != after {
			d.say("%s: %s now; before, %s.", what, after, before)
		}
	}
	limit("How long a whole run may take", was.Timeout, is.Timeout)
	if was.MaxRunning != is.MaxRunning {
		d.say("Runs at the same time: %s now; before, %s.", numberWords(is.MaxRunning), numberWords(was.MaxRunning))
	}
	if before, after := limitWords(was.OnLimit), limitWords(is.OnLimit); before != after {
		d.say("Runs over that limit now %s; before, they %s.", after, before)
	}
	if before, after := cmp.Or(was.Priority, "normal"), cmp.Or(is.Priority, "normal"); before != after {
		d.say("Its runs now have %s priority instead of %s.", after, before)
	}
	limit("How long a run may take before there is an alert", was.MaxDuration, is.MaxDuration)
	if before, after := keepWords(was.Keep), keepWords(is.Keep); before != after {
		d.say("How long runs are kept: %s now; before, %s.", after, before)
	}
	for _, deadline := range is.MustSucceedBy {
		if !slices.ContainsFunc(was.MustSucceedBy, func(w workflow.Deadline) bool { return w.Words() == deadline.Words() }) {
			d.say("A run must now have succeeded by %s.", deadline.Words())
		}
	}
	for _, deadline := range was.MustSucceedBy {
		if !slices.ContainsFunc(is.MustSucceedBy, func(i workflow.Deadline) bool { return i.Words() == deadline.Words() }) {
			d.say("A run need no longer have succeeded by %s.", deadline.Words())
		}
	}
	d.notify(was.Notify, is.Notify)
}

// notify says who is told from now on, and what is no longer so; that the list says
// nothing or names nobody is the same.
func (d *differ) notify(was, is []notify.Rule) {
	before, after := toldWords(was), toldWords(is)
	for _, sentence := range after {
		if !slices.Contains(before, sentence) {
			d.say("New: %s", sentence)
		}
	}
	for _, sentence := range before {
		if !slices.Contains(after, sentence) {
			d.say("No longer: %s", sentence)
		}
	}
}

func toldWords(rules []notify.Rule) []string {
	words := notify.Words(rules, nil)
	for i, rule := range rules {
		if rule.WebhookURL != "" && rule.WebhookSecret != "" {
			words[i] = strings.TrimSuffix(words[i], ".") + ", signed with the secret " + rule.WebhookSecret + "."
		}
	}
	return words
}

func noLimit(length string) string {
	if length == "" {
		return "no limit"
	}
	return durationWords(length)
}

func keepWords(keep *workflow.Keep) string {
	return workflow.KeepWords(keep, "as long as everywhere in this installation")
}

func numberWords(n int) string {
	if n == 0 {
		return "no limit"
	}
	return "at most " + itoa(n)
}

func limitWords(onLimit string) string {
	switch onLimit {
	case "skip":
		return "are left out"
	case "reject":
		return "are refused"
	}
	return "wait their turn"
}
