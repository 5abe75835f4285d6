package pages

import (
	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/views"
)

// Greeting says hello to who looks.
func (s *Site) Greeting(c *gin.Context) (templ.Component, error) {
	return views.Greeting(views.GreetingPage{Page: s.Page(c, "Greeting", ""), Hour: s.Now().Hour()}), nil
}
