package pages

import (
	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/views"
)

// Styleguide shows every component in its states.
func (s *Site) Styleguide(c *gin.Context) (templ.Component, error) {
	return views.Styleguide(views.StyleguidePage{Page: s.Page(c, "Style guide", "styleguide"), Now: s.Now()}), nil
}
