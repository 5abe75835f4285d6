package settings

import (
	"context"
	"strings"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/frame"
	"workflows/models"
	"workflows/views"
	"workflows/views/ui"
)

// SettingsShow is the page with one's account and, for administrators, tokens.
func (s *Site) SettingsShow(c *gin.Context) (templ.Component, error) {
	page, err := s.settingsPage(c)
	if err != nil {
		return nil, err
	}
	return views.Settings(page), nil
}

func (s *Site) settingsPage(c *gin.Context) (views.SettingsPage, error) {
	ctx := c.Request.Context()
	user := auth.User(ctx)
	page := views.SettingsPage{
		Layout: s.Page(c, "Settings", "settings"), Name: user.Name, Email: user.Email, TimeZone: frame.Either(user.TimeZone != "", user.TimeZone, "UTC"),
		EmailFixed: !auth.May(ctx, auth.Administrator), Theme: user.Theme, PasswordRule: auth.PasswordRule,
	}
	var err error
	if page.Sessions, err = s.sessions(c); err != nil {
		return page, err
	}
	if !auth.May(ctx, auth.Administrator) {
		return page, nil
	}
	card, err := s.tokensCard(ctx)
	page.Tokens = card
	return page, err
}

func (s *Site) tokensCard(ctx context.Context) (*views.TokensCard, error) {
	tokens, err := models.ListTokens(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	card := &views.TokensCard{Chosen: []string{auth.ScopeRead}, Lifetimes: tokenLifetimes(), Lifetime: "90"}
	for _, scope := range auth.Scopes() {
		card.Scopes = append(card.Scopes, ui.Option{Value: scope.Name, Label: scope.Allows})
	}
	for _, token := range tokens {
		card.Rows = append(card.Rows, tokenRow(token))
	}
	return card, nil
}

func tokenRow(token models.APIToken) views.TokenRow {
	return views.TokenRow{
		ID: token.ID, Name: token.Name, By: token.CreatedBy, Scopes: strings.Fields(token.Scopes),
		CreatedAt: token.CreatedAt, LastUsedAt: frame.TimeOf(token.LastUsedAt), ExpiresAt: frame.TimeOf(token.ExpiresAt),
	}
}
