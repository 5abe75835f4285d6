// Package workflow is the vocabulary: what a workflow's definition says, what a
// step type is, and what the words for states and outcomes are. It is pure: it
// reads no clock, no database and no network.
package workflow

import (
	"workflows/worker/document"
	"workflows/worker/notify"
	"workflows/worker/senders"
)

// Format is the version of the definition document that this program writes.
const Format = 1

// Limits of a definition, checked by Parse and Check.
const (
	MaxSteps      = 200
	MaxNameLength = 255     // characters
	MaxBytes      = 1 << 20 // of the whole document
	MaxDeadlines  = 5
)

// Definition is one version of a workflow: the same document in the API, in
// export and in the database.
type Definition struct {
	Format      int       `json:"format"`
	Name        string    `json:"name"`
	Description string    `json:"description,omitempty"`
	Inputs      []Input   `json:"inputs,omitempty"`
	Triggers    []Trigger `json:"triggers,omitempty"`
	Steps       []Step    `json:"steps"`
	Settings    Settings  `json:"settings,omitzero"`
}

// Input is one value that a person or program gives when starting a run.
type Input struct {
	Name     string   `json:"name"`
	Type     string   `json:"type"` // see InputTypes
	Label    string   `json:"label,omitempty"`
	Help     string   `json:"help,omitempty"`
	Required bool     `json:"required,omitempty"`
	Default  any      `json:"default,omitempty"`
	Options  []string `json:"options,omitempty"` // of a choice or several
	// Display is how forms ask: radio for a choice or a boolean.
	Display string `json:"display,omitempty"`
	// MustBeTrue has programs send true for a boolean that is required. In a form its
	// box has to be ticked anyway.
	MustBeTrue bool `json:"must_be_true,omitempty"`
	// Hidden inputs are not shown in a public form, but taken from its address.
	Hidden bool `json:"hidden,omitempty"`
	// TimeZone is that by whose clocks forms ask for a date_time; UTC when empty.
	TimeZone string `json:"time_zone,omitempty"`
}

// Trigger is a way in which a workflow starts besides by hand.
type Trigger struct {
	ID       string `json:"id"`
	Type     string `json:"type"` // schedule webhook form
	Cron     string `json:"cron,omitempty"`
	Every    string `json:"every,omitempty"`
	At       string `json:"at,omitempty"` // RFC 3339
	TimeZone string `json:"time_zone,omitempty"`
	Missed   string `json:"missed,omitempty"`  // latest (default) skip all
	Overlap  string `json:"overlap,omitempty"` // skip (default) queue allow replace
	// MissedMaxAge is how old a missed time may be and still be made up for.
	MissedMaxAge string `json:"missed_max_age,omitempty"`
	// StartDate and EndDate are the first and the last day, such as 2026-12-01, in
	// the schedule's zone.
	StartDate string `json:"start_date,omitempty"`
	EndDate   string `json:"end_date,omitempty"`
	// Jitter is by how much each start may be delayed, so that many do not fall on
	// the same second.
	Jitter string `json:"jitter,omitempty"`
	// Times are the times of the day, such as 09:00 and 16:30, in place of those of the
	// cron line, which then says the days only and may be left out.
	Times []string `json:"times,omitempty"`
	// MonthDay picks one day of each month: last_day first_business_day last_business_day,
	// or business_day_3 for the third one.
	MonthDay string `json:"month_day,omitempty"`
	// WeekdayOfMonth picks one too: first mon, second tue … fifth fri, last sun.
	WeekdayOfMonth string `json:"weekday_of_month,omitempty"`
	// DayInterval, WeekInterval and MonthInterval leave out all but every so manieth day,
	// week (from Monday on) or month, counted from that of StartDate.
	DayInterval   int `json:"day_interval,omitempty"`
	WeekInterval  int `json:"week_interval,omitempty"`
	MonthInterval int `json:"month_interval,omitempty"`
	// Calendar names the calendar of free days; FreeDays says what becomes of times
	// on them: skip (default) or move, to the next working day.
	Calendar string `json:"calendar,omitempty"`
	FreeDays string `json:"free_days,omitempty"`
	// NotBetween are hours of the day, such as 22:00-06:00, in which nothing is planned, as
	// the clocks of TimeZone show them.
	NotBetween []string `json:"not_between,omitempty"`
	// Disabled schedules plan nothing; disabled webhooks take nothing.
	Disabled bool `json:"disabled,omitempty"`
	// Signature is how a webhook knows who calls: one of senders.All; none when "". Secret
	// names the secret that it goes by, and VerifySecret the one that some senders send
	// when they ask whether the address is ours.
	Signature    string `json:"signature,omitempty"`
	Secret       string `json:"secret,omitempty"`
	VerifySecret string `json:"verify_secret,omitempty"`
	// HMAC is how signatures of one's own are made; with the signature hmac.
	HMAC *senders.Scheme `json:"hmac,omitempty"`
	// Filter says which deliveries start a run; the others are kept and start none.
	Filter *Filter `json:"filter,omitempty"`
	// Respond says what a webhook answers with: accepted (default), at once, or output or
	// answer: it waits up to 25 s for what the run gives, and writes it as it is, or as
	// Answer says.
	Respond string         `json:"respond,omitempty"`
	Answer  *WebhookAnswer `json:"answer,omitempty"`
	// SameWithin is for how long the same content again is the same delivery where its
	// sender says nothing of it; "" is never.
	SameWithin string `json:"same_within,omitempty"`
	// CORS names the web sites whose pages may call a webhook from a browser.
	CORS *CORS `json:"cors,omitempty"`
	// RatePerMinute is how many deliveries are taken in a minute; 6000 when 0.
	RatePerMinute int `json:"rate_per_minute,omitempty"`
	// Thanks is what a public form says once it was sent; Redirect is where it leads
	// then instead: an https address.
	Thanks   string `json:"thanks,omitempty"`
	Redirect string `json:"redirect,omitempty"`
}

