package documents

import (
	"cmp"
	"mime"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"workflows/app/web"
	"workflows/models"
	"workflows/worker/document"
)

// Export is a workflow as a file, as the command export writes it: in YAML, or in JSON
// where the address ends so.
func (s *Site) Export(c *gin.Context) {
	kind := c.Param("kind")
	types := map[string]string{"yaml": "application/yaml", "json": "application/json"}
	w, err := s.workflow(c)
	if err == nil && types[kind] == "" {
		err = models.ErrNotFound
	}
	if err != nil {
		web.Fail(c, err)
		return
	}
	exported, err := s.Catalog.Document(c.Request.Context(), w.ID)
	if err != nil {
		web.Fail(c, err)
		return
	}
	data := document.Indented(exported)
	if kind == "yaml" {
		if data, err = exported.YAML(); err != nil {
			web.Fail(c, err)
			return
		}
	}
	c.Header("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": fileName(w.Name) + "." + kind}))
	web.Send(c, http.StatusOK, types[kind]+"; charset=utf-8", data)
}

// fileName leaves out of a name what no name of a file may hold; one of which nothing is
// left is "workflow".
func fileName(name string) string {
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) || r < ' ' {
			return '-'
		}
		return r
	}, name)
	return cmp.Or(strings.Trim(name, ". "), "workflow")
}
