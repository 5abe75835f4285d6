package settings

import (
	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/frame"
	"workflows/app/web"
	"workflows/models/runs"
)

// RunLinksSave switches the links off, or on, by which runs are shown to people without an account.
func (s *Site) RunLinksSave(c *gin.Context) (templ.Component, error) {
	form, err := web.Form(c)
	if err != nil {
		return nil, err
	}
	off := form.Get("allowed") == ""
	if err := runs.SwitchRunLinks(c.Request.Context(), s.DB, off, s.Now()); err != nil {
		return nil, err
	}
	return nil, web.Done("/settings/house", frame.Either(off, "No run is sent by a link any more, and links that were made show nothing.", "Runs can be sent by a link."))
}
