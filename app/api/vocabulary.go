package api

import (
	"strings"

	"workflows/worker/engine"
	"workflows/worker/notify"
	"workflows/worker/senders"
	"workflows/worker/workflow"
)

// vocabulary describes the fields of a definition, since package workflow is the
// vocabulary itself and carries no tags of ours, and those whose words stand in a
// list elsewhere.
func (a *API) vocabulary() map[string]object {
	return map[string]object{
		"RunTrigger.type":          choice("What started it.", append(engine.TriggerTypes(), engine.TriggerTry)...),
		"BulkFilter.status":        several("Only runs in this state, or in one of several, in a list or in a text with commas between them", workflow.RunStates()...),
		"BulkFilter.waiting_for":   choice("Only runs that wait for this.", workflow.WaitReasons()...),
		"BulkFilter.trigger":       choice("Only runs that were started this way.", engine.TriggerTypes()...),
		"Definition.format":        {"description": "The version of this document; 1."},
		"Definition.description":   {"description": "What the workflow is for."},
		"Definition.inputs":        {"description": "The values that starting a run asks for."},
		"Definition.triggers":      {"description": "Ways to start besides by hand."},
		"Definition.steps":         {"description": "Executed in this order."},
		"Input.name":               {"description": "What {{ input.NAME }} refers to."},
		"Input.type":               choice("What may be given. email, phone, url, date (2026-12-24), time (18:30) and date_time (RFC 3339) are texts; choices is a list of texts; a file is {name, type, size, data} with data in base64 or null, at most 1 MB, and files a list of at most 10.", optionValues(workflow.InputTypes())...),
		"Input.required":           {"description": "Something must be given: of a boolean true or false. In a form, a tick that is required must be ticked."},
		"Input.options":            {"description": "What a choice, or several choices, offer."},
		"Input.display":            choice("How forms ask: by radio buttons instead of a list for a choice, instead of a tick for a boolean.", workflow.DisplayRadio),
		"Input.must_be_true":       {"description": "Of a boolean that is required: false is refused, from programs too, with the code must_be_true."},
		"Input.hidden":             {"description": "Not shown in a public form, but taken from its address: ?name=value. Whoever fills in the form can change it."},
		"Input.time_zone":          {"description": "IANA, such as Europe/Berlin: by its clocks forms ask for a date_time; UTC when absent."},
		"Trigger.id":               {"description": "Lower-case letters, digits and _; unique in the workflow, those of steps included."},
		"Trigger.type":             choice("The kind of trigger.", "schedule", "webhook", "form"),
		"Trigger.cron":             {"description": "Five fields, or @hourly, @daily, @weekly, @monthly. One of cron, every and at is given, or times alone. Both day fields must match where one of them begins with *, else either is enough."},
		"Trigger.every":            {"description": "A length of time such as 15m, at least 1m."},
		"Trigger.at":               {"description": "One time, RFC 3339."},
		"Trigger.time_zone":        {"description": "IANA, such as Europe/Berlin; UTC when absent."},
		"Trigger.missed":           choice("What becomes of times that nobody was there to start; latest when absent.", "latest", "skip", "all"),
		"Trigger.overlap":          choice("What happens while the run before is not final; skip when absent.", "skip", "queue", "allow", "replace"),
		"Trigger.missed_max_age":   {"description": "How old a missed time may be and still be made up for, such as 2h."},
		"Trigger.start_date":       {"description": "The first day, such as 2026-12-01, in the time zone."},
		"Trigger.end_date":         {"description": "The last day."},
		"Trigger.jitter":           {"description": "By how much each start may be delayed, such as 5m."},
		"Trigger.times":            {"description": "Times of the day, such as 09:00 and 16:30, in place of those of the cron line, which then only says the days and may be left out."},
		"Trigger.month_day":        {"description": "One day of each month, for which the cron line leaves the days open: last_day, first_business_day, last_business_day, or business_day_1 to business_day_20."},
		"Trigger.weekday_of_month": {"description": "One day of each month, for which the cron line leaves the days open: first, second, third, fourth, fifth or last, and sun, mon … sat, such as first mon."},
		"Trigger.day_interval":     {"description": "Only every so manieth day, counted from start_date."},
		"Trigger.week_interval":    {"description": "Only every so manieth week, counted from that of start_date; weeks begin on Monday."},
		"Trigger.month_interval":   {"description": "Only every so manieth month, counted from that of start_date; a day of the month is given."},
		"Trigger.calendar":         {"description": "The name of a calendar of free days."},
		"Trigger.free_days":        choice("What becomes of times on free days; skip when absent.", "skip", "move"),
		"Trigger.not_between":      {"description": "Hours of the day such as 22:00-06:00, in which nothing is planned, by the clocks of the time zone. The first minute is in them, the last is not. Not with at."},
		"Trigger.disabled":         {"description": "Switched off: nothing is planned, nothing is taken."},
		"Trigger.signature":        choice("Who calls a webhook, and by that how it knows them; none when absent.", optionValues(workflow.Signatures())...),
		"Trigger.secret":           {"description": "The name of the secret that the signature is made with, or that is the token."},
		"Trigger.verify_secret":    {"description": "The name of the secret that holds the verify token, with the signature meta."},
		"Trigger.hmac":             {"description": "How signatures of one's own are made, with the signature hmac."},
		"Scheme.header":            {"description": "The header that holds the signature."},
		"Scheme.before":            {"description": "What stands in the header before the signature, such as sha256=."},
		"Scheme.encoding":          choice("How the signature is written; hex when absent.", senders.Encodings()...),
		"Scheme.algorithm":         choice("The hash of the HMAC; sha256 when absent.", senders.Algorithms()...),
		"Scheme.text":              {"description": "What is signed: {body}, {time} and {url} with any text between them; {body} when absent."},
		"Scheme.time_header":       {"description": "The header that holds the time, in seconds or milliseconds since 1970; beside the signature as t=… when absent."},
		"Scheme.tolerance":         {"description": "By how much the time may differ from now; 5m when absent."},
		"Trigger.filter":           {"description": "Which deliveries start a run."},
		"Trigger.respond":          choice("What a webhook answers with: at once that it has accepted, or the run's output or an answer made of it, for which it waits up to 25 s; accepted when absent.", "accepted", "output", "answer"),
		"Trigger.answer":           {"description": "An answer of the webhook's own: at once, or with respond answer made of the run."},
		"Trigger.same_within":      {"description": "For how long, such as 10m, the same content again is the same delivery where its sender says nothing of it; never when absent."},
		"Trigger.cors":             {"description": "The web sites whose pages may call a webhook from a browser and see the answer. Where there are some, those of others are refused."},
		"CORS.origins":             {"description": "Each such as https://www.example.com; at most 20."},
		"WebhookAnswer.status":     {"description": "200, 201 or 202. When absent 202, and 200 for an answer made of the run."},
		"WebhookAnswer.type":       choice("What kind of text it is; json when absent.", workflow.AnswerTypes()...),
		"WebhookAnswer.text":       {"description": "The text. At once it may insert {{ run.id }}, with respond answer also {{ run.output }} and its parts, and {{ run.status }}. When absent it is JSON with the run's id."},
		"Trigger.rate_per_minute":  {"description": "How many deliveries are taken in a minute, a third of them at once; 6000 when absent."},
		"Trigger.thanks":           {"description": "What a public form says once it was sent, at most 2000 characters."},
		"Trigger.redirect":         {"description": "Where a public form leads once it was sent, instead of saying something: an https address, as it stands here."},
		"Filter.match":             choice("Whether all conditions must hold or one; all when absent.", "all", "any"),
		"Filter.conditions":        {"description": "As those of a condition step; their references may name {{ trigger.body.… }}, {{ trigger.headers.… }} and {{ trigger.query.… }}. What is not there is empty."},
		"Condition.value":          {"description": "What is looked at. A condition has value, operator and other, or is a group and has match and conditions."},
		"Condition.operator":       choice("How it is compared.", optionValues(workflow.Operators())...),
		"Condition.other":          {"description": "What it is compared with; absent for operators that look at one value."},
		"Condition.match":          choice("Of a group: whether all of its conditions must hold or one; all when absent.", "all", "any"),
		"Condition.conditions":     {"description": "The conditions of a group, which may be nested 5 deep; 100 conditions in all."},
		"Step.id":                  {"description": "What {{ steps.ID.… }} refers to: lower-case letters, digits and _; unique in the workflow."},
		"Step.type":                choice("What the step does.", a.stepTypes()...),
		"Step.config":              {"description": "The step's settings, which depend on its type: HttpRequestConfig for http_request, and so on. Texts may hold references such as {{ input.order_id }}."},
		"Step.timeout":             {"description": "How long one attempt may take, such as 30s; 60s when absent. Of a for_each it bounds all its items, of a run_workflow the wait for the other run; these have no limit when it is absent."},
		"Step.on_error":            choice("What a failure does to the run; fail when absent.", "fail", "continue"),
		"Step.on_unknown":          choice("What becomes of an attempt that may have acted outside when its worker was lost or stopped: a person decides, it is run again, or it fails; wait when absent.", "wait", "repeat", "fail"),
		"Step.disabled":            {"description": "Passed over, with the steps inside it; references to what it would give are null."},
		"Step.then":                {"description": "Steps for when a condition holds."},
		"Step.else":                {"description": "Steps for when it does not."},
		"Step.do":                  {"description": "Steps that a for_each does for each item; they insert it as {{ item }} and its number, from 0, as {{ index }}."},
		"Retry.max_attempts":       {"description": "1 to 50, the first one included."},
		"Retry.backoff":            choice("How the wait grows; fixed when absent.", "fixed", "exponential"),
		"Retry.delay":              {"description": "The wait before the second attempt; 10s when absent."},
		"Retry.max_delay":          {"description": "The longest wait of an exponential back-off; 10m when absent."},
		"Settings.timeout":         {"description": "How long a run may take in all, such as 1h."},
		"Settings.max_running":     {"description": "How many runs may be unfinished at once, those that wait included; 0 is no limit."},
		"Settings.on_limit":        choice("What happens to runs beyond the limit: they wait their turn, are cancelled at once, or are refused with 429; queue when absent.", "queue", "skip", "reject"),
		"Settings.priority":        choice("Which runs workers take first; normal when absent.", "high", "normal", "low"),
		"Settings.max_duration":    {"description": "How long a run should take at most, such as 30m, waits included. A longer one goes on, and raises an alert."},
		"Settings.must_succeed_by": {"description": "Deadlines by each of which a run must have succeeded since the one before, within 24 hours at most; else an alert is raised. At most 5."},
		"Settings.notify":          {"description": "Who is told of what. Absent: nobody, as an empty list says too. At most 10 entries."},
		"Settings.keep":            {"description": "How long runs are kept after they ended. Absent: as everywhere in the installation."},
		"Keep.days":                {"description": "For how many days, 1 to 3650; as everywhere in the installation when absent."},
		"Keep.failed_days":         {"description": "For how many days those that failed, 1 to 3650; as the others when absent."},
		"Keep.last":                {"description": "How many of the newest stay however old they are, at most 10000; it removes none."},
		"Rule.on":                  {"description": "Of what: failed (a run failed), recovered (a run succeeded after that was told), overdue (no run had succeeded by a deadline), missed (a planned time did not run), late (no worker takes a planned time up), slow (a run takes longer than max_duration), waiting (a run waits for a person). Of each cause the first time at once, then at most once an hour with the number.", "items": object{"type": "string", "enum": anyOf(notify.Events())}},
		"Rule.email":               {"description": "E-mail addresses, at most 50."},
		"Rule.chat_secret":         {"description": "The name of the secret that holds the address of a chat, as for chat_message."},
		"Rule.webhook_url":         {"description": "An address that is called with POST and JSON: {type, timestamp, data}."},
		"Rule.webhook_secret":      {"description": "The name of the secret with which that call is signed as Standard Webhooks says; it is not signed when absent."},
		"Rule.quiet":               {"description": "Hours such as 22:00-07:00. What happens in them is told at their end, in one message."},
		"Rule.time_zone":           {"description": "IANA, of the quiet hours and of times in messages; that of the first schedule when absent, else UTC."},
		"Deadline.time":            {"description": "Hour and minute, such as 07:00."},
		"Deadline.days":            {"description": "Weekdays, 0 is Sunday; every day when absent."},
		"Deadline.time_zone":       {"description": "IANA, such as Europe/Berlin; UTC when absent."},
		"Deadline.calendar":        {"description": "The name of a calendar on whose free days there is no deadline."},
	}
}

func choice(description string, options ...string) object {
	return object{"description": description, "enum": anyOf(options)}
}

// several is a list of the options, or a text.
func several(description string, options ...string) object {
	list := object{"type": "array", "minItems": 1, "items": object{"type": "string", "enum": anyOf(options)}}
	description += ": " + strings.Join(options, ", ") + "."
	return object{"description": description, "nullable": false, "oneOf": []any{object{"type": "string"}, list}}
}

func anyOf(options []string) []any {
	values := []any{}
	for _, option := range options {
		values = append(values, option)
	}
	return values
}

func (a *API) stepTypes() []string {
	var names []string
	for _, step := range a.Types.List() {
		names = append(names, step.Name)
	}
	return names
}

func optionValues(options []workflow.Option) []string {
	values := make([]string, len(options))
	for i, option := range options {
		values[i] = option.Value
	}
	return values
}
