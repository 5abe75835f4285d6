package web

import (
	"bytes"
	"errors"
	"net/http"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/views/ui"
)

// Page adapts a handler that returns what is to be shown. A nil component
// answers 204. Errors become the error page, or for htmx a short message.
func Page(f func(c *gin.Context) (templ.Component, error)) gin.HandlerFunc {
	return func(c *gin.Context) {
		component, err := f(c)
		var other *statusError
		switch {
		case errors.As(err, &other):
			refuseRest(c)
			render(c, other.status, other.component)
		case err != nil:
			Fail(c, err)
		case component == nil:
			c.Status(http.StatusNoContent)
		default:
			render(c, http.StatusOK, component)
		}
	}
}

// render writes a component whole or not at all: a page that fails half-way
// must not look like one that succeeded.
func render(c *gin.Context, status int, component templ.Component) {
	var page bytes.Buffer
	if err := component.Render(c.Request.Context(), &page); err != nil {
		Fail(c, err)
		return
	}
	Send(c, status, "text/html; charset=utf-8", page.Bytes())
}

// statusError is a page that a handler wants shown with another status than 200.
type statusError struct {
	status    int
	component templ.Component
}

func (e *statusError) Error() string { return "page with status " + http.StatusText(e.status) }

// Status is returned as the error of a Page handler to answer with a component
// and a status of its own, such as 422 with the form as it was filled in.
func Status(code int, component templ.Component) error {
	return &statusError{status: code, component: component}
}

// redirectError sends the browser on.
type redirectError struct {
	url string
	say string // to the person, on the page there
}

func (e *redirectError) Error() string { return "see " + e.url }

// SeeOther is returned as the error of a handler to send the browser to another
// page after a POST: 303, or HX-Redirect where htmx asked.
func SeeOther(url string) error { return &redirectError{url: url} }

func redirect(c *gin.Context, url, said string) {
	say(c, said)
	if IsHX(c) {
		Leave(c, http.StatusOK, url)
		return
	}
	c.Redirect(http.StatusSeeOther, at(c, url))
}

// Leave has htmx leave the page for another one, whatever the status.
func Leave(c *gin.Context, status int, url string) {
	c.Header("HX-Redirect", at(c, url))
	c.Status(status)
	c.Writer.WriteHeaderNow()
}

// at is an address as a header has it.
func at(c *gin.Context, url string) string { return string(ui.At(c.Request.Context(), url)) }
