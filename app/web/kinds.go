package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"workflows/models"
	"workflows/worker/document"
)

// Failure is an error whose status, code and sentence are already known.
type Failure struct {
	Status     int
	Code       string
	Message    string
	RetryAfter time.Duration
}

func (f *Failure) Error() string { return f.Message }

// panicError says that a handler panicked. Whatever with, it is an error of ours.
type panicError struct {
	cause any
	stack []byte
}

func (e *panicError) Error() string { return fmt.Sprintf("panic: %v\n%s", e.cause, e.stack) }

// Unwrap lets the log see of which kind the cause is.
func (e *panicError) Unwrap() error {
	cause, _ := e.cause.(error)
	return cause
}

// answer is what a person or program is told about an error.
type answer struct {
	status     int
	code       string
	message    string
	fields     []models.FieldError
	retryAfter time.Duration
}

// statusClosed is the usual number for "the client went away before the answer".
const statusClosed = 499

// explain is the one map from a kind of error to a status and a sentence.
func explain(err error) answer {
	var (
		failure   *Failure
		invalid   *models.InvalidError
		conflict  *models.ConflictError
		stranger  *models.StrangerError
		limit     *models.LimitError
		malformed *document.MalformedError
		tooLarge  *http.MaxBytesError
		away      *models.UnavailableError
	)
	switch {
	case errors.As(err, new(*panicError)):
		return internal()
	case errors.As(err, &failure):
		return answer{status: failure.Status, code: failure.Code, message: failure.Message, retryAfter: failure.RetryAfter}
	case errors.As(err, &invalid):
		return answer{status: http.StatusUnprocessableEntity, code: either(invalid.Code, "invalid"), message: either(invalid.Message, "Some of the values cannot be used."), fields: invalid.Fields}
	case errors.As(err, &conflict):
		return answer{status: http.StatusConflict, code: either(conflict.Code, "conflict"), message: conflict.Message}
	case errors.As(err, &stranger):
		return answer{status: http.StatusUnauthorized, code: stranger.Code, message: stranger.Message}
	case errors.As(err, &limit):
		return answer{status: http.StatusTooManyRequests, code: either(limit.Code, "too_many"), message: limit.Message, retryAfter: limit.RetryAfter}
	case errors.As(err, &malformed):
		return answer{status: http.StatusBadRequest, code: "malformed", message: malformed.Message}
	case errors.As(err, &tooLarge):
		return answer{status: http.StatusRequestEntityTooLarge, code: "too_large", message: fmt.Sprintf("That is too much at once. Send at most %d kB.", tooLarge.Limit/1024)}
	case errors.Is(err, models.ErrNotFound):
		return answer{status: http.StatusNotFound, code: "not_found", message: "There is nothing here. It may have been deleted, or the address may have a typing mistake."}
	case errors.Is(err, models.ErrConflict):
		return answer{status: http.StatusConflict, code: "conflict", message: "It has changed in the meantime. Load it again and repeat what you did."}
	case errors.Is(err, models.ErrForbidden):
		return answer{status: http.StatusForbidden, code: "forbidden", message: "You may not do this. Ask an administrator for the right to."}
	case errors.Is(err, context.Canceled):
		return answer{status: statusClosed, code: "closed", message: "The request was ended before its answer."}
	case errors.As(err, &away):
		return answer{status: http.StatusServiceUnavailable, code: "unavailable", message: away.Message, retryAfter: time.Minute}
	case errors.Is(err, models.ErrUnavailable), models.Unreachable(err), errors.Is(err, context.DeadlineExceeded):
		return answer{status: http.StatusServiceUnavailable, code: "unavailable", message: models.TroubleOf(err).Sentence(), retryAfter: 5 * time.Second}
	}
	return internal()
}

// internal is what is told of what has no kind.
func internal() answer {
	return answer{status: http.StatusInternalServerError, code: "internal", message: "Something went wrong on our side. Try again; if it stays, tell your administrator, whose log has the details."}
}

// Told is what a program is told about an error, in one text, for whoever keeps that.
func Told(err error) (status int, code, message string) {
	a := explain(err)
	for _, field := range a.fields {
		if field.Message != a.message {
			a.message += " " + field.Message
		}
	}
	return a.status, a.code, a.message
}

// Fail ends the request with the answer that the error calls for, in the form
// that the route speaks. The inner text is kept for the request's log line only.
func Fail(c *gin.Context, err error) {
	var elsewhere *redirectError
	if errors.As(err, &elsewhere) {
		redirect(c, elsewhere.url, elsewhere.say)
		return
	}
	c.Abort()
	_ = c.Error(err)
	if c.Writer.Written() {
		return
	}
	a := explain(err)
	if a.status == statusClosed {
		c.Status(statusClosed) // nobody reads it; the log says why
		return
	}
	refuseRest(c)
	RetryAfter(c, a.retryAfter)
	if c.GetBool(apiKey) {
		failJSON(c, a)
		return
	}
	failPage(c, a)
}

// RetryAfter says how long to wait before the next try, in whole seconds.
func RetryAfter(c *gin.Context, wait time.Duration) {
	if wait > 0 {
		c.Header("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
	}
}

func either(text, otherwise string) string {
	if text != "" {
		return text
	}
	return otherwise
}
