package settings

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"workflows/app/auth"
	"workflows/app/frame"
	"workflows/app/web"
	"workflows/models"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/secrets"
	"workflows/worker/telling"
)

const peopleURL = "/settings/people"

// PeopleShow lists who has an account, and who was invited.
func (s *Site) PeopleShow(c *gin.Context) (templ.Component, error) {
	page, err := s.peoplePage(c)
	if err != nil {
		return nil, err
	}
	return views.People(page), nil
}

func (s *Site) peoplePage(c *gin.Context) (views.PeoplePage, error) {
	ctx := c.Request.Context()
	page := views.PeoplePage{Page: s.Page(c, "People", "settings"), Roles: roleChoices(), Role: string(auth.Viewer)}
	users, err := models.ListUsers(ctx, s.DB)
	if err != nil {
		return page, err
	}
	if page.Link, err = s.accountLink(ctx); err != nil {
		return page, err
	}
	for _, user := range users {
		page.Rows = append(page.Rows, views.PersonRow{
			Name: user.Name, Email: user.Email, Role: user.Role, URL: peopleURL + "/" + user.ID, LastLogin: frame.TimeOf(user.LastLoginAt), You: user.ID == auth.User(ctx).ID,
		})
	}
	invited, err := models.ListInvitations(ctx, s.DB, s.Now())
	for _, i := range invited {
		page.Invited = append(page.Invited, views.InvitedRow{Email: i.Email, Role: i.Role, By: i.InvitedBy, Expires: i.ExpiresAt, NewPassword: i.UserID != nil, WithdrawURL: "/settings/invitations/" + i.ID + "/withdraw"})
	}
	return page, err
}

func roleChoices() []ui.Option {
	return []ui.Option{
		{Value: string(auth.Viewer), Label: "Viewer: looks at everything"},
		{Value: string(auth.Operator), Label: "Operator: also starts, cancels and pauses"},
		{Value: string(auth.Editor), Label: "Editor: also changes workflows and secrets"},
		{Value: string(auth.Administrator), Label: "Administrator: also people, API tokens and the audit log"},
	}
}

// Invite makes a link for a new account and shows it, this once.
func (s *Site) Invite(c *gin.Context) (templ.Component, error) {
	form, err := web.Form(c)
	if err != nil {
		return nil, err
	}
	ctx := c.Request.Context()
	secret, err := s.Sessions.Invite(ctx, form.Get("email"), auth.Role(form.Get("role")), auth.By(ctx))
	var invalid *models.InvalidError
	if err != nil && !errors.As(err, &invalid) {
		return nil, err
	}
	page, pageErr := s.peoplePage(c)
	if pageErr != nil {
		return nil, pageErr
	}
	if invalid != nil {
		page.Email, page.Role = form.Get("email"), form.Get("role")
		for _, problem := range invalid.Fields {
			page.Errors = append(page.Errors, frame.Message(problem.Path, problem.Message))
		}
		return nil, web.Status(http.StatusUnprocessableEntity, views.People(page))
	}
	page.Link.URL, page.Link.For = s.invitationURL(secret), strings.ToLower(strings.TrimSpace(form.Get("email")))
	if err := s.mailLink(ctx, page.Link, telling.SendInvitation); err != nil {
		return nil, err
	}
	return nil, web.Status(http.StatusCreated, views.People(page))
}

// accountLink says what becomes of a link for an account: it is mailed where e-mails can leave, and
// where it need not be stored for all to read.
func (s *Site) accountLink(ctx context.Context) (views.AccountLink, error) {
	set, err := s.Mail.Set(ctx)
	return views.AccountLink{Mails: set && s.Secrets != nil, NoServer: !set, MailURL: frame.MailURL}, err
}

// mailLink has a worker mail a link that was just made, where it can.
func (s *Site) mailLink(ctx context.Context, link views.AccountLink, send func(ctx context.Context, db *gorm.DB, keys *secrets.Keys, baseURL, address, link, by string, now time.Time) error) error {
	if !link.Mails {
		return nil
	}
	return send(ctx, s.DB, s.Secrets.Keys, s.Settings.BaseURL, link.For, link.URL, auth.By(ctx), s.Now())
}

func (s *Site) invitationURL(secret string) string {
	return s.Settings.BaseURL + "/invitations/" + secret
}

// PersonShow is one account, with what an administrator can do about it.
func (s *Site) PersonShow(c *gin.Context) (templ.Component, error) {
	page, err := s.personPage(c)
	if err != nil {
		return nil, err
	}
	return views.Person(page), nil
}

