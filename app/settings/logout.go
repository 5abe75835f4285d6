package settings

import (
	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/web"
)

// Logout ends the session.
func (s *Site) Logout(c *gin.Context) (templ.Component, error) {
	if err := s.Sessions.Leave(c); err != nil {
		return nil, err
	}
	return nil, web.SeeOther("/login")
}
