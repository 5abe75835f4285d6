package pages

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"workflows/app/web"
	"workflows/models"
)

// Logo is the picture of the house. It has passed as one of three formats, is named as that
// one, and can do nothing where somebody opens it alone.
func (s *Site) Logo(c *gin.Context) {
	logo, err := models.HouseLogo(c.Request.Context(), s.DB)
	if err != nil {
		web.Fail(c, err)
		return
	}
	c.Header("Content-Security-Policy", "default-src 'none'; sandbox")
	if c.Query("v") != "" { // its address names its content
		c.Header("Cache-Control", "public, max-age=86400")
	}
	c.Data(http.StatusOK, logo.Type, logo.Data)
}
