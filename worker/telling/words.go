package telling

import (
	"cmp"
	"context"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/told"
	"workflows/worker/document"
	"workflows/worker/notify"
)

// maxSubject is how long a subject is, in characters.
const maxSubject = 200

// clocksOf are the clocks by which a message tells times: those of its recipient, of what says
// that they are told, of the workflow's first schedule, or of the installation.
func clocksOf(ctx context.Context, tx *gorm.DB, to message, t tells) (_ *time.Location, err error) {
	zone := ""
	if to.channel == told.Email {
		if zone, err = models.ZoneOf(ctx, tx, to.address); err != nil {
			return nil, err
		}
	}
	zone = cmp.Or(zone, to.rule.TimeZone)
	if zone == "" && !t.scheduled {
		if zone, err = models.ZoneOfHouse(ctx, tx); err != nil {
			return nil, err
		}
	}
	return notify.Rule{TimeZone: zone}.Zone(t.zone), nil
}

// written is the message as it is sent, and sent again: its words do not change any more.
func (m *Messenger) written(to message, i told.Incident, t tells, zone *time.Location, now time.Time) told.Message {
	w := words{message: to, incident: i, tells: t, zone: zone, baseURL: m.BaseURL}
	stored := told.Message{
		ID: models.NewID(), IncidentID: &i.ID, WorkflowID: &i.WorkflowID, Event: i.Event, Channel: to.channel, Recipient: to.address, SigningSecret: to.secret,
		Until: i.Number, Over: i.OverAt != nil, Subject: w.subject(), Text: w.text(), CreatedAt: now, DueAt: &now,
	}
	if to.channel == told.Webhook {
		stored.Text = string(w.json(now))
	}
	return stored
}

// words are what is said of an incident to one of those who are told.
type words struct {
	message
	tells
	incident told.Incident
	zone     *time.Location
	baseURL  string
}

func (w words) subject() string { return cutSubject(w.headline()) }

func cutSubject(headline string) string {
	line := []rune(headline)
	return string(line[:min(len(line), maxSubject)])
}

func (w words) headline() string {
	name := "“" + oneLine(w.name) + "” "
	switch w.incident.Event {
	case notify.Failed:
		if w.number > 1 {
			return name + "has failed " + times(w.number)
		}
		return name + "has failed"
	case notify.Recovered:
		return name + "works again"
	case notify.Overdue:
		return name + "has not succeeded in time"
	case notify.Missed:
		return name + "did not run when it was planned"
	case notify.Late:
		return name + "is late: no worker has taken it up"
	case notify.Slow:
		return name + "takes longer than it should"
	case notify.Waiting:
		return name + "waits for a person"
	}
	return name + w.incident.Event
}

func (w words) text() string {
	lines := []string{w.first(), ""}
	if w.incident.Sentence != "" {
		lines = append(lines, strings.TrimSpace(w.incident.Sentence), "")
	}
	if count := w.count(); count != "" {
		lines = append(lines, count, "")
	}
	if w.incident.OverAt != nil {
		lines = append(lines, "It works again: a run has succeeded since.", "")
	}
	lines = append(lines, w.links()...)
	if w.incident.Event == notify.Failed && w.incident.OverAt == nil {
		lines = append(lines, "", w.promise())
	}
	return strings.Join(lines, "\n") + "\n"
}

// first is what has happened, in a sentence.
func (w words) first() string {
	name, at := "“"+oneLine(w.name)+"”", w.moment(w.incident.LastAt)
	switch w.incident.Event {
	case notify.Failed:
		if w.incident.StepName != "" {
			return "“" + oneLine(w.incident.StepName) + "” of " + name + " failed on " + at + ":"
		}
		return name + " failed on " + at + ":"
	case notify.Recovered:
		return name + " works again: a run has succeeded since the last failure."
	case notify.Waiting:
		return "“" + oneLine(w.incident.StepName) + "” of " + name + " waits for somebody since " + at + "."
	}
	return w.headline() + "."
}

// count says how often, where it was more than once.
func (w words) count() string {
	switch {
	case w.number < 2 || w.incident.Event == notify.Recovered:
		return ""
	case w.since.IsZero():
		return "It has happened " + times(w.number) + " since " + w.moment(w.incident.FirstAt) + "."
	}
	return "It has happened " + times(w.number) + " since the last message, of " + w.moment(w.since) + "."
}

func (w words) links() []string {
	var lines []string
	if w.incident.RunID != nil {
		lines = append(lines, "The run: "+w.baseURL+"/runs/"+*w.incident.RunID+"#step") // on which its page opens
	}
	if w.incident.Event == notify.Failed && w.number > 1 {
		lines = append(lines, "All runs that failed: "+w.baseURL+"/runs?status=failed&workflow_id="+w.workflowID)
	}
	return append(lines, "The workflow: "+w.baseURL+"/workflows/"+w.workflowID)
}

func (w words) promise() string {
	sentence := "While it goes on failing there is at most one message an hour."
	for _, r := range recipients(w.rules, notify.Recovered) {
		if r.channel == w.channel && r.address == w.address {
			sentence += " When it works again you are told."
		}
	}
	return sentence
}

// json is what a web address is called with: a webhook as Standard Webhooks writes them.
func (w words) json(now time.Time) []byte {
	i := w.incident
	data := map[string]any{
		"workflow_id": w.workflowID, "workflow_name": w.name, "event": i.Event, "title": w.headline(), "message": i.Sentence, "step_name": i.StepName,
		"count": w.number, "first_at": stamp(i.FirstAt), "last_at": stamp(i.LastAt), "works_again": i.OverAt != nil || i.Event == notify.Recovered,
		"workflow_url": w.baseURL + "/workflows/" + w.workflowID, "run_id": nil, "run_url": nil,
	}
	if i.RunID != nil {
		data["run_id"], data["run_url"] = *i.RunID, w.baseURL+"/runs/"+*i.RunID
	}
	return document.JSON(map[string]any{"type": "workflow." + i.Event, "timestamp": stamp(now), "data": data})
}

func stamp(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000000Z") }

func (w words) moment(at time.Time) string {
	return at.In(w.zone).Format("2 January 2006, 15:04") + " (" + w.zone.String() + ")"
}

func times(n int64) string {
	if n == 2 {
		return "twice"
	}
	return grouped(n) + " times"
}

// grouped writes 12345 as 12,345.
func grouped(n int64) string {
	text := strconv.FormatInt(n, 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
