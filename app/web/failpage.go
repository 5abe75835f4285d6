package web

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"workflows/views"
	"workflows/views/ui"
)

// failPage shows an error to a person: the whole page, or for htmx the message alone.
func failPage(c *gin.Context, a answer) {
	ctx := c.Request.Context()
	page := views.ErrorPage{
		Layout:  ui.Page{Title: title(a.status), Viewer: Viewer(ctx)},
		Status:  a.status,
		Title:   title(a.status),
		Message: a.message,
	}
	for _, field := range a.fields {
		page.Details = append(page.Details, field.Message)
	}
	if a.status >= http.StatusInternalServerError {
		page.RequestID = RequestID(ctx)
	}
	c.Header("Cache-Control", "no-store")
	if IsHX(c) {
		if c.Request.Method == http.MethodGet || a.status >= http.StatusInternalServerError {
			c.Header("HX-Reswap", "none") // keep what is on the screen; the script says that it is old
		}
		render(c, a.status, views.ErrorMessage(page))
		return
	}
	render(c, a.status, views.Error(page))
}

func title(status int) string {
	switch status {
	case http.StatusNotFound:
		return "Not found"
	case http.StatusForbidden:
		return "Not allowed"
	case http.StatusConflict:
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
	if status >= http.StatusInternalServerError {
		return "Something went wrong"
	}
	return "That did not work"
}
