package routes

import (
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/web"
	"workflows/models"
)

// Who says who may use a route. The zero value is nobody: a route without a
// declaration answers no one.
type Who struct {
	kind  kind
	role  auth.Role
	scope string
}

type kind int

const (
	nobody kind = iota
	anyone
	holder
	person
	program
	caller
)

// Anyone needs no sign-in: login, set-up, health.
func Anyone() Who { return Who{kind: anyone} }

// Holder is whoever holds the page's address, somebody without an account as well:
// its :token is the right itself.
func Holder() Who { return Who{kind: holder} }

// OpenAPI is an API route without a token: health and the document itself.
func OpenAPI() Who { return Who{kind: program} }

// Caller is another program that calls a webhook: the address, and the signature
// where it has one, say whether it may.
func Caller() Who { return Who{kind: caller} }

// Viewer is every person who is signed in.
func Viewer() Who { return Who{kind: person, role: auth.Viewer} }

// Operator starts, cancels and pauses.
func Operator() Who { return Who{kind: person, role: auth.Operator} }

// Editor changes workflows.
func Editor() Who { return Who{kind: person, role: auth.Editor} }

// Administrator may do everything.
func Administrator() Who { return Who{kind: person, role: auth.Administrator} }

// Token is a program whose API token has this scope, or one of these where a
// space separates several.
func Token(scope string) Who { return Who{kind: program, scope: scope} }

// Page reports whether people use the route in a browser.
func (w Who) Page() bool { return w.kind == person || w.kind == anyone || w.kind == holder }

// ByAddress reports whether knowing the route's address is the right to use it.
func (w Who) ByAddress() bool { return w.kind == holder || w.kind == caller }

// allow is the middleware that lets a person with the role pass, has a
// signed-out one sign in, and refuses everybody else.
func (w Who) allow(tokens *auth.Tokens, signIn gin.HandlerFunc) gin.HandlerFunc {
	switch w.kind {
	case anyone, holder, caller:
		return func(*gin.Context) {}
	case program:
		if w.scope == "" {
			return func(*gin.Context) {}
		}
		return tokens.Require(w.scope)
	case person:
		return func(c *gin.Context) { requireRole(c, w.role, signIn) }
	}
	return func(c *gin.Context) { web.Fail(c, models.ErrForbidden) }
}

func requireRole(c *gin.Context, role auth.Role, signIn gin.HandlerFunc) {
	ctx := c.Request.Context()
	switch {
	case auth.User(ctx) == nil:
		signIn(c)
	case !auth.May(ctx, role):
		web.Fail(c, models.ErrForbidden)
	}
}

// Role is the least role that a page needs; "" for all other routes.
func (w Who) Role() auth.Role { return w.role }

// Takes reports whether an API token with this scope alone may use the route.
func (w Who) Takes(scope string) bool {
	return w.kind == program && slices.Contains(strings.Fields(w.scope), scope)
}
