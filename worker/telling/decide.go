package telling

import (
	"slices"
	"strings"
	"time"

	"workflows/models/told"
	"workflows/worker/notify"
)

const (
	// pause is the shortest time between two messages of one cause to one of those told.
	pause = time.Hour
	// unsentPause is when somebody looks again whether the message before has left: two of
	// one cause do not wait one behind the other.
	unsentPause = time.Minute
)

// recipient is one of those who are told of an event, and by which rule.
type recipient struct {
	channel, address, secret string
	rule                     notify.Rule
}

// recipients are those who are told of an event, each once.
func recipients(rules []notify.Rule, event string) []recipient {
	var all []recipient
	add := func(r recipient) {
		if r.address != "" && !slices.ContainsFunc(all, func(other recipient) bool { return other.channel == r.channel && other.address == r.address }) {
			all = append(all, r)
		}
	}
	for _, rule := range rules {
		if !slices.Contains(rule.On, event) {
			continue
		}
		for _, address := range rule.Email {
			add(recipient{channel: told.Email, address: strings.ToLower(address), rule: rule})
		}
		add(recipient{channel: told.Chat, address: rule.ChatSecret, rule: rule})
		add(recipient{channel: told.Webhook, address: rule.WebhookURL, secret: rule.WebhookSecret, rule: rule})
	}
	return all
}

// message is what somebody is to be told now.
type message struct {
	recipient
	number int64     // of times that it has happened since they were told last
	since  time.Time // when they were told last; zero is never
}

// decide says whom is told now of an incident, and when somebody has to look again; last
// are the newest messages of the workflow to each of those told, one of each incident.
func decide(i told.Incident, t tells, last []told.Message, now time.Time) (messages []message, next *time.Time) {
	later := func(at time.Time) {
		if next == nil || at.Before(*next) {
			next = &at
		}
	}
	for _, r := range recipients(t.rules, i.Event) {
		before := newest(last, r, func(m told.Message) bool { return *m.IncidentID == i.ID })
		recovered := newest(last, r, func(m told.Message) bool { return m.Event == notify.Recovered })
		if i.Event == notify.Recovered && !knowsOfFailure(t.rules, r, last, recovered) {
			continue
		}
		number := i.Number - max(i.Settled, before.Until)
		if number <= 0 || i.Event == notify.Failed && recovered.CreatedAt.After(i.LastAt) { // then that has told it too
			continue
		}
		if before.DueAt != nil {
			later(now.Add(unsentPause))
			continue
		}
		if again := before.CreatedAt.Add(pause); i.Event != notify.Recovered && again.After(now) {
			later(again)
			continue
		}
		if until, quiet := r.rule.QuietUntil(now, r.rule.Zone(t.zone)); quiet {
			later(until)
			continue
		}
		messages = append(messages, message{recipient: r, number: number, since: before.CreatedAt})
	}
	return messages, next
}

// newest is the newest of some messages to one of those told; a zero one where there is
// none.
func newest(last []told.Message, r recipient, which func(told.Message) bool) (found told.Message) {
	for _, m := range last {
		if m.IncidentID != nil && m.Channel == r.channel && m.Recipient == r.address && which(m) && m.CreatedAt.After(found.CreatedAt) {
			found = m
		}
	}
	return found
}

// knowsOfFailure reports whether somebody was told of a failure, and not yet that it is
// over. Who is told of no failures may be told all the same.
func knowsOfFailure(rules []notify.Rule, r recipient, last []told.Message, recovered told.Message) bool {
	failures := []string{notify.Failed, notify.Overdue}
	asked := slices.ContainsFunc(failures, func(event string) bool {
		return slices.ContainsFunc(recipients(rules, event), func(other recipient) bool { return other.channel == r.channel && other.address == r.address })
	})
	failure := newest(last, r, func(m told.Message) bool { return slices.Contains(failures, m.Event) })
	return !asked || !failure.Over && failure.CreatedAt.After(recovered.CreatedAt)
}
