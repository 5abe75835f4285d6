package auth

import (
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"workflows/models"
)

// Signer makes signatures that nobody else can make; *secrets.Keys is one.
type Signer interface {
	Sign(purpose, text string) string
	Signed(purpose, text, signature string) bool
}

const (
	lastSigned = "last signed in"    // the purpose of the signature
	lastFor    = 2 * SessionLifetime // longer than any session
)

func (s *Sessions) lastCookie() string {
	return strings.TrimSuffix(s.manager.Cookie.Name, "session") + "last"
}

// Last is the id of who signed in last in this browser, also once that session is
// over; "" where nobody did. It is no right to anything: it says for whom something
// is kept until they have signed in again.
func (s *Sessions) Last(c *gin.Context) string {
	cookie, err := c.Request.Cookie(s.lastCookie())
	if err != nil || s.signer == nil {
		return ""
	}
	id, signature, _ := strings.Cut(cookie.Value, ".")
	if !models.ValidID(id) || !s.signer.Signed(lastSigned, id, signature) {
		return ""
	}
	return id
}

func (s *Sessions) noteLast(c *gin.Context, user models.User) {
	if s.signer == nil {
		return
	}
	http.SetCookie(c.Writer, &http.Cookie{ // #nosec G124 -- Secure as the session's: not where the site is served without HTTPS
		Name: s.lastCookie(), Value: user.ID + "." + s.signer.Sign(lastSigned, user.ID), Path: s.manager.Cookie.Path,
		MaxAge: int(lastFor / time.Second), HttpOnly: true, Secure: s.manager.Cookie.Secure, SameSite: http.SameSiteLaxMode,
	})
}
