package settings

import (
	"context"
	"net"
	"strconv"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/frame"
	"workflows/app/web"
	"workflows/models"
	"workflows/models/address"
	"workflows/models/told"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/telling"
)

// toldRows is how many of the newest messages are shown.
const toldRows = 20

// MailShow says which mail server is set, and what became of the newest messages.
func (s *Site) MailShow(c *gin.Context) (templ.Component, error) {
	page := views.MailPage{
		Layout: s.Page(c, "E-mail", "settings"), To: auth.User(c.Request.Context()).Email,
		Example: "SMTP_URL=smtp://user:password@mail.example.com:587\nMAIL_FROM=Workflows <workflows@example.com>", // #nosec G101 -- an example for people
	}
	page.Facts, page.Problem = mailFacts(s.Settings.SMTPURL, s.Settings.MailFrom)
	var err error
	page.Told, err = s.toldTable(c.Request.Context())
	if err != nil {
		return nil, err
	}
	return views.Mail(page), nil
}

// mailFacts are what is set, never the password.
func mailFacts(smtp, from string) (facts []ui.Pair, problem string) {
	if smtp == "" {
		return nil, ""
	}
	server, err := address.Mail(smtp)
	if err != nil {
		return []ui.Pair{{Name: "Sender", Value: from}}, "SMTP_URL cannot be used. " + err.Error()
	}
	protection := "where the server offers it (STARTTLS)"
	if server.Scheme == "smtps" {
		protection = "from the start (TLS)"
	}
	facts = []ui.Pair{{Name: "Server", Value: net.JoinHostPort(server.Host, strconv.Itoa(server.Port))}, {Name: "Encrypted", Value: protection}}
	if server.User != "" {
		facts = append(facts, ui.Pair{Name: "Signs in as", Value: server.User})
	}
	return append(facts, ui.Pair{Name: "Sender", Value: from}), ""
}

// MailTest has a worker send an e-mail to the person who asks.
func (s *Site) MailTest(c *gin.Context) (templ.Component, error) {
	ctx := c.Request.Context()
	if s.Settings.SMTPURL == "" {
		return nil, &models.ConflictError{Code: "mail_not_configured", Message: "No mail server is set, so there is nothing to test yet."}
	}
	if err := telling.SendTest(ctx, s.DB, s.Settings.BaseURL, auth.User(ctx).Email, auth.By(ctx), s.Now()); err != nil {
		return nil, err
	}
	return nil, web.Done(frame.MailURL, "A worker sends the test to "+auth.User(ctx).Email+". What comes of it stands below.")
}

// MailLive is the live part of the page.
func (s *Site) MailLive(ctx context.Context, _ *gin.Context) (templ.Component, error) {
	table, err := s.toldTable(ctx)
	if err != nil {
		return nil, err
	}
	return views.Told(table), nil
}

func (s *Site) toldTable(ctx context.Context) (views.ToldTable, error) {
	table := views.ToldTable{Every: 2 * time.Second}
	found, err := told.Newest(ctx, s.DB, "", toldRows)
	for _, m := range found {
		row := views.ToldRow{ID: m.ID, To: m.Recipient, About: m.Subject, State: frame.MessageState(m), Problem: m.Problem, At: m.CreatedAt}
		if m.Channel == told.Chat {
			row.To = "The chat " + m.Recipient
		}
		table.Rows = append(table.Rows, row)
	}
	return table, err
}
