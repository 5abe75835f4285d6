package web

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"workflows/models"
)

// OK is a value that is written with status 200, whatever its handler's status is.
type OK struct{ Value any }

// WithStatus is a value that is written with a status of its own.
type WithStatus struct {
	Status int
	Value  any
}

// Plain is an answer that is no JSON: it is written as it is, of this type.
type Plain struct {
	Status int
	Type   string
	Text   string
}

// JSON adapts an API handler: its value is written with the status, its error in
// the contract's form. Status 204 has no body.
func JSON(status int, f func(c *gin.Context) (any, error)) gin.HandlerFunc {
	return func(c *gin.Context) {
		c.Set(apiKey, true)
		value, err := f(c)
		exception, is := value.(OK)
		plain, isPlain := value.(Plain)
		own, hasOwn := value.(WithStatus)
		switch {
		case err != nil:
			Fail(c, err)
		case is:
			writeJSON(c, http.StatusOK, exception.Value)
		case hasOwn:
			writeJSON(c, own.Status, own.Value)
		case isPlain:
			c.Data(plain.Status, plain.Type, []byte(plain.Text))
		case status == http.StatusNoContent:
			c.Status(status)
		default:
			writeJSON(c, status, value)
		}
	}
}

// errorBody is the contract's form of every error.
type errorBody struct {
	Error errorDetails `json:"error"`
}

type errorDetails struct {
	Code      string              `json:"code"`
	Message   string              `json:"message"`
	Fields    []models.FieldError `json:"fields"`
	RequestID string              `json:"request_id"`
}

func failJSON(c *gin.Context, a answer) {
	fields := a.fields
	if fields == nil {
		fields = []models.FieldError{}
	}
	writeJSON(c, a.status, errorBody{errorDetails{Code: a.code, Message: a.message, Fields: fields, RequestID: RequestID(c.Request.Context())}})
}

func writeJSON(c *gin.Context, status int, value any) {
	data, err := json.Marshal(value)
	if err != nil {
		if _, already := value.(errorBody); already {
			panic(err) // it holds texts only
		}
		Fail(c, fmt.Errorf("write the answer: %w", err))
		return
	}
	Send(c, status, "application/json; charset=utf-8", append(data, '\n'))
}
