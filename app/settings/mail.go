package settings

import (
	"cmp"
	"context"
	"errors"
	"net/http"
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
	"workflows/worker/mailserver"
	"workflows/worker/telling"
)

// toldRows is how many of the newest messages are shown.
const toldRows = 20

// MailShow is the form of the mail server, who is told of new workflows, and what became of
// the newest messages.
func (s *Site) MailShow(c *gin.Context) (templ.Component, error) {
	page, err := s.mailPageNow(c)
	if err != nil {
		return nil, err
	}
	return views.Mail(page), nil
}

// mailPageNow is the page with what is stored.
func (s *Site) mailPageNow(c *gin.Context) (views.MailPage, error) {
	stored, err := mailserver.Read(c.Request.Context(), s.DB)
	if err != nil {
		return views.MailPage{}, err
	}
	typed := mailserver.Typed{Port: "587", Protection: address.StartTLS}
	if stored.Host != "" {
		typed = mailserver.Typed{Host: stored.Host, Port: strconv.Itoa(stored.Port), Protection: stored.Protection, User: stored.User, From: stored.From}
	}
	return s.mailPage(c, stored, typed)
}

// mailPage never holds a password.
func (s *Site) mailPage(c *gin.Context, stored mailserver.Stored, typed mailserver.Typed) (views.MailPage, error) {
	ctx := c.Request.Context()
	page := views.MailPage{Layout: s.Page(c, "E-mail", "settings"), To: auth.User(ctx).Email, Set: stored.Host != "", HasPassword: stored.HasPassword(), NoKeys: s.Secrets == nil}
	server, err := s.Mail.Server(ctx)
	var unusable address.Problem
	if errors.As(err, &unusable) {
		page.Problem, err = unusable.Error(), nil
	}
	if err != nil {
		return page, err
	}
	if s.Mail.SMTP != "" {
		page.Environment = []ui.Pair{{Name: "Server", Value: cmp.Or(server.Host, "cannot be read")}}
	}
	page.Host, page.Port, page.Protection, page.User, page.From = typed.Host, typed.Port, typed.Protection, typed.User, typed.From
	first, err := told.FirstOf(ctx, s.DB)
	if err != nil {
		return page, err
	}
	page.First = firstTold(first)
	page.Told, err = s.toldTable(ctx)
	return page, err
}

// MailSave keeps the mail server, and has a worker send a test by it if that is asked for.
func (s *Site) MailSave(c *gin.Context) (templ.Component, error) {
	ctx := c.Request.Context()
	form, err := web.Form(c)
	if err != nil {
		return nil, err
	}
	if s.Mail.SMTP != "" {
		return nil, &models.ConflictError{Code: "mail_from_environment", Message: "The mail server is set by SMTP_URL in the environment of the programs, which wins. Take it out there to set one here."}
	}
	if form.Get("remove") != "" {
		if err := s.Mail.Remove(ctx, s.Now()); err != nil {
			return nil, err
		}
		return nil, web.Done(frame.MailURL, "The mail server is taken away. No e-mail leaves from now on.")
	}
	typed := mailserver.Typed{Host: form.Get("host"), Port: form.Get("port"), Protection: form.Get("encryption"), User: form.Get("user"), Password: form.Get("password"), From: form.Get("from")}
	err = s.Mail.Save(ctx, typed, s.Settings.OutboundAllow, s.Now())
	var invalid *models.InvalidError
	if errors.As(err, &invalid) {
		return nil, s.mailAgain(c, typed, invalid)
	}
	if err != nil {
		return nil, err
	}
	if form.Get("do") == "test" {
		return s.MailTest(c)
	}
	return nil, web.Done(frame.MailURL, "The mail server is saved. The next e-mail leaves by it.")
}

// mailAgain is the form as it was filled in, but for the password, with what is wrong.
func (s *Site) mailAgain(c *gin.Context, typed mailserver.Typed, invalid *models.InvalidError) error {
	stored, err := mailserver.Read(c.Request.Context(), s.DB)
	if err != nil {
		return err
	}
	page, err := s.mailPage(c, stored, typed)
	if err != nil {
		return err
	}
	for _, problem := range invalid.Fields {
		page.Errors = append(page.Errors, frame.Message(problem.Path, problem.Message))
	}
	return web.Status(http.StatusUnprocessableEntity, views.Mail(page))
}

// MailTest has a worker send an e-mail to the person who asks.
func (s *Site) MailTest(c *gin.Context) (templ.Component, error) {
	ctx := c.Request.Context()
	set, err := s.Mail.Set(ctx)
	if err != nil {
		return nil, err
	}
	if !set {
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
