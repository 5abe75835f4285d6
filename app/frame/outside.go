package frame

import (
	"github.com/gin-gonic/gin"

	"workflows/models"
	"workflows/views/ui"
)

// OutsideLayout shows nothing of the site, also to somebody who is signed in, but whose it
// is, where that was said.
func (f Frame) OutsideLayout(c *gin.Context, title string) ui.Page {
	layout := f.Page(c, title, "")
	layout.Viewer, layout.Notices = nil, nil
	house, err := models.HouseOf(c.Request.Context(), f.DB)
	if err != nil {
		_ = c.Error(err) // the page is good without
	}
	layout.House = ui.House{Name: house.Name, LogoURL: LogoURL(house)}
	return layout
}
