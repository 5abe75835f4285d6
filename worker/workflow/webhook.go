package workflow

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"workflows/worker/entry"
	"workflows/worker/senders"
)

// What a webhook answers with.
const (
	RespondAccepted = "accepted"
	RespondOutput   = "output"
	RespondAnswer   = "answer"
)

// maxThanks is how long the words of thanks of a form may be, in characters.
const maxThanks = 2000

// Rate limits of a webhook, in deliveries a minute.
const (
	DefaultRate = 6000
	// FormRate is that of a public form, which people fill in.
	FormRate = 60
	maxRate  = 60_000
)

// Signatures lists the senders that a webhook may be for, as a form offers them.
func Signatures() []Option {
	var options []Option
	for _, s := range senders.All() {
		options = append(options, Option{s.Name, cmp.Or(s.Choice, s.Label)})
	}
	return options
}

// Sender is who calls a webhook; none where this program does not know them.
func (t Trigger) Sender() senders.Sender {
	sender, known := senders.Named(t.Signature)
	if !known {
		return senders.Sender{}
	}
	return sender
}

// Signed reports whether callers must prove that they know the secret.
func (t Trigger) Signed() bool { return t.Sender().Verify != nil }

// Scheme is how signatures of one's own are made.
func (t Trigger) Scheme() senders.Scheme {
	if t.HMAC == nil {
		return senders.Scheme{}
	}
	return *t.HMAC
}

// ofWebhook and ofSchedule name the fields that are set and belong to that type.
func (t Trigger) ofWebhook() []string {
	return given(map[string]bool{
		"signature": t.Signature != "", "secret": t.Secret != "", "verify_secret": t.VerifySecret != "", "hmac": t.HMAC != nil, "filter": t.Filter != nil, "respond": t.Respond != "", "answer": t.Answer != nil, "same_within": t.SameWithin != "", "cors": t.CORS != nil, "rate_per_minute": t.RatePerMinute != 0,
	})
}

func (t Trigger) ofSchedule() []string {
	return given(map[string]bool{
		"cron": t.Cron != "", "every": t.Every != "", "at": t.At != "", "time_zone": t.TimeZone != "", "missed": t.Missed != "", "overlap": t.Overlap != "",
		"missed_max_age": t.MissedMaxAge != "", "start_date": t.StartDate != "", "end_date": t.EndDate != "", "jitter": t.Jitter != "",
		"month_day": t.MonthDay != "", "times": len(t.Times) > 0, "weekday_of_month": t.WeekdayOfMonth != "",
		"day_interval": t.DayInterval != 0, "week_interval": t.WeekInterval != 0, "month_interval": t.MonthInterval != 0, "calendar": t.Calendar != "", "free_days": t.FreeDays != "",
		"not_between": len(t.NotBetween) > 0,
	})
}

func (t Trigger) ofForm() []string {
	return given(map[string]bool{"thanks": t.Thanks != "", "redirect": t.Redirect != ""})
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
	switch {
	case utf8.RuneCountInString(t.Thanks) > maxThanks:
		c.add(path+".thanks", "too_long", "Say it in at most %d characters.", maxThanks)
	case t.Thanks != "" && t.Redirect != "":
		c.add(path+".redirect", "not_applicable", "A form either says something once it was sent, or leads to an address. Remove one of the two.")
	}
	if t.Redirect != "" && entry.Onward(t.Redirect) == "" {
		c.add(path+".redirect", "invalid_value", "Enter a whole address that begins with https://, such as https://example.com/thanks. Nothing is inserted into it.")
	}
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
	c.notFor(path, "a webhook", t.ofForm())
	c.choice(path+".signature", t.Signature, optionValues(Signatures())...)
	c.choice(path+".respond", t.Respond, RespondAccepted, RespondOutput, RespondAnswer)
	c.answer(path+".answer", t)
	c.duration(path+".same_within", t.SameWithin, time.Second, day)
	c.origins(path+".cors.origins", t.Origins())
	c.rate(path, t)
	c.sender(path, t)
	if t.Filter != nil {
		c.filter(path+".filter", *t.Filter)
	}
}

// ProvesSender reports whether a header of this name says who sends: a password, a
// signature or the like. It may be checked and is neither kept nor shown.
func ProvesSender(header string) bool {
	header = strings.ToLower(header)
	return slices.ContainsFunc([]string{"auth", "token", "secret", "signature", "hmac", "api-key", "apikey", "cookie", "password"}, func(word string) bool {
		return strings.Contains(header, word)
	})
}

var headerName = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")

// isHeaderName reports whether a header of a request can be called so.
func isHeaderName(name string) bool { return len(name) <= 100 && headerName.MatchString(name) }

// sender checks what a webhook says about who calls it.
func (c *checking) sender(path string, t Trigger) {
	sender, known := senders.Named(t.Signature)
	if !known {
		return // said already
	}
	switch {
	case sender.Secret != "" && t.Secret == "":
		c.addIncomplete(path+".secret", "Choose the secret that both sides know.")
	case sender.Secret == "" && t.Secret != "":
		c.add(path+".secret", "not_applicable", "A webhook that nobody signs needs no secret. Choose a signature, or remove it.")
	}
	switch {
	case sender.Token != "" && t.VerifySecret == "":
		c.addIncomplete(path+".verify_secret", "Choose the secret that holds "+sender.Token+".")
	case sender.Token == "" && t.VerifySecret != "":
		c.add(path+".verify_secret", "not_applicable", "This sender has no token of that kind. Remove it.")
	}
	switch {
	case sender.Name == senders.Own:
		c.scheme(path+".hmac", t.Scheme())
	case t.HMAC != nil:
		c.add(path+".hmac", "not_applicable", "Only a webhook with the signature “%s” describes how it is signed. Remove it.", senders.Own)
	}
}

func (c *checking) scheme(path string, s senders.Scheme) {
	switch {
	case s.Header == "":
		c.addIncomplete(path+".header", "Enter the header that holds the signature, such as X-Signature.")
	case !isHeaderName(s.Header):
		c.add(path+".header", "invalid_value", "That is not the name of a header. Write it as X-Signature.")
	}
	c.choice(path+".encoding", s.Encoding, senders.Encodings()...)
	c.choice(path+".algorithm", s.Algorithm, senders.Algorithms()...)
	if len(s.Before) > 100 {
		c.add(path+".before", "too_long", "Use at most 100 characters.")
	}
	if wrong := s.WrongText(); wrong != "" {
		c.add(path+".text", "invalid_value", "%s", wrong)
	} else if len(s.Text) > 200 {
		c.add(path+".text", "too_long", "Use at most 200 characters.")
	}
	if s.TimeIn != "" && !isHeaderName(s.TimeIn) {
		c.add(path+".time_header", "invalid_value", "That is not the name of a header. Write it as X-Timestamp.")
	}
	c.duration(path+".tolerance", s.Tolerance, time.Second, day)
	if !s.Timed() && s.TimeIn+s.Tolerance != "" {
		c.add(path+".text", "invalid_value", "The time is not signed. Write {time} where it stands in what is signed, or remove its header and by how much it may differ.")
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
				c.add(at, "unknown_reference", "A filter knows only what was sent, and not “%s”. Choose something under “Insert data”.", c.called(reference))
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
