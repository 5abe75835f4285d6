package settings

import (
	"net/url"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/web"
	"workflows/models"
)

// Theme changes how the pages look and leads back to where it was asked.
func (s *Site) Theme(c *gin.Context) (templ.Component, error) {
	form, err := web.Form(c)
	if err != nil {
		return nil, err
	}
	if err := s.setTheme(c, form.Get("theme")); err != nil {
		return nil, err
	}
	back := "/"
	if from, err := url.Parse(c.GetHeader("Referer")); err == nil && from.Host == c.Request.Host {
		back = localPath(web.Inside(c, from).RequestURI())
	}
	return nil, web.SeeOther(back)
}

func (s *Site) setTheme(c *gin.Context, theme string) error {
	if theme != "" && theme != "light" && theme != "dark" {
		return &models.InvalidError{Code: "invalid_theme", Message: "There is no such theme. Choose light, dark, or as the device has it."}
	}
	user := auth.User(c.Request.Context())
	if err := models.SetTheme(c.Request.Context(), s.DB, user.ID, theme); err != nil {
		return err
	}
	s.Sessions.Forget()
	return nil
}
