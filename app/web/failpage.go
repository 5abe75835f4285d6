package web

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/views"
	"workflows/views/ui"
)

// failPage shows an error to a person: the whole page, or for htmx the message alone.
func failPage(c *gin.Context, a answer) {
	ctx := c.Request.Context()
	page := views.ErrorPage{
		Layout:  ui.Page{Title: title(a), Viewer: Viewer(ctx)},
		Status:  a.status,
		Title:   title(a),
		Message: a.message,
		BackURL: cameFrom(c),
	}
	for _, field := range a.fields {
		page.Details = append(page.Details, field.Message)
	}
	if a.status >= http.StatusInternalServerError {
		page.RequestID = RequestID(ctx)
	}
	if IsHX(c) {
		if c.Request.Method == http.MethodGet || a.status >= http.StatusInternalServerError {
			c.Header("HX-Reswap", "none") // keep what is on the screen; the script says that it is old
		}
		renderError(c, a, views.ErrorMessage(page))
		return
	}
	renderError(c, a, views.Error(page))
}

// renderError shows the error page whatever became of the request's context,
// which ends all other rendering; an error page that fails must not lead here
// again, so it becomes plain text.
func renderError(c *gin.Context, a answer, component templ.Component) {
	var page bytes.Buffer
	if err := component.Render(context.WithoutCancel(c.Request.Context()), &page); err != nil {
		_ = c.Error(err)
		c.String(a.status, a.message)
		return
	}
	Send(c, a.status, "text/html; charset=utf-8", page.Bytes())
}

func title(a answer) string {
	switch a.status {
	case http.StatusNotFound:
		return "Not found"
	case http.StatusForbidden:
		return "Not allowed"
	case http.StatusConflict:
		if a.code != "conflict" {
			return "Not possible now"
		}
		return "It has changed"
	case http.StatusTooManyRequests:
		return "Too many tries"
	case http.StatusServiceUnavailable:
		return "Back in a moment"
	case http.StatusMethodNotAllowed:
		return "Not possible here"
	case http.StatusRequestEntityTooLarge:
		return "Too large"
	}
	if a.status >= http.StatusInternalServerError {
		return "Something went wrong"
	}
	return "That did not work"
}

// cameFrom is the page of ours whose form or link led here; "" where the browser does not
// say, or where it is this one.
func cameFrom(c *gin.Context) string {
	from, err := url.Parse(c.GetHeader("Referer"))
	if err != nil || from.Host != c.Request.Host {
		return ""
	}
	if from = Inside(c, from); !strings.HasPrefix(from.Path, "/") || from.Path == c.Request.URL.Path && c.Request.Method == http.MethodGet {
		return ""
	}
	return (&url.URL{Path: from.Path, RawQuery: from.RawQuery}).String()
}
