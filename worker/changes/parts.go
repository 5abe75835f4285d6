package changes

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"workflows/worker/schedule"
	"workflows/worker/workflow"
)

// Part is one part of a definition: what it is called and what it is, "" for nothing.
type Part struct{ Label, Words string }

// Words say what one definition is, part by part, in the same words as what changes.
type Words struct {
	of    side
	types workflow.Types
}

// Words are those for a definition.
func (n Naming) Words(d workflow.Definition) Words { return Words{newSide(d, d, n), n.NamedTypes()} }

// Workflow is what stands in the definition itself: its name, its description.
func (w Words) Workflow(d workflow.Definition, part string) Part {
	return map[string]Part{
		"name":        {"Name of the workflow", d.Name},
		"description": {"Description", unquoted(w.of.plain(d.Description))},
		"format":      {"Format of the document", itoa(d.Format)},
	}[part]
}

// Step is a part of a step, such as timeout, or config.url.
func (w Words) Step(step workflow.Step, part string) Part {
	name, isConfig := strings.CutPrefix(part, "config.")
	if !isConfig {
		return map[string]Part{
			"type":       {"Kind", cmp.Or(w.types[step.Type].Title, "a kind that this version does not know")},
			"name":       {"Name", step.Name},
			"retry":      {"Tries", triedWords(step.Retry)},
			"timeout":    {"Longest time", lengthOr(step.Timeout, "60s")},
			"on_error":   {"When it fails, the run", onError(step.OnError == "continue")},
			"on_unknown": {"When it is not known whether it acted", unknownWords(step.OnUnknown)},
			"disabled":   {"Switched off", yesNo(step.Disabled)},
		}[part]
	}
	if field, known := w.types[step.Type].Field(name); known {
		return Part{field.Label, w.of.alone(field, w.types[step.Type].Fields, step.Config)}
	}
	return Part{"A setting that this version does not know", unquoted(w.of.plain(step.Config[name]))}
}

// Sentence says what a step does.
func (w Words) Sentence(step workflow.Step) string {
	return workflow.InWords(workflow.StepSentence(step, w.types), w.of.titles)
}

// Input is a part of what a run asks for, such as its label.
func (w Words) Input(input workflow.Input, part string) Part {
	return map[string]Part{
		"type":         {"Kind", inputType(input)},
		"label":        {"Label", input.Label},
		"help":         {"What is said about it", unquoted(w.of.plain(input.Help))},
		"required":     {"Required", yesNo(input.Required)},
		"default":      {"What is taken when it is left out", unquoted(w.of.plain(input.Default))},
		"options":      {"Choices", strings.Join(input.Options, "\n")},
		"display":      {"How it is asked for", displayWords(input)},
		"must_be_true": {"Must be yes, also when a program starts the run", yesNo(input.MustBeTrue)},
		"hidden":       {"Hidden in a public form, and taken from its address", yesNo(input.Hidden)},
		"time_zone":    {"By whose clocks it is meant", cmp.Or(input.TimeZone, "UTC")},
	}[part]
}

// Trigger is a part of what starts the workflow; when is all that says at which times.
func (w Words) Trigger(t workflow.Trigger, part string) Part {
	fields, config := workflow.WebhookFields(), shownConfig(t)
	switch {
	case part == "when", part == "type":
		return Part{"When it starts", StartWords(t)}
	case part == "disabled":
		return Part{"Switched off", yesNo(t.Disabled)}
	case t.Type == "schedule":
		return plannedPart(t, part)
	case t.Type == "form":
		fields, config = workflow.PublicFormFields(), workflow.PublicFormConfig(t)
	case part == "filter":
		part = "conditions"
	case part == "cors":
		part = "origins"
	}
	i := slices.IndexFunc(fields, func(field workflow.Field) bool { return field.Name == part })
	if i < 0 {
		return Part{}
	}
	return Part{fields[i].Label, w.of.alone(fields[i], fields, config)}
}

func plannedPart(t workflow.Trigger, part string) Part {
	return map[string]Part{
		"time_zone":      {"Time zone", t.TimeZone},
		"missed":         {"Of the times that were missed", missedWords(t.Missed)},
		"missed_max_age": {"How old they may be", ageWords(t.MissedMaxAge)},
		"overlap":        {"While a run of it is still going on", overlapWords(t.Overlap)},
		"start_date":     {"From", dayWords(t.StartDate)},
		"end_date":       {"Until", dayWords(t.EndDate)},
		"jitter":         {"Delayed by at most", lengthOr(t.Jitter, "0s")},
		"calendar":       {"Calendar of its free days", cmp.Or(t.Calendar, "none")},
		"not_between":    {"Not between", strings.ReplaceAll(strings.Join(t.NotBetween, "\n"), "-", " and ")},
		"free_days":      {"What falls on a free day", freeDayWords(t.FreeDays == schedule.FreeDaysMove)},
	}[part]
}

func dayWords(day string) string {
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return at.Format("2 January 2006")
}

// Settings is a part of the rules for a whole run.
func (w Words) Settings(s workflow.Settings, part string) Part {
	deadlines := make([]string, len(s.MustSucceedBy))
	for i, deadline := range s.MustSucceedBy {
		deadlines[i] = deadline.Words()
	}
	return map[string]Part{
		"timeout":         {"How long a whole run may take", noLimit(s.Timeout)},
		"max_running":     {"Runs at the same time", numberWords(s.MaxRunning)},
		"on_limit":        {"Runs over the limit", limitWords(s.OnLimit)},
		"priority":        {"Priority of its runs", cmp.Or(s.Priority, "normal")},
		"max_duration":    {"How long a run may take before there is an alert", noLimit(s.MaxDuration)},
		"keep":            {"How long runs are kept", keepWords(s.Keep)},
		"must_succeed_by": {"A run must have succeeded by", strings.Join(deadlines, "\n")},
		"notify":          {"Who is told", strings.Join(toldWords(s.Notify), "\n")},
	}[part]
}

// alone is a field as it stands by itself and not in a sentence.
func (s side) alone(field workflow.Field, siblings []workflow.Field, config map[string]any) string {
	return unquoted(s.filled(field, siblings, config, "\n"))
}
