package frame

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"workflows/app/web"
	"workflows/worker/document"
)

// indentedBytes bounds what is laid out in lines before it is shown.
const indentedBytes = 2 << 20

// SendJSON answers with a whole value: as text to read where the address says
// ?show=all, else as a file.
func SendJSON(c *gin.Context, file string, data []byte) {
	if c.Query("show") != "all" {
		c.Header("Content-Disposition", `attachment; filename="`+file+`"`)
		web.Send(c, http.StatusOK, "application/json", data)
		return
	}
	if len(data) <= indentedBytes {
		data = document.InLines(data)
	}
	web.Send(c, http.StatusOK, "text/plain; charset=utf-8", data)
}
