package changes

import (
	"cmp"
	"slices"
	"strings"

	"workflows/worker/schedule"
	"workflows/worker/workflow"
)

func (d *differ) triggers() {
	for _, trigger := range d.new.Triggers {
		was, existed := workflow.FindTrigger(d.old, trigger.ID)
		switch {
		case !existed || was.Type != trigger.Type:
			d.say("It now starts %s.", begins(trigger)+addressOf(trigger))
		default:
			d.trigger(was, trigger)
		}
	}
	for _, trigger := range d.old.Triggers {
		if is, stays := workflow.FindTrigger(d.new, trigger.ID); !stays || is.Type != trigger.Type {
			d.say("It no longer starts %s.", begins(trigger))
		}
	}
}

// begins says when a trigger starts the workflow, to stand within a sentence.
func begins(t workflow.Trigger) string {
	words := StartWords(t)
	return strings.ToLower(words[:1]) + words[1:]
}

// addressOf says of a trigger with an address that it is one of its own.
func addressOf(t workflow.Trigger) string {
	if t.Addressed() {
		return "; it gets an address of its own"
	}
	return ""
}

// StartWords say in a sentence without its full stop when a trigger starts the workflow.
func StartWords(t workflow.Trigger) string {
	switch t.Type {
	case "webhook":
		return workflow.WebhookSentence(t)
	case "form":
		return "When somebody fills in its public form"
	}
	if rule, problems := schedule.Parse(t); len(problems) == 0 {
		return rule.Sentence()
	}
	if t.Cron+t.Every+t.At == "" && len(t.Times) == 0 {
		return "At no time yet"
	}
	return "At times that cannot be read"
}

func (d *differ) trigger(was, is workflow.Trigger) {
	said := len(d.changes)
	if before, after := begins(was), begins(is); before != after {
		d.say("It now starts %s; before: %s.", after, before)
	}
	switch is.Type {
	case "webhook":
		d.webhook(was, is)
	case "form":
		d.fields("The public form: ", workflow.PublicFormFields(), workflow.PublicFormConfig(was), workflow.PublicFormConfig(is))
		d.switched("The public form", was, is)
	default:
		d.planned(was, is)
	}
	if len(d.changes) == said && !same(was, is) {
		d.say("What says that it starts %s is written differently now.", begins(is))
	}
}

func (d *differ) switched(what string, was, is workflow.Trigger) {
	if was.Disabled != is.Disabled {
		d.say("%s is switched %s.", what, onOff(!is.Disabled))
	}
}

// planned are the rules of a schedule that its sentence does not say.
func (d *differ) planned(was, is workflow.Trigger) {
	of := "The schedule “" + begins(is) + "”"
	d.switched(of, was, is)
	if before, after := missedWords(was.Missed), missedWords(is.Missed); before != after {
		d.say("%s: of the times that were missed, %s now; before, %s.", of, after, before)
	}
	if before, after := ageWords(was.MissedMaxAge), ageWords(is.MissedMaxAge); before != after {
		d.say("%s: %s now; before, %s.", of, after, before)
	}
	if before, after := overlapWords(was.Overlap), overlapWords(is.Overlap); before != after {
		d.say("%s: while a run of it is still going on, %s now; before, %s.", of, after, before)
	}
	if begins(was) != begins(is) {
		return // which says the rest
	}
	if before, after := cmp.Or(was.Calendar, "none"), cmp.Or(is.Calendar, "none"); before != after {
		d.say("%s: the calendar of its free days is now “%s” instead of “%s”.", of, after, before)
	}
	if was, is := was.FreeDays == schedule.FreeDaysMove, is.FreeDays == schedule.FreeDaysMove; was != is {
		d.say("%s: what falls on a free day %s now; before, it %s.", of, freeDayWords(is), freeDayWords(was))
	}
}

func missedWords(missed string) string {
	switch missed {
	case schedule.MissedSkip:
		return "none is made up for"
	case schedule.MissedAll:
		return "all are made up for"
	}
	return "the latest is made up for"
}

func ageWords(age string) string {
	if age == "" {
		return "missed times are made up for however old they are"
	}
	return "nothing is made up for that is older than " + durationWords(age)
}

func overlapWords(overlap string) string {
	switch overlap {
	case schedule.OverlapQueue:
		return "the next one waits for its end"
	case schedule.OverlapAllow:
		return "the next one starts all the same"
	case schedule.OverlapReplace:
		return "the next one ends it and takes its place"
	}
	return "the next one is left out"
}

func freeDayWords(moves bool) string {
	if moves {
		return "moves to the next working day"
	}
	return "is left out"
}

// webhook says what changes in who may call and what is answered.
func (d *differ) webhook(was, is workflow.Trigger) {
	of := "The webhook"
	if webhooks := slices.DeleteFunc(slices.Clone(d.new.Triggers), func(t workflow.Trigger) bool { return t.Type != "webhook" }); len(webhooks) > 1 {
		at := slices.IndexFunc(webhooks, func(t workflow.Trigger) bool { return t.ID == is.ID })
		of += " " + itoa(at+1)
	}
	fields := workflow.WebhookFields()
	i := slices.IndexFunc(fields, func(f workflow.Field) bool { return f.Name == "disabled" })
	d.fields(of+": ", slices.Delete(fields, i, i+1), shownConfig(was), shownConfig(is))
	d.switched(of, was, is)
}

// shownConfig is a webhook's form, what is signed in words.
func shownConfig(t workflow.Trigger) map[string]any {
	if t.HMAC != nil {
		scheme := *t.HMAC
		scheme.Text = strings.NewReplacer("{body}", "[the content]", "{time}", "[the time]", "{url}", "[the address]").Replace(cmp.Or(scheme.Text, "{body}"))
		t.HMAC = &scheme
	}
	config := workflow.WebhookConfig(t)
	delete(config, "disabled")
	return config
}
