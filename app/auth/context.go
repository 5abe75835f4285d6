package auth

import (
	"context"

	"github.com/gin-gonic/gin"

	"workflows/app/web"
	"workflows/models"
	"workflows/views/ui"
)

type contextKey int

const (
	userKey contextKey = iota
	tokenKey
)

// withUser marks everything below ctx as done by this person, whom layouts show.
func withUser(ctx context.Context, user *models.User) context.Context {
	ctx = web.WithViewer(ctx, &ui.Viewer{
		Name: user.Name, Email: user.Email, Role: user.Role, Theme: user.Theme, TimeZone: user.TimeZone, ProfileURL: "/settings",
	})
	return context.WithValue(ctx, userKey, user)
}

// act has what is recorded below the request name who asked, and from where.
func act(c *gin.Context, actor models.Actor) {
	actor.Address, actor.RequestID = c.ClientIP(), web.RequestID(c.Request.Context())
	c.Request = c.Request.WithContext(models.WithActor(c.Request.Context(), actor))
}

// User is the person who is signed in; nil for nobody and for API tokens.
func User(ctx context.Context) *models.User {
	user, _ := ctx.Value(userKey).(*models.User)
	return user
}

// May reports whether the person who is signed in has at least this role.
func May(ctx context.Context, least Role) bool {
	user := User(ctx)
	return user != nil && Role(user.Role).AtLeast(least)
}

// Token is the API token of the request; nil for pages.
func Token(ctx context.Context) *models.APIToken {
	token, _ := ctx.Value(tokenKey).(*models.APIToken)
	return token
}

// By names who is asking, for records: the person, or the token as "token Name".
func By(ctx context.Context) string {
	if user := User(ctx); user != nil {
		if user.Name != "" {
			return user.Name
		}
		return user.Email
	}
	if token := Token(ctx); token != nil {
		return "token " + token.Name
	}
	return ""
}
