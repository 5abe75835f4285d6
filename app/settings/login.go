package settings

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/frame"
	"workflows/app/web"
	"workflows/models"
	"workflows/views"
	"workflows/views/ui"
)

// LoginForm asks who it is.
func (s *Site) LoginForm(c *gin.Context) (templ.Component, error) {
	next := localPath(c.Query("next"))
	if auth.User(c.Request.Context()) != nil {
		return nil, web.SeeOther(next)
	}
	exists, err := models.AnyUser(c.Request.Context(), s.DB)
	if err != nil {
		return nil, err
	}
	page := s.loginPage(c, next)
	page.Fresh = !exists
	return views.Login(page), nil
}

// Login signs a person in and leads to where they wanted to go, or has them send
// what they had typed when their session ended.
func (s *Site) Login(c *gin.Context) (templ.Component, error) {
	form, err := web.Form(c)
	if err != nil {
		return nil, err
	}
	page := s.loginPage(c, localPath(form.Get("next")))
	page.Email, page.Unsent = strings.TrimSpace(form.Get("email")), form.Get("unsent")
	user, err := s.Sessions.Check(c.Request.Context(), c.ClientIP(), page.Email, form.Get("password"))
	var throttled *web.Failure
	switch {
	case errors.Is(err, auth.ErrWrongPassword):
		page.Errors = []ui.FieldMessage{frame.Message("email", "The e-mail address and the password do not belong together. Check both.")}
		return nil, web.Status(http.StatusUnprocessableEntity, views.Login(page))
	case errors.As(err, &throttled) && throttled.Status == http.StatusTooManyRequests:
		page.Errors = []ui.FieldMessage{frame.Message("", throttled.Message)}
		web.RetryAfter(c, throttled.RetryAfter)
		return nil, web.Status(http.StatusTooManyRequests, views.Login(page))
	case err != nil:
		return nil, err
	}
	if err := s.Sessions.Enter(c, user); err != nil {
		return nil, err
	}
	return s.goOn(c, user, page)
}

func (s *Site) loginPage(c *gin.Context, next string) views.LoginPage {
	layout := s.Page(c, "Sign in", "")
	layout.Viewer = nil
	return views.LoginPage{Layout: layout, Next: next}
}

// localPath is next if it is a page of ours, else the overview: a link to the
// login page must not be able to lead to another site.
func localPath(next string) string {
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsFunc(next, func(r rune) bool { return r == '\\' || r <= ' ' || r == 0x7f }) {
		return "/"
	}
	parsed, err := url.Parse(next)
	if err != nil || parsed.Scheme != "" || parsed.Host != "" || strings.HasPrefix(parsed.Path, "//") {
		return "/"
	}
	switch parsed.Path {
	case "/login", "/logout", "/setup", "/theme":
		return "/"
	}
	return next
}
