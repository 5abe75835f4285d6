package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"workflows/models"
	"workflows/models/columns"
)

// Observer is told about every finished request, with the errors that it has met.
type Observer func(method, route string, status int, took time.Duration, met []error)

// Requests numbers each request, catches panics and writes its one log line, with
// the path as shown returns it. It must be the first middleware.
func Requests(log *slog.Logger, shown func(path string) string, observe Observer) gin.HandlerFunc {
	return func(c *gin.Context) {
		began := time.Now()
		id := models.NewID()
		c.Request = c.Request.WithContext(context.WithValue(c.Request.Context(), requestKey, id))
		c.Header("X-Request-Id", id)
		passed := false
		defer func() {
			cause := recover()
			if !passed {
				Fail(c, &panicError{cause, debug.Stack()})
			}
			took := time.Since(began)
			logRequest(c, log, id, shown(c.Request.URL.Path), took)
			if observe != nil {
				observe(c.Request.Method, c.FullPath(), c.Writer.Status(), took, errorsOf(c))
			}
			if cause == http.ErrAbortHandler {
				panic(cause) // net/http's own way to cut an answer off
			}
		}()
		c.Next()
		passed = true
	}
}

func logRequest(c *gin.Context, log *slog.Logger, id, path string, took time.Duration) {
	status := c.Writer.Status()
	level := slog.LevelInfo
	switch {
	case status >= http.StatusInternalServerError:
		level = slog.LevelError
	case status == http.StatusNotModified:
		level = slog.LevelDebug // polls would drown the rest
	}
	ctx := c.Request.Context()
	if !log.Enabled(ctx, level) {
		return
	}
	fields := []slog.Attr{
		slog.String("request_id", id), slog.String("method", c.Request.Method), slog.String("path", path),
		slog.String("route", c.FullPath()), slog.Int("status", status), slog.Int("bytes", max(0, c.Writer.Size())),
		slog.Int64("micros", took.Microseconds()), slog.String("address", c.ClientIP()),
	}
	if len(c.Errors) > 0 {
		fields = append(fields, slog.Any("error", errors.Join(errorsOf(c)...)))
	}
	log.LogAttrs(ctx, level, "request", fields...)
}

func errorsOf(c *gin.Context) []error {
	var all []error
	for _, e := range c.Errors {
		all = append(all, e.Err)
	}
	return all
}

// policy forbids everything that our pages do not need. There are no inline
// styles and scripts, not even with a nonce.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'; font-src 'self'"

// Headers sets what protects every answer. secure is set when the site is
// served by HTTPS: browsers then never ask by HTTP again.
func Headers(secure bool) gin.HandlerFunc {
	return func(c *gin.Context) {
		h := c.Writer.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		// Not no-referrer, also where the address is a right: browsers then send
		// "Origin: null" with the form, and what was meant to be sent is refused.
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cache-Control", "no-store") // but for live parts and static files, which say so
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
		if secure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
	}
}

// AllowFormTo lets the page's form end at another site, once it was sent here: browsers
// hold its redirects, too, to where forms may be sent.
func AllowFormTo(c *gin.Context, origin string) {
	c.Header("Content-Security-Policy", strings.Replace(policy, "form-action 'self'", "form-action 'self' "+origin, 1))
}

// ReadablePath refuses paths that cannot be stored: U+0000, invalid UTF-8. Nothing
// has such a path.
func ReadablePath(c *gin.Context) {
	if !columns.Holds(c.Request.URL.Path) {
		Fail(c, models.ErrNotFound)
	}
}

// ReadableQuery refuses parameters that cannot be read or stored: broken
// %-escapes, U+0000, invalid UTF-8.
func ReadableQuery(c *gin.Context) {
	query, err := url.ParseQuery(c.Request.URL.RawQuery)
	if err != nil {
		Fail(c, &Failure{Status: http.StatusBadRequest, Code: "malformed", Message: "The address cannot be read. Check the part after the question mark."})
		return
	}
	if err := storable(query); err != nil {
		Fail(c, err)
	}
}

// AnswersJSON marks the routes below as speaking JSON, errors included.
func AnswersJSON(c *gin.Context) { c.Set(apiKey, true) }

// SameOrigin refuses requests that another site made a browser send, by
// net/http's own protection. Not for the API, which takes no cookies.
func SameOrigin(baseURL string) (gin.HandlerFunc, error) {
	protection := http.NewCrossOriginProtection()
	if err := protection.AddTrustedOrigin(baseURL); err != nil {
		return nil, fmt.Errorf("trust the origin %s: %w", baseURL, err)
	}
	return func(c *gin.Context) {
		if err := protection.Check(c.Request); err != nil {
			Fail(c, &Failure{Status: http.StatusForbidden, Code: "cross_site", Message: "This was sent from another site and was not done. Open the page here and do it again."})
		}
	}, nil
}

// Gate keeps the site closed while problem returns a sentence: the database
// cannot be reached, or is being migrated.
func Gate(problem func() string) gin.HandlerFunc {
	return func(c *gin.Context) {
		if sentence := problem(); sentence != "" {
			Fail(c, &Failure{Status: http.StatusServiceUnavailable, Code: "unavailable", Message: sentence, RetryAfter: 5 * time.Second})
		}
	}
}
