package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"workflows/app/web"
	"workflows/models"
	"workflows/worker/document"
	"workflows/worker/workflow"
)

// body reads a JSON body strictly into the struct that into points to, and
// returns it as it was sent.
func body(c *gin.Context, into any) ([]byte, error) { return bodyAs(c, into, "invalid_body") }

// bodyAs is body with an error code of its own for what is wrong with its fields.
func bodyAs(c *gin.Context, into any, code string) ([]byte, error) {
	data, err := web.Body(c)
	if err != nil {
		return nil, err
	}
	problems, err := document.Read(data, into)
	if err != nil {
		return nil, err
	}
	return data, invalid(code, problems)
}

// optionalBody is body for operations that need none: nothing counts as {}.
func optionalBody(c *gin.Context, into any) ([]byte, error) {
	if c.Request.ContentLength == 0 || c.Request.Body == nil || c.Request.Body == http.NoBody {
		return []byte("{}"), nil
	}
	return body(c, into)
}

// noBody accepts nothing or {}.
func noBody(c *gin.Context) error {
	_, err := optionalBody(c, &struct{}{})
	return err
}

// invalid makes the error for what is wrong with a body; nil for nothing.
func invalid(code string, problems []workflow.Problem) error {
	if len(problems) == 0 {
		return nil
	}
	err := &models.InvalidError{Code: code, Message: "Some of the values cannot be used; see fields."}
	if len(problems) == 1 {
		err.Message = problems[0].Message
	}
	for _, p := range problems {
		err.Fields = append(err.Fields, models.FieldError{Path: p.Path, Code: p.Code, Message: p.Message})
	}
	return err
}

// ID in a path; what is not one is nothing's.
func id(c *gin.Context) (string, error) { return web.ID(c, "id") }
