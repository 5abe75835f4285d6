package workflow

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"workflows/worker/document"
	"workflows/worker/notify"
)

// Diff says in sentences what changes between two versions of a workflow, in
// document order; nothing when they mean the same.
func Diff(old, new Definition, types Types) []string {
	d := &differ{old: old, new: new, types: types}
	if old.Name != new.Name {
		d.say("The workflow is now called “%s” instead of “%s”.", new.Name, old.Name)
	}
	if old.Description != new.Description {
		d.say("The description changes.")
	}
	d.inputs()
	d.triggers()
	d.steps()
	d.settings()
	return d.sentences
}

type differ struct {
	old, new  Definition
	types     Types
	sentences []string
}

func (d *differ) say(format string, args ...any) {
	d.sentences = append(d.sentences, fmt.Sprintf(format, args...))
}

func (d *differ) inputs() {
	before := map[string]Input{}
	for _, input := range d.old.Inputs {
		before[input.Name] = input
	}
	for _, input := range d.new.Inputs {
		was, existed := before[input.Name]
		delete(before, input.Name)
		if !existed {
			d.say("The input “%s” is added.", input.title())
		} else if !same(was, input) {
			d.say("The input “%s” changes.", input.title())
		}
	}
	for _, input := range d.old.Inputs {
		if _, gone := before[input.Name]; gone {
			d.say("The input “%s” is removed.", input.title())
		}
	}
}

func (d *differ) triggers() {
	before := map[string]Trigger{}
	for _, trigger := range d.old.Triggers {
		before[trigger.ID] = trigger
	}
	for _, trigger := range d.new.Triggers {
		was, existed := before[trigger.ID]
		delete(before, trigger.ID)
		if !existed {
			d.say("The trigger “%s” is added: %s.", trigger.ID, trigger.words())
		} else if was.words() != trigger.words() {
			d.say("The trigger “%s” changes to %s, from %s.", trigger.ID, trigger.words(), was.words())
		} else if !same(was, trigger) && trigger.Type == "webhook" {
			d.say("The rules of the webhook “%s” change: who may call it, what it takes, or what it answers.", trigger.ID)
		} else if !same(was, trigger) && trigger.Type == "form" {
			d.say("The rules of the public form “%s” change: what it says or where it leads once it was sent, or how often it is taken.", trigger.ID)
		} else if !same(was, trigger) {
			d.say("The rules of the trigger “%s” for missed and overlapping times, for days or for its spread change.", trigger.ID)
		}
	}
	for _, trigger := range d.old.Triggers {
		if _, gone := before[trigger.ID]; gone {
			d.say("The trigger “%s” is removed.", trigger.ID)
		}
	}
}

func (t Trigger) words() string {
	words := t.Type
	switch {
	case t.Cron != "":
		words += " “" + t.Cron + "”"
	case t.Every != "":
		words += " every " + t.Every
	case t.At != "":
		words += " at " + t.At
	}
	if len(t.Times) > 0 {
		words += " at " + strings.Join(t.Times, ", ")
	}
	if t.TimeZone != "" {
		words += " in " + t.TimeZone
	}
	return words
}

func (d *differ) settings() {
	was, is := d.old.Settings, d.new.Settings
	limit := func(text string) string {
		if text == "" {
			return "no limit"
		}
		return durationOr(text, "")
	}
	if was.Timeout != is.Timeout {
		d.say("A whole run may now take: %s (before: %s).", limit(is.Timeout), limit(was.Timeout))
	}
	if was.MaxRunning != is.MaxRunning {
		d.say("Runs at the same time: %s (before: %s).", numberOrNone(is.MaxRunning), numberOrNone(was.MaxRunning))
	}
	if before, after := limitWords(was.OnLimit), limitWords(is.OnLimit); before != after {
		d.say("Runs over the limit now %s instead of %s.", after, before)
	}
	if before, after := cmp.Or(was.Priority, "normal"), cmp.Or(is.Priority, "normal"); before != after {
		d.say("Its runs now have %s priority instead of %s.", after, before)
	}
	if was.MaxDuration != is.MaxDuration {
		d.say("A run that takes too long raises an alert: %s (before: %s).", limit(is.MaxDuration), limit(was.MaxDuration))
	}
	if !same(was.MustSucceedBy, is.MustSucceedBy) {
		d.say("A run must have succeeded by: %s (before: %s).", deadlineWords(is.MustSucceedBy), deadlineWords(was.MustSucceedBy))
	}
	d.notify(was.Notify, is.Notify)
}

// notify says who is told from now on, and what is no longer so; that the list says nothing
// or names nobody is the same.
func (d *differ) notify(was, is []notify.Rule) {
	before, after := notify.Words(was, nil), notify.Words(is, nil)
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
	if slices.Equal(before, after) && !same(was, is) && len(was)+len(is) > 0 {
		d.say("How the web addresses that are told are called changes.")
	}
}

func deadlineWords(deadlines []Deadline) string {
	if len(deadlines) == 0 {
		return "no deadline"
	}
	words := make([]string, len(deadlines))
	for i, deadline := range deadlines {
		words[i] = deadline.Words()
	}
	return strings.Join(words, "; ")
}

func limitWords(onLimit string) string {
	switch onLimit {
	case "skip":
		return "are skipped"
	case "reject":
		return "are refused"
	}
	return "wait their turn"
}

func numberOrNone(n int) string {
	if n == 0 {
		return "no limit"
	}
	return itoa(n)
}

func same(a, b any) bool { return bytes.Equal(document.JSON(a), document.JSON(b)) }
