package web

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"workflows/views/ui"
)

const (
	// saidCookie carries what was done to the page that comes next, saidFor is for how
	// many seconds, and saidLimit how many bytes it may have.
	saidCookie = "said"
	saidFor    = 60
	saidLimit  = 1500
	// saidParts divides the sentence from the way on.
	saidParts  = "\x1f"
	browserKey = "web.browser"
	alsoKey    = "web.also"
)

// KnownBy says by which secret the request's browser is known: that of its session.
// What is said to it is signed with that, so that nobody else can put words on a page.
func KnownBy(c *gin.Context, secret string, secure bool) {
	c.Set(browserKey, &browser{secret, secure})
}

type browser struct {
	secret string
	secure bool // the site is served by HTTPS
}

// Done is returned as the error of a handler that has done what was asked: SeeOther,
// with a sentence that the page there begins with, and at most one way on from it.
// Without a session nothing is said.
func Done(url, sentence string, way ...ui.Link) error {
	said := []string{sentence}
	if len(way) > 0 {
		said = append(said, way[0].Label, way[0].URL)
	}
	return &redirectError{url: url, say: strings.Join(said, saidParts)}
}

// Also has a sentence said behind that of the answer, whatever that is.
func Also(c *gin.Context, sentence string) { c.Set(alsoKey, sentence) }

// AlsoSaid is what is said behind the answer's sentence, for one that is no redirection.
func AlsoSaid(c *gin.Context) string { return c.GetString(alsoKey) }

// say leaves a sentence in the browser for the next page.
func say(c *gin.Context, text string) {
	if also := AlsoSaid(c); also != "" {
		first, way, led := strings.Cut(text, saidParts)
		text = strings.TrimSpace(first + " " + also)
		if led {
			text += saidParts + way
		}
	}
	known, ok := c.Get(browserKey)
	if !ok || text == "" || len(text) > saidLimit {
		return
	}
	encode := base64.RawURLEncoding.EncodeToString
	setSaid(c, encode([]byte(text))+"."+encode(known.(*browser).sign(text)), saidFor)
}

// Said is what was left for this page, once; nil for nothing.
func Said(c *gin.Context) []ui.Notice {
	known, ok := c.Get(browserKey)
	if !ok || c.Request.Method != http.MethodGet || IsHX(c) {
		return nil
	}
	cookie, err := c.Request.Cookie(saidCookie)
	if err != nil {
		return nil
	}
	setSaid(c, "", -1)
	text, signature, _ := strings.Cut(cookie.Value, ".")
	said, _ := base64.RawURLEncoding.DecodeString(text)
	mark, _ := base64.RawURLEncoding.DecodeString(signature)
	if !hmac.Equal(mark, known.(*browser).sign(string(said))) {
		return nil
	}
	notice := ui.Notice{Kind: "good", Stays: true}
	parts := strings.Split(string(said), saidParts)
	notice.Text = parts[0]
	if len(parts) == 3 {
		notice.ActionLabel, notice.ActionURL = parts[1], parts[2]
	}
	return []ui.Notice{notice}
}

func setSaid(c *gin.Context, value string, seconds int) {
	http.SetCookie(c.Writer, &http.Cookie{ // #nosec G124 -- Secure as the session's: not where the site is served without HTTPS
		Name: saidCookie, Value: value, Path: cmp.Or(ui.SubPath(c.Request.Context()), "/"), MaxAge: seconds,
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: c.MustGet(browserKey).(*browser).secure,
	})
}

func (b *browser) sign(text string) []byte {
	mac := hmac.New(sha256.New, []byte(b.secret))
	mac.Write([]byte("said " + text))
	return mac.Sum(nil)
}
