// Package asking tells those whom a question names, by e-mail. The engine stores an
// e-mail to each with the question itself; any number of workers send what is due, and
// a row changes hands by compare-and-set. A worker that dies in the middle leaves a
// trace: the next one sends the e-mail once more under the same Message-ID, and the
// question's page says that it may have come twice.
//
// Nothing here decides a question or knows a run: who may answer is the engine's, and
// where a link leads app/pages.
package asking

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/runs"
	"workflows/worker/outage"
	"workflows/worker/resend"
	"workflows/worker/secrets"
	"workflows/worker/workflow"
)

const (
	// every is the time between two looks.
	every = 2 * time.Second
	// sendTime bounds one e-mail, also while the worker stops; lease is after how long
	// another worker takes for lost who has begun one.
	sendTime = 20 * time.Second
	lease    = time.Minute
	atOnce   = 20
	roundFor = 10 * time.Second // for the database
)

// Send sends one e-mail. The same key is the same e-mail, however often it is sent. A
// *workflow.StepError that is permanent is not tried again.
type Send func(ctx context.Context, to, subject, text, key string) error

// Messenger sends what is due.
type Messenger struct {
	DB      *gorm.DB
	Send    Send
	Keys    *secrets.Keys // nil: those without an account get no link
	BaseURL string
	Log     *slog.Logger
	// Database is told when DB cannot be reached; nil tells nobody.
	Database *outage.Teller
}

// Run sends until ctx ends. An e-mail that is on its way then is still waited for.
func (m *Messenger) Run(ctx context.Context) error {
	telling := outage.NewChore(m.Log, "those who are asked get no e-mails", "those who are asked get their e-mails again", m.Database)
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		began := time.Now()
		if err := m.Round(ctx); ctx.Err() == nil {
			telling.Note(began, err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// Round sends what is due, once.
func (m *Messenger) Round(ctx context.Context) error {
	look, done := context.WithTimeout(ctx, roundFor)
	defer done()
	now, err := models.DatabaseNow(look, m.DB)
	if err != nil {
		return err
	}
	due, err := models.DueAskedMails(look, m.DB, now, atOnce)
	if err != nil {
		return err
	}
	for _, mail := range due {
		if ctx.Err() != nil {
			return nil
		}
		if err := m.tell(context.WithoutCancel(ctx), mail); err != nil {
			return err
		}
	}
	return nil
}

// tell sends one e-mail, if it is still wanted and no other worker has it.
func (m *Messenger) tell(ctx context.Context, mail models.AskedMail) error {
	ctx, done := context.WithTimeout(ctx, sendTime+roundFor)
	defer done()
	now, err := models.DatabaseNow(ctx, m.DB)
	if err != nil {
		return err
	}
	mine, err := models.BeginAskedMail(ctx, m.DB, &mail, now.Add(lease))
	if err != nil || !mine {
		return err
	}
	asked, err := runs.GetApproval(ctx, m.DB, mail.ApprovalID, now)
	if errors.Is(err, models.ErrNotFound) {
		return nil // removed with its run, and the e-mail with it
	}
	if err != nil {
		return err
	}
	if asked.Open {
		err = m.send(ctx, asked, mail)
		if errors.Is(err, models.ErrUnavailable) {
			return err
		}
	}
	settle(&mail, asked.Open, err, now)
	return models.EndAskedMail(ctx, m.DB, mail)
}

func (m *Messenger) send(ctx context.Context, asked models.Approval, mail models.AskedMail) error {
	known, err := models.KnownAddresses(ctx, m.DB, []string{mail.Address})
	if err != nil {
		return err
	}
	link, outsider := page(m.BaseURL, asked.ID), false
	if !known[mail.Address] {
		if m.Keys == nil {
			return &workflow.StepError{Code: "no_link", Permanent: true, Message: "Nobody here has this address, and there is no link without SECRET_KEYS."}
		}
		link, outsider = Link(m.Keys, m.BaseURL, asked.ID), true
	}
	zone, err := clocksOf(ctx, m.DB, mail.Address)
	if err != nil {
		return err
	}
	ctx, done := context.WithTimeout(ctx, sendTime)
	defer done()
	return m.Send(ctx, mail.Address, subject(asked), text(asked, link, outsider, zone), "asked "+asked.ID+" "+mail.Address)
}

// settle writes down what a try came to, and when the next one is.
func settle(mail *models.AskedMail, wanted bool, err error, now time.Time) {
	mail.Begun, mail.DueAt, mail.Problem = false, nil, ""
	if !wanted {
		mail.Problem = "The question was settled before."
		return
	}
	came := resend.After(mail.Tries, err)
	mail.Problem, mail.Unsure = came.Problem, mail.Unsure || came.Unsure
	if came.Sent {
		mail.SentAt = &now
	}
	if came.Again > 0 {
		again := now.Add(came.Again)
		mail.DueAt = &again
	}
}

// subject is one line of at most 200 characters.
func subject(asked models.Approval) string {
	line := []rune("Approval wanted: " + oneLine(cmp.Or(workflow.GivenName(asked.WorkflowName), asked.StepName)))
	return string(line[:min(len(line), 200)])
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// Who says which step asks, and of which workflow where a person has named that.
func Who(asked models.Approval) string {
	who := "“" + oneLine(asked.StepName) + "”"
	if name := workflow.GivenName(asked.WorkflowName); name != "" {
		who += " of “" + oneLine(name) + "”"
	}
	return who
}

// clocksOf are the clocks by which a message tells times: those of its recipient, or of the
// installation.
func clocksOf(ctx context.Context, db *gorm.DB, address string) (*time.Location, error) {
	own, err := models.ZoneOf(ctx, db, address)
	if err == nil && own == "" {
		own, err = models.ZoneOfHouse(ctx, db)
	}
	if zone, wrong := workflow.LoadZone(own); wrong == nil && own != "" {
		return zone, err
	}
	return time.UTC, err
}

func text(asked models.Approval, link string, outsider bool, zone *time.Location) string {
	lines := []string{Who(asked) + " asks you:", "", asked.Question, "", "Answer here:", link, ""}
	if asked.ExpiresAt != nil {
		lines = append(lines, "It can be answered until "+asked.ExpiresAt.In(zone).Format("2 January 2006, 15:04")+" ("+zone.String()+").")
	}
	if outsider {
		lines = append(lines, "Whoever has this link may answer, once. Do not pass it on.")
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n") + "\n"
}
