package settings

import (
	"errors"
	"net/http"
	"strings"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/frame"
	"workflows/app/web"
	"workflows/models"
	"workflows/views"
)

// SetupForm is where the one-time link leads.
func (s *Site) SetupForm(c *gin.Context) (templ.Component, error) {
	token := c.Query("token")
	if err := s.checkSetup(c, token); err != nil {
		return nil, err
	}
	page := s.setupPage(c, token)
	return views.Setup(page), nil
}

// Setup makes the first administrator and signs them in.
func (s *Site) Setup(c *gin.Context) (templ.Component, error) {
	form, err := web.Form(c)
	if err != nil {
		return nil, err
	}
	token := form.Get("token")
	if err := s.checkSetup(c, token); err != nil {
		return nil, err
	}
	page := s.setupPage(c, token)
	profile := readProfile(form)
	page.Name, page.Email, page.TimeZone = profile.name, profile.email, profile.zone
	page.Errors = profile.check(true)
	if problem := auth.CheckPassword(form.Get("password"), profile.email); problem != "" {
		page.Errors = append(page.Errors, frame.Message("password", problem))
	}
	if len(page.Errors) > 0 {
		return nil, web.Status(http.StatusUnprocessableEntity, views.Setup(page))
	}
	user := models.User{ID: models.NewID(), Email: strings.ToLower(profile.email), Name: profile.name, TimeZone: profile.zone, CreatedAt: s.Now()}
	err = s.Sessions.SetUp(c.Request.Context(), c.ClientIP(), token, &user, form.Get("password"))
	if errors.Is(err, models.ErrForbidden) {
		return nil, s.setupOver(c)
	}
	if err != nil {
		return nil, err
	}
	if err := s.Sessions.Enter(c, user); err != nil {
		return nil, err
	}
	return nil, web.SeeOther("/")
}

// checkSetup lets only the newest link pass, and leads to the login page once
// somebody has an account.
func (s *Site) checkSetup(c *gin.Context, token string) error {
	good, err := auth.SetupToken(c.Request.Context(), s.DB, token)
	if err != nil || good {
		return err
	}
	exists, err := models.AnyUser(c.Request.Context(), s.DB)
	if err != nil {
		return err
	}
	if exists {
		return web.SeeOther("/login")
	}
	return s.setupOver(c)
}

func (s *Site) setupOver(c *gin.Context) error {
	return web.Status(http.StatusForbidden, views.SetupOver(s.Page(c, "Set-up", "")))
}

func (s *Site) setupPage(c *gin.Context, token string) views.SetupPage {
	layout := s.Page(c, "Set-up", "")
	layout.Viewer = nil
	return views.SetupPage{Layout: layout, Token: token, PasswordRule: auth.PasswordRule}
}
