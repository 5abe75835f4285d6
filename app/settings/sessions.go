package settings

import (
	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/frame"
	"workflows/app/web"
	"workflows/models"
	"workflows/views"
)

// sessions are where the viewer is signed in, this browser first.
func (s *Site) sessions(c *gin.Context) ([]views.SessionRow, error) {
	ctx := c.Request.Context()
	found, err := models.SessionsOf(ctx, s.DB, auth.User(ctx).ID, s.Now(), auth.SessionIdle)
	if err != nil {
		return nil, err
	}
	current := s.Sessions.Current(c)
	var rows []views.SessionRow
	for _, session := range found {
		row := views.SessionRow{Browser: browserName(session.Agent), Address: session.Address, Began: frame.TimeOf(session.BeganAt), Seen: frame.TimeOf(session.SeenAt), EndURL: "/settings/sessions/" + session.ID + "/end"}
		if session.ID == current {
			row.This = true
			rows = append([]views.SessionRow{row}, rows...)
			continue
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// SessionEnd signs one of the viewer's browsers out.
func (s *Site) SessionEnd(c *gin.Context) (templ.Component, error) {
	user := auth.User(c.Request.Context())
	if err := s.Sessions.EndOne(c.Request.Context(), *user, c.Param("id")); err != nil {
		return nil, err
	}
	return nil, web.Done("/settings", "That browser is signed out.")
}

// SessionsEnd signs all of the viewer's browsers out but this one.
func (s *Site) SessionsEnd(c *gin.Context) (templ.Component, error) {
	user := auth.User(c.Request.Context())
	if err := s.Sessions.SignOut(c.Request.Context(), user.ID, s.Sessions.Current(c)); err != nil {
		return nil, err
	}
	return nil, web.Done("/settings", "All other browsers are signed out.")
}
