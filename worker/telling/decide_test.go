package telling

import (
	"strings"
	"testing"
	"time"

	"workflows/models/told"
	"workflows/worker/moment"
	"workflows/worker/notify"
)

// evening is 21:30 in Berlin, half an hour before it gets quiet.
var evening = time.Date(2026, 11, 28, 20, 30, 0, 0, time.UTC)

// night goes on from look to look as the messenger does, without a database.
type night struct {
	*testing.T
	now      time.Time
	incident told.Incident
	tells    tells
	last     []told.Message
	said     []string // "22:00 anna@example.com 3"
}

func (n *night) happens(times int64) {
	n.incident.Number += times
	n.incident.LastAt = n.now
	if now := n.now; n.incident.LookAt == nil || n.incident.LookAt.After(now) {
		n.incident.LookAt = &now
	}
}

// until lets time pass; whoever looks does so when somebody is to look.
func (n *night) until(at time.Time) {
	for n.incident.LookAt != nil && !n.incident.LookAt.After(at) {
		if n.incident.LookAt.After(n.now) {
			n.now = *n.incident.LookAt
		}
		messages, next := decide(n.incident, n.tells, n.last, n.now)
		for _, m := range messages {
			n.said = append(n.said, n.now.Format("15:04 ")+m.address+" "+grouped(m.number))
			n.last = append(n.last, told.Message{IncidentID: &n.incident.ID, Event: n.incident.Event, Channel: m.channel, Recipient: m.address, Until: n.incident.Number, CreatedAt: n.now})
		}
		n.incident.LookAt = next
	}
	n.now = at
}

func TestQuietHoursHoldAMessageBackUntilTheirEndAndForTheirRecipientsOnly(t *testing.T) {
	n := &night{T: t, now: evening, incident: told.Incident{ID: "i", Event: notify.Failed, FirstAt: evening}, tells: tells{zone: time.UTC, rules: []notify.Rule{
		{On: []string{"failed"}, Email: []string{"anna@example.com"}, Quiet: "22:00-07:00", TimeZone: "Europe/Berlin"},
		{On: []string{"failed"}, Email: []string{"guard@example.com", "anna@example.com"}},
	}}}
	n.happens(1) // 20:30 UTC
	n.until(evening.Add(10 * time.Minute))
	n.happens(5)
	n.until(evening.Add(2 * time.Hour))
	n.happens(7) // 22:30 UTC
	n.until(evening.Add(14 * time.Hour))
	// By hand: both at once at 20:30; five more after an hour for the guard, at 21:30; seven
	// more at 22:30. For Anna 21:30 is quiet (22:30 in Berlin), until 06:00 UTC: 5 + 7.
	want := "20:30 anna@example.com 1, 20:30 guard@example.com 1, 21:30 guard@example.com 5, 22:30 guard@example.com 7, 06:00 anna@example.com 12"
	if got := strings.Join(n.said, ", "); got != want {
		t.Errorf("\n%s instead of\n%s", got, want)
	}
}

func TestQuietHoursWithoutAZoneGoByTheFirstSchedule(t *testing.T) {
	zone, err := moment.LoadZone("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	n := &night{T: t, now: time.Date(2026, 11, 29, 3, 30, 0, 0, time.UTC), incident: told.Incident{ID: "i", Event: notify.Failed}, tells: tells{zone: zone, rules: []notify.Rule{
		{On: []string{"failed"}, ChatSecret: "TEAM", Quiet: "22:00-07:00"},
	}}}
	n.happens(1) // 22:30 in New York
	n.until(n.now.Add(24 * time.Hour))
	if got := strings.Join(n.said, ", "); got != "12:00 TEAM 1" {
		t.Error(got)
	}
}

func TestMessageThatHasNotLeftYetIsNotFollowedByAnother(t *testing.T) {
	due := evening
	n := &night{T: t, now: evening, incident: told.Incident{ID: "i", Event: notify.Failed, Number: 5}, tells: tells{zone: time.UTC, rules: []notify.Rule{{On: []string{"failed"}, Email: []string{"a@example.com"}}}}}
	n.last = []told.Message{{IncidentID: &n.incident.ID, Event: notify.Failed, Channel: told.Email, Recipient: "a@example.com", Until: 1, CreatedAt: evening.Add(-5 * time.Hour), DueAt: &due}}
	messages, next := decide(n.incident, n.tells, n.last, evening)
	if len(messages) != 0 || next == nil || next.Sub(evening) != unsentPause {
		t.Errorf("%+v, next %v", messages, next)
	}
	n.last[0].DueAt = nil
	if messages, _ := decide(n.incident, n.tells, n.last, evening); len(messages) != 1 || messages[0].number != 4 {
		t.Errorf("%+v", messages)
	}
}

func TestWorksAgainIsToldToThoseWhoKnowOfTheFailure(t *testing.T) {
	rules := []notify.Rule{
		{On: []string{"failed", "recovered"}, Email: []string{"knows@example.com", "asleep@example.com", "knows_both@example.com"}},
		{On: []string{"recovered"}, Email: []string{"only_good_news@example.com"}},
	}
	failure, recovery := "f", "r"
	message := func(incident *string, event, to string, at time.Time) told.Message {
		return told.Message{IncidentID: incident, Event: event, Channel: told.Email, Recipient: to, Until: 1, CreatedAt: at}
	}
	last := []told.Message{
		message(&failure, notify.Failed, "knows@example.com", evening), message(&failure, notify.Failed, "knows_both@example.com", evening),
		message(&recovery, notify.Recovered, "knows_both@example.com", evening.Add(time.Minute)),
	}
	got, next := decide(told.Incident{ID: recovery, Event: notify.Recovered, Number: 2}, tells{zone: time.UTC, rules: rules}, last, evening.Add(2*time.Minute))
	var to []string
	for _, m := range got {
		to = append(to, m.address)
	}
	if strings.Join(to, " ") != "knows@example.com only_good_news@example.com" || next != nil {
		t.Errorf("%v, next %v", to, next)
	}
}
