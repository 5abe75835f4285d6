package settings

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/frame"
	"workflows/app/web"
	"workflows/models"
	"workflows/models/columns"
	"workflows/views"
	"workflows/views/ui"
)

// TokenCreate makes an API token and shows it, this once: a redirect would have
// to keep the token somewhere.
func (s *Site) TokenCreate(c *gin.Context) (templ.Component, error) {
	form, err := web.Form(c)
	if err != nil {
		return nil, err
	}
	name, scopes, lifetime := strings.TrimSpace(form.Get("token_name")), form["scopes"], form.Get("lifetime")
	problems := checkToken(name, scopes)
	if !slices.ContainsFunc(tokenLifetimes(), func(o ui.Option) bool { return o.Value == lifetime }) {
		problems = append(problems, frame.Message("lifetime", "Choose how long it holds."))
	}
	if len(problems) > 0 {
		return nil, s.settingsAgain(c, func(page *views.SettingsPage) {
			page.Errors, page.Tokens.Name, page.Tokens.Chosen, page.Tokens.Lifetime = problems, name, scopes, lifetime
		})
	}
	days, _ := strconv.Atoi(lifetime) // one of ours
	secret, _, err := s.Tokens.Issue(c.Request.Context(), name, scopes, time.Duration(days)*24*time.Hour, auth.By(c.Request.Context()))
	if err != nil {
		return nil, err
	}
	page, err := s.settingsPage(c)
	if err != nil {
		return nil, err
	}
	page.Tokens.Made = secret
	return nil, web.Status(http.StatusCreated, views.Settings(page))
}

// tokenLifetimes are for how many days a token can hold; "" is until it is revoked.
func tokenLifetimes() []ui.Option {
	return []ui.Option{
		{Value: "7", Label: "for a week"},
		{Value: "30", Label: "for 30 days"},
		{Value: "90", Label: "for 90 days"},
		{Value: "365", Label: "for a year"},
		{Value: "", Label: "until it is revoked"},
	}
}

func checkToken(name string, scopes []string) []ui.FieldMessage {
	var problems []ui.FieldMessage
	switch {
	case name == "":
		problems = append(problems, frame.Message("token_name", "Enter a name for the token."))
	case utf8.RuneCountInString(name) > 100 || strings.ContainsFunc(name, columns.Hidden):
		problems = append(problems, frame.Message("token_name", "Enter a name of at most 100 visible characters."))
	}
	known := func(scope string) bool {
		return slices.ContainsFunc(auth.Scopes(), func(s struct{ Name, Allows string }) bool { return s.Name == scope })
	}
	if len(scopes) == 0 || slices.ContainsFunc(scopes, func(scope string) bool { return !known(scope) }) {
		problems = append(problems, frame.Message("scopes", "Choose what the token may do."))
	}
	return problems
}

// TokenRevokeAsk asks before a token is revoked.
func (s *Site) TokenRevokeAsk(c *gin.Context) (templ.Component, error) {
	id, err := web.ID(c, "id")
	if err != nil {
		return nil, err
	}
	token, err := models.GetToken(c.Request.Context(), s.DB, id)
	if err != nil {
		return nil, err
	}
	return views.TokenRevoke(s.Page(c, "Revoke a token", "settings"), tokenRow(token)), nil
}

// TokenRevoke ends a token at once.
func (s *Site) TokenRevoke(c *gin.Context) (templ.Component, error) {
	id, err := web.ID(c, "id")
	if err != nil {
		return nil, err
	}
	token, err := models.GetToken(c.Request.Context(), s.DB, id)
	if err != nil {
		return nil, err
	}
	if err := s.Tokens.Revoke(c.Request.Context(), token); err != nil {
		return nil, err
	}
	return nil, web.Done("/settings", "The token “"+token.Name+"” has ended. Programs that use it are refused from now on.")
}
