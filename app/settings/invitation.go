package settings

import (
	"errors"
	"net/http"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/frame"
	"workflows/app/web"
	"workflows/models"
	"workflows/views"
)

// InvitationShow is where the link of an invitation, or for a new password, leads.
func (s *Site) InvitationShow(c *gin.Context) (templ.Component, error) {
	page, err := s.invitationPage(c)
	if err != nil {
		return nil, err
	}
	return views.Invitation(page), nil
}

// InvitationAccept makes the account, or sets the new password, and signs in.
func (s *Site) InvitationAccept(c *gin.Context) (templ.Component, error) {
	page, err := s.invitationPage(c)
	if err != nil {
		return nil, err
	}
	form, err := web.Form(c)
	if err != nil {
		return nil, err
	}
	profile := readProfile(form)
	profile.email = page.Email
	if !page.NewPassword {
		page.Name, page.TimeZone = profile.name, profile.zone
		page.Errors = profile.check(true)
	}
	if problem := auth.CheckPassword(form.Get("password"), page.Email); problem != "" {
		page.Errors = append(page.Errors, frame.Message("password", problem))
	}
	if len(page.Errors) > 0 {
		return nil, web.Status(http.StatusUnprocessableEntity, views.Invitation(page))
	}
	user, err := s.Sessions.Accept(c.Request.Context(), c.ClientIP(), c.Param("token"), models.User{Name: profile.name, TimeZone: profile.zone}, form.Get("password"))
	if errors.Is(err, models.ErrNotFound) {
		return nil, s.invitationOver(c)
	}
	if err != nil {
		return nil, err
	}
	if err := s.Sessions.Enter(c, user); err != nil {
		return nil, err
	}
	return nil, web.SeeOther("/")
}

func (s *Site) invitationPage(c *gin.Context) (views.InvitationPage, error) {
	ctx := c.Request.Context()
	layout := s.Page(c, "Welcome", "")
	layout.Viewer = nil
	page := views.InvitationPage{Layout: layout, Action: c.Request.URL.Path, PasswordRule: auth.PasswordRule}
	if err := s.Sessions.AllowOutsider(ctx, c.ClientIP()); err != nil {
		return page, err
	}
	found, err := s.Sessions.Invitation(ctx, c.Param("token"))
	if errors.Is(err, models.ErrNotFound) {
		return page, s.invitationOver(c)
	}
	page.Email, page.Role, page.By, page.NewPassword = found.Email, found.Role, found.InvitedBy, found.UserID != nil
	return page, err
}

func (s *Site) invitationOver(c *gin.Context) error {
	layout := s.Page(c, "Link", "")
	return web.Status(http.StatusNotFound, views.InvitationOver(layout))
}
