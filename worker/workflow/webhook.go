package workflow

import (
	"slices"

	"workflows/worker/document"
)

// Signatures by which a webhook knows who calls.
const (
	SignatureNone     = "none"
	SignatureStandard = "standard_webhooks"
	SignatureGitHub   = "github"
	SignatureStripe   = "stripe"
	SignatureSlack    = "slack"
	SignatureToken    = "token"
)

// What a webhook answers with.
const (
	RespondAccepted = "accepted"
	RespondOutput   = "output"
)

// Rate limits of a webhook, in deliveries a minute.
const (
	DefaultRate = 6000
	// FormRate is that of a public form, which people fill in.
	FormRate = 60
	maxRate  = 60_000
)

// Signatures lists the presets with their names for people.
func Signatures() []Option {
	return []Option{
		{SignatureNone, "Not signed"},
		{SignatureToken, "Token in a header"},
		{SignatureStandard, "Standard Webhooks"},
		{SignatureGitHub, "GitHub"},
		{SignatureStripe, "Stripe"},
		{SignatureSlack, "Slack"},
	}
}

// Signed reports whether callers must prove that they know the secret.
func (t Trigger) Signed() bool { return t.Signature != "" && t.Signature != SignatureNone }

// ofWebhook and ofSchedule name the fields that are set and belong to that type.
func (t Trigger) ofWebhook() []string {
	return given(map[string]bool{
		"signature": t.Signature != "", "secret": t.Secret != "", "filter": t.Filter != nil, "respond": t.Respond != "", "rate_per_minute": t.RatePerMinute != 0,
	})
}

func (t Trigger) ofSchedule() []string {
	return given(map[string]bool{
		"cron": t.Cron != "", "every": t.Every != "", "at": t.At != "", "time_zone": t.TimeZone != "", "missed": t.Missed != "", "overlap": t.Overlap != "",
		"missed_max_age": t.MissedMaxAge != "", "start_date": t.StartDate != "", "end_date": t.EndDate != "", "jitter": t.Jitter != "",
		"month_day": t.MonthDay != "", "calendar": t.Calendar != "", "free_days": t.FreeDays != "",
	})
}

func given(fields map[string]bool) []string {
	var names []string
	for name, set := range fields {
		if set {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func (c *checking) notFor(path, what string, names []string) {
	for _, name := range names {
		c.add(path+"."+name, "not_applicable", "“%s” has no meaning for %s. Remove it.", name, what)
	}
}

// form checks a public form: people without an account fill in the workflow's
// inputs there.
func (c *checking) form(path string, t Trigger) {
	c.notFor(path, "a form", t.ofSchedule())
	c.notFor(path, "a form", slices.DeleteFunc(t.ofWebhook(), func(name string) bool { return name == "rate_per_minute" }))
	c.rate(path, t)
}

func (c *checking) rate(path string, t Trigger) {
	if t.RatePerMinute < 0 || t.RatePerMinute > maxRate {
		c.add(path+".rate_per_minute", "out_of_range", "Use a number from 1 to %d.", maxRate)
	}
}

// Addressed reports whether the trigger has an address of its own.
func (t Trigger) Addressed() bool { return t.Type == "webhook" || t.Type == "form" }

func (c *checking) webhook(path string, t Trigger) {
	c.notFor(path, "a webhook", t.ofSchedule())
	c.choice(path+".signature", t.Signature, optionValues(Signatures())...)
	c.choice(path+".respond", t.Respond, RespondAccepted, RespondOutput)
	c.rate(path, t)
	switch {
	case t.Signed() && t.Secret == "":
		c.addIncomplete(path+".secret", "Choose the secret that both sides know.")
	case !t.Signed() && t.Secret != "":
		c.add(path+".secret", "not_applicable", "A webhook that nobody signs needs no secret. Choose a signature, or remove it.")
	}
	if t.Filter != nil {
		c.filter(path+".filter", *t.Filter)
	}
}

func (c *checking) filter(path string, f Filter) {
	c.choice(path+".match", f.Match, "all", "any")
	if len(f.Conditions) == 0 {
		c.addIncomplete(path+".conditions", "Add at least one condition, or remove the filter.")
		return
	}
	conditions := plainConditions(f.Conditions)
	c.problems = append(c.problems, checkConditions(path+".conditions", conditions)...)
	walkTexts(conditions, path+".conditions", func(at, text string) {
		if _, err := References(text); err != nil {
			c.unreadable(at, err)
		}
		for _, reference := range Used(text) {
			if reference.Root != "trigger" {
				c.add(at, "unknown_reference", "A filter knows only what was sent, such as {{ trigger.body.type }}; not “%s”.", document.Shorten(reference.Text, 60))
			}
		}
	})
}

// plainConditions are conditions as a step's config holds them.
func plainConditions(conditions []Condition) []any {
	list := make([]any, len(conditions))
	for i, condition := range conditions {
		if condition.Grouped() {
			parts := map[string]any{"conditions": plainConditions(condition.Conditions)}
			if condition.Match != "" {
				parts["match"] = condition.Match
			}
			list[i] = parts
			continue
		}
		parts := map[string]any{"value": condition.Value, "operator": condition.Operator}
		if condition.Other != nil {
			parts["other"] = condition.Other
		}
		list[i] = parts
	}
	return list
}

// Passes reports whether what a webhook was sent starts a run; if not, which
// condition, from 1, decides that. What a condition looks for and does not find
// is empty. One that cannot be decided matters only where none is true that would
// be enough.
func (f Filter) Passes(trigger map[string]any) (passes bool, condition int, err error) {
	judge := Judge{Patient: true, Holds: func(c Condition) (bool, error) {
		c.Value, c.Other = sentValue(c.Value, trigger), sentValue(c.Other, trigger)
		return c.Holds()
	}}
	passes, condition, err = judge.Decide(f.Match, f.Conditions)
	if err != nil {
		err = sentence("Condition %d of the filter cannot be decided: %s", condition, err)
	}
	return passes, condition, err
}

func sentValue(value any, trigger map[string]any) any {
	found, err := newResolver(Scope{Trigger: trigger}, maxInserted).resolve(value)
	if err != nil {
		return nil
	}
	return found
}
