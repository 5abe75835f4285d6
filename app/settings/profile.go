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
	"workflows/views/ui"
)

// SettingsProfile changes one's name, time zone and theme, and an administrator's
// address.
func (s *Site) SettingsProfile(c *gin.Context) (templ.Component, error) {
	form, err := web.Form(c)
	if err != nil {
		return nil, err
	}
	ctx := c.Request.Context()
	profile := readProfile(form)
	if !auth.May(ctx, auth.Administrator) { // see auth.ChangeProfile
		profile.email = auth.User(ctx).Email
	}
	problems := profile.check(auth.User(ctx).Name != "")
	if len(problems) == 0 {
		err = s.Sessions.ChangeProfile(ctx, auth.User(ctx).ID, func(p *auth.Profile) {
			*p = auth.Profile{Name: profile.name, Email: profile.email, TimeZone: profile.zone}
		})
		var taken *models.ConflictError
		if errors.As(err, &taken) {
			problems = append(problems, frame.Message("email", taken.Message))
		} else if err != nil {
			return nil, err
		}
	}
	if len(problems) > 0 {
		return nil, s.settingsAgain(c, func(page *views.SettingsPage) {
			page.Name, page.Email, page.TimeZone, page.Theme, page.Errors = profile.name, profile.email, profile.zone, form.Get("theme"), problems
		})
	}
	if err := s.setTheme(c, form.Get("theme")); err != nil {
		return nil, err
	}
	return nil, web.Done("/settings", "Your settings are saved.")
}

// SettingsPassword replaces one's password and ends one's other sessions.
func (s *Site) SettingsPassword(c *gin.Context) (templ.Component, error) {
	form, err := web.Form(c)
	if err != nil {
		return nil, err
	}
	user := auth.User(c.Request.Context())
	again := func(field, text string) error {
		return s.settingsAgain(c, func(page *views.SettingsPage) { page.Errors = []ui.FieldMessage{frame.Message(field, text)} })
	}
	if problem := auth.CheckPassword(form.Get("password"), user.Email); problem != "" {
		return nil, again("password", problem)
	}
	changed, err := s.Sessions.ChangePassword(c.Request.Context(), c.ClientIP(), *user, form.Get("present"), form.Get("password"))
	if errors.Is(err, auth.ErrWrongPassword) {
		return nil, again("present", "This is not your present password. Type it again.")
	}
	if err != nil {
		return nil, err
	}
	if err := s.Sessions.Enter(c, changed); err != nil {
		return nil, err
	}
	return nil, web.Done("/settings", "Your password is changed, and your other browsers are signed out.")
}

// settingsAgain shows the page once more, with what was typed and what is wrong.
func (s *Site) settingsAgain(c *gin.Context, change func(page *views.SettingsPage)) error {
	page, err := s.settingsPage(c)
	if err != nil {
		return err
	}
	change(&page)
	return web.Status(http.StatusUnprocessableEntity, views.Settings(page))
}
