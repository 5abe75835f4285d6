package pages

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/frame"
	"workflows/app/web"
	"workflows/models"
	"workflows/models/runs"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/asking"
	"workflows/worker/engine"
)

const (
	inboxURL        = "/inbox"
	approvalsOnPage = 50
)

// InboxShow lists the questions that runs wait for people to answer.
func (s *Site) InboxShow(c *gin.Context) (templ.Component, error) {
	ctx := c.Request.Context()
	page := views.InboxPage{Page: s.Page(c, "Approvals", "overview"), All: c.Query("state") == "all"}
	page.Page.Crumbs = []ui.Link{{Label: "Overview", URL: "/"}}
	filter := runs.ApprovalFilter{RunID: c.Query("run_id"), Open: !page.All, Before: c.Query("cursor"), Limit: approvalsOnPage}
	found, next, err := runs.ListApprovals(ctx, s.DB, filter, s.Now())
	if err != nil {
		return nil, err
	}
	for _, a := range found {
		page.Rows = append(page.Rows, approvalRow(ctx, a))
	}
	page.Pages = ui.Pages{NextURL: web.NextCursor(c, next)}
	return views.Inbox(page), nil
}

func approvalRow(ctx context.Context, a models.Approval) views.ApprovalRow {
	row := views.ApprovalRow{
		ID: a.ID, URL: inboxURL + "/" + a.ID, Workflow: a.WorkflowName, Step: a.StepName, Question: a.Question, RunURL: frame.RunURL(a.RunID),
		Asked: a.AskedAt, Expires: frame.TimeOf(a.ExpiresAt), State: "waiting_approval", Decided: frame.TimeOf(a.DecidedAt), By: a.DecidedBy, Comment: a.Comment,
		Assignees: strings.Join(a.Named(), ", "),
	}
	switch {
	case a.Decision != "":
		row.State = a.Decision
	case !a.Open:
		row.State = "not_asked"
	}
	user := auth.User(ctx)
	row.Mine = user != nil && slices.Contains(a.Named(), user.Email)
	row.May = a.Open && decider(ctx).May(a)
	return row
}

// decider is the person who is signed in, as the rule about who may decide sees them.
func decider(ctx context.Context) engine.Decider {
	user := auth.User(ctx)
	if user == nil {
		return engine.Decider{}
	}
	return engine.Decider{Name: auth.By(ctx), Email: user.Email, Operator: auth.May(ctx, auth.Operator), Administrator: auth.May(ctx, auth.Administrator)}
}

// ApprovalShow is one question, for people who are signed in.
func (s *Site) ApprovalShow(c *gin.Context) (templ.Component, error) {
	a, err := runs.GetApproval(c.Request.Context(), s.DB, c.Param("id"), s.Now())
	if err != nil {
		return nil, err
	}
	page := s.approvalPage(c, a)
	mails, err := models.AskedMails(c.Request.Context(), s.DB, a.ID)
	for _, mail := range mails {
		page.Mails = append(page.Mails, mailRow(mail))
	}
	return views.Approval(page), err
}

// mailRow says what became of the e-mail to somebody who is asked.
func mailRow(mail models.AskedMail) views.AskedMail {
	row := views.AskedMail{Address: mail.Address}
	switch {
	case mail.SentAt != nil && mail.Unsure:
		row.Words, row.At = "Sent, perhaps twice: of an earlier try nobody knows whether it arrived.", *mail.SentAt
	case mail.SentAt != nil:
		row.Words, row.At = "Sent", *mail.SentAt
	case mail.DueAt != nil && mail.Problem != "":
		row.Words, row.At = "Not sent yet. "+mail.Problem+" The next try:", *mail.DueAt
	case mail.DueAt != nil:
		row.Words = "On its way"
	default:
		row.Words = "Not sent. " + mail.Problem
	}
	return row
}

func (s *Site) approvalPage(c *gin.Context, a models.Approval) views.ApprovalPage {
	page := views.ApprovalPage{Layout: s.Page(c, "Approval", "overview"), ApprovalRow: approvalRow(c.Request.Context(), a), Asks: asking.Who(a) + " asks:"}
	page.Layout.Crumbs = []ui.Link{{Label: "Approvals", URL: inboxURL}}
	page.Action = page.URL
	if page.May {
		page.LinkURL = asking.Link(s.Secrets.Keys, s.Settings.BaseURL, a.ID)
	}
	return page
}

// ApprovalDecide keeps a signed-in person's word.
func (s *Site) ApprovalDecide(c *gin.Context) (templ.Component, error) {
	ctx := c.Request.Context()
	if _, err := web.Form(c); err != nil {
		return nil, err
	}
	a, err := runs.GetApproval(ctx, s.DB, c.Param("id"), s.Now())
	if err != nil {
		return nil, err
	}
	return s.decideApproval(c, s.approvalPage(c, a), decider(ctx))
}

// decideApproval takes the form of either page.
func (s *Site) decideApproval(c *gin.Context, page views.ApprovalPage, who engine.Decider) (templ.Component, error) {
	form, err := web.Form(c)
	if err != nil {
		return nil, err
	}
	page.Comment, page.Name, page.Chosen = form.Get("comment"), who.Name, form.Get("decision")
	_, err = s.Engine.AnswerApproval(c.Request.Context(), page.ID, engine.Answer{Decision: page.Chosen, Who: who, Comment: page.Comment})
	var invalid *models.InvalidError
	if errors.As(err, &invalid) {
		for _, problem := range invalid.Fields {
			page.Errors = append(page.Errors, frame.Message(problem.Path, problem.Message))
		}
		return nil, web.Status(http.StatusUnprocessableEntity, views.Approval(page))
	}
	if err != nil {
		return nil, err
	}
	return nil, web.Done(page.Action, "Your answer is noted, and the run goes on with it.")
}

// ApprovalOutside is one question for whoever has its link.
func (s *Site) ApprovalOutside(c *gin.Context) (templ.Component, error) {
	page, err := s.outsidePage(c)
	if err != nil {
		return nil, err
	}
	return views.Approval(page), nil
}

// ApprovalOutsideDecide keeps the word of whoever has the link; it works once.
func (s *Site) ApprovalOutsideDecide(c *gin.Context) (templ.Component, error) {
	page, err := s.outsidePage(c)
	if err != nil {
		return nil, err
	}
	form, err := web.Form(c)
	if err != nil {
		return nil, err
	}
	name := strings.TrimSpace(form.Get("name"))
	auth.Outside(c, name) // also in the browser of somebody who is signed in
	return s.decideApproval(c, page, engine.Decider{Name: name, ByLink: true})
}

// outsidePage shows the question and what has become of it, and nothing else of
// the run.
func (s *Site) outsidePage(c *gin.Context) (views.ApprovalPage, error) {
	ctx := c.Request.Context()
	if err := s.Sessions.AllowOutsider(ctx, c.ClientIP()); err != nil {
		return views.ApprovalPage{}, err
	}
	id, ours := asking.Linked(s.Secrets.Keys, c.Param("token"))
	if !ours {
		return views.ApprovalPage{}, models.ErrNotFound
	}
	a, err := runs.GetApproval(ctx, s.DB, id, s.Now())
	if err != nil {
		return views.ApprovalPage{}, err
	}
	page := views.ApprovalPage{Layout: s.OutsideLayout(c, "Approval"), ApprovalRow: approvalRow(ctx, a), Asks: asking.Who(a) + " asks:", Outside: true}
	page.Action, page.RunURL, page.Assignees, page.May = c.Request.URL.Path, "", "", a.Open
	return page, nil
}