// Filter are conditions on what a webhook was sent.
type Filter struct {
	Match      string      `json:"match,omitempty"` // all (default) any
	Conditions []Condition `json:"conditions"`
}

// Step is one step with its own nested steps, if its type has any.
type Step struct {
	ID      string         `json:"id"`
	Type    string         `json:"type"`
	Name    string         `json:"name,omitempty"`
	Config  map[string]any `json:"config,omitempty"` // numbers are json.Number
	Retry   *Retry         `json:"retry,omitempty"`
	Timeout string         `json:"timeout,omitempty"`  // of one attempt; 60s
	OnError string         `json:"on_error,omitempty"` // fail (default) continue
	// OnUnknown says what becomes of an attempt that may have acted when its worker
	// was lost or stopped: wait for a person's decision (default), repeat or fail.
	OnUnknown string `json:"on_unknown,omitempty"`
	// Disabled steps are passed over, with the steps inside them.
	Disabled bool   `json:"disabled,omitempty"`
	Then     []Step `json:"then,omitempty"`
	Else     []Step `json:"else,omitempty"`
	Do       []Step `json:"do,omitempty"`
}

// Retry says how often a failed step is tried and how long to wait in between.
// Without it a step has one attempt.
type Retry struct {
	MaxAttempts int    `json:"max_attempts"`
	Backoff     string `json:"backoff,omitempty"`   // fixed (default) exponential
	Delay       string `json:"delay,omitempty"`     // 10s
	MaxDelay    string `json:"max_delay,omitempty"` // of exponential; 10m
}

// Settings are the rules for a whole run.
type Settings struct {
	Timeout    string `json:"timeout,omitempty"` // 1h
	MaxRunning int    `json:"max_running,omitempty"`
	OnLimit    string `json:"on_limit,omitempty"` // queue (default) skip reject
	Priority   string `json:"priority,omitempty"` // normal (default) high low
	// MaxDuration is how long a run should take at most: a longer one goes on, and
	// raises an alert.
	MaxDuration string `json:"max_duration,omitempty"`
	// MustSucceedBy are deadlines at each of which a run must have succeeded, at
	// most MaxDeadlines.
	MustSucceedBy []Deadline `json:"must_succeed_by,omitempty"`
	// Notify says who is told of what. An empty list is nobody; nil is what the
	// installation does by itself, which is to tell nobody.
	Notify []notify.Rule `json:"notify,omitzero"`
	// Keep says how long runs are kept; nil is as everywhere in the installation.
	Keep *Keep `json:"keep,omitzero"`
}

// Deadline is a time of the day by which a run must have succeeded since the
// deadline before, or within 24 hours if that was longer ago.
type Deadline struct {
	Time     string `json:"time"`           // 07:00
	Days     []int  `json:"days,omitempty"` // weekdays, 0 is Sunday; every day when empty
	TimeZone string `json:"time_zone,omitempty"`
	Calendar string `json:"calendar,omitempty"` // there is no deadline on its free days
}

// Problem is one thing wrong with a definition, at the field that it belongs to.
type Problem = document.Problem