func (s *Site) personPage(c *gin.Context) (views.PersonPage, error) {
	ctx := c.Request.Context()
	user, err := models.GetUser(ctx, s.DB, c.Param("id"))
	if err != nil {
		return views.PersonPage{}, err
	}
	page := views.PersonPage{Page: s.Page(c, user.Name, "settings"), Name: user.Name, Email: user.Email, Role: user.Role, URL: peopleURL + "/" + user.ID, Roles: roleChoices(), You: user.ID == auth.User(ctx).ID}
	page.Page.Crumbs, page.NewEmail = []ui.Link{{Label: "People", URL: peopleURL}}, user.Email
	found, err := models.SessionsOf(ctx, s.DB, user.ID, s.Now(), auth.SessionIdle)
	if err != nil {
		return page, err
	}
	page.Sessions = len(found)
	page.Link, err = s.accountLink(ctx)
	return page, err
}

// PersonRole changes what somebody may do.
func (s *Site) PersonRole(c *gin.Context) (templ.Component, error) {
	form, err := web.Form(c)
	if err != nil {
		return nil, err
	}
	if err := s.Sessions.ChangeRole(c.Request.Context(), c.Param("id"), auth.Role(form.Get("role"))); err != nil {
		return nil, err
	}
	return nil, web.Done(peopleURL, "What this person may do is changed. They have to sign in again.")
}

// PersonEmail changes somebody's address.
func (s *Site) PersonEmail(c *gin.Context) (templ.Component, error) {
	form, err := web.Form(c)
	if err != nil {
		return nil, err
	}
	email := strings.TrimSpace(form.Get("email"))
	problem := auth.CheckEmail(email)
	if problem == "" {
		err = s.Sessions.ChangeProfile(c.Request.Context(), c.Param("id"), func(p *auth.Profile) { p.Email = email })
		var taken *models.ConflictError
		if errors.As(err, &taken) {
			problem = taken.Message
		} else if err != nil {
			return nil, err
		}
	}
	if problem != "" {
		page, err := s.personPage(c)
		if err != nil {
			return nil, err
		}
		page.NewEmail, page.Errors = email, []ui.FieldMessage{frame.Message("email", problem)}
		return nil, web.Status(http.StatusUnprocessableEntity, views.Person(page))
	}
	return nil, web.Done(peopleURL+"/"+c.Param("id"), "The e-mail address is changed to "+email+".")
}

// PersonPassword makes a link with which somebody chooses a new password, has it mailed
// where that can be, and shows it, this once.
func (s *Site) PersonPassword(c *gin.Context) (templ.Component, error) {
	ctx := c.Request.Context()
	secret, err := s.Sessions.NewPasswordLink(ctx, c.Param("id"), auth.By(ctx))
	if err != nil {
		return nil, err
	}
	page, err := s.personPage(c)
	if err != nil {
		return nil, err
	}
	page.Link.URL, page.Link.For = s.invitationURL(secret), page.Email
	if err := s.mailLink(ctx, page.Link, telling.SendNewPassword); err != nil {
		return nil, err
	}
	return nil, web.Status(http.StatusCreated, views.Person(page))
}

// PersonSignOut ends all sessions of somebody.
func (s *Site) PersonSignOut(c *gin.Context) (templ.Component, error) {
	if err := s.Sessions.SignOut(c.Request.Context(), c.Param("id"), ""); err != nil {
		return nil, err
	}
	return nil, web.Done(peopleURL+"/"+c.Param("id"), "All browsers of this person are signed out.")
}

// PersonRemoveAsk asks before an account is removed.
func (s *Site) PersonRemoveAsk(c *gin.Context) (templ.Component, error) {
	page, err := s.personPage(c)
	if err != nil {
		return nil, err
	}
	return views.PersonRemove(page), nil
}

// PersonRemove takes an account away.
func (s *Site) PersonRemove(c *gin.Context) (templ.Component, error) {
	if err := s.Sessions.Remove(c.Request.Context(), c.Param("id")); err != nil {
		return nil, err
	}
	return nil, web.Done(peopleURL, "The account is removed.")
}

// InvitationWithdraw makes a link void.
func (s *Site) InvitationWithdraw(c *gin.Context) (templ.Component, error) {
	if err := s.Sessions.Withdraw(c.Request.Context(), c.Param("id")); err != nil {
		return nil, err
	}
	return nil, web.Done(peopleURL, "The invitation is withdrawn: its link does not work any more.")
}
