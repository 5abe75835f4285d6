package web

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
)

// readBody reads a body of at most limit bytes. What goes wrong on the way is the
// sender's, never ours: all of it is a *Failure, an *http.MaxBytesError or a
// *models.LimitError.
func readBody(c *gin.Context, limit int) ([]byte, error) {
	if err := refuseEncoded(c); err != nil {
		return nil, err
	}
	size := limit + 1 // of a body of unknown length: one byte more than it may have
	if declared := c.Request.ContentLength; declared > int64(limit) {
		return nil, &http.MaxBytesError{Limit: int64(limit)}
	} else if declared >= 0 {
		size = int(declared)
	}
	body := make([]byte, min(size, smallBody))
	n, ended, err := fill(c.Request.Body, body)
	if err == nil && !ended && n < size {
		body, n, err = readShared(c, body, size)
	}
	if err == nil && n > limit {
		err = &http.MaxBytesError{Limit: int64(limit)}
	}
	if err != nil {
		return nil, err
	}
	c.MustGet(loanKey).(*loan).read = true
	return body[:n], nil
}

func refuseEncoded(c *gin.Context) error {
	encoding := strings.TrimSpace(c.GetHeader("Content-Encoding"))
	if encoding == "" || strings.EqualFold(encoding, "identity") {
		return nil
	}
	c.Header("Accept-Encoding", "identity")
	return &Failure{
		Status: http.StatusUnsupportedMediaType, Code: "unsupported_encoding",
		Message: fmt.Sprintf("The content is encoded (Content-Encoding: %.50q). Send it as it is, without that header.", encoding),
	}
}

// readShared reads on after the beginning, into a share of the process's bodies.
func readShared(c *gin.Context, beginning []byte, size int) ([]byte, int, error) {
	lent := c.MustGet(loanKey).(*loan)
	connection := http.NewResponseController(c.Writer)
	s := &share{size: size, network: Network(c.ClientIP()), cut: slowCut(connection)}
	if err := lent.bodies.take(c.Request.Context(), s); err != nil {
		return nil, 0, err
	}
	lent.share = s
	body := make([]byte, size)
	n := copy(body, beginning)
	more, _, err := fill(counted{c.Request.Body, s}, body[n:])
	if !lent.bodies.whole(s) {
		err = errCutOff
	}
	return body, n + more, err
}

// slowCut ends the reading of a sender's connection.
func slowCut(connection *http.ResponseController) func() {
	return func() { _ = connection.SetReadDeadline(time.Unix(1, 0)) }
}

// errCutOff is why a sender is cut off whose share others wait for.
var errCutOff = &Failure{Status: http.StatusRequestTimeout, Code: "too_slow", Message: "This came too slowly while others waited, so it was not taken. Send it again over a faster connection."}

// counted counts what comes for a share.
type counted struct {
	io.Reader
	share *share
}

func (c counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.share.got.Add(int64(n))
	return n, err
}

// fill reads until buf is full or the body has ended.
func fill(body io.Reader, buf []byte) (n int, ended bool, err error) {
	for n < len(buf) {
		more, err := body.Read(buf[n:])
		n += more
		if err != nil {
			return n, true, sendersFault(err)
		}
	}
	return n, false, nil
}

// sendersFault gives what was met while a body was read a kind of its own: the same
// errors mean something else when they come from a server of ours. The end is none.
func sendersFault(err error) error {
	var known *Failure
	var network net.Error
	switch {
	case err == io.EOF:
		return nil
	case errors.As(err, &network) && network.Timeout():
		known = &Failure{Status: http.StatusRequestTimeout, Code: "too_slow", Message: "This did not arrive in time. Send it again."}
	case errors.Is(err, io.ErrUnexpectedEOF):
		known = &Failure{Status: http.StatusBadRequest, Code: "cut_off", Message: "This ended before all of it had come. Send it again."}
	default:
		known = &Failure{Status: http.StatusBadRequest, Code: "malformed", Message: "What was sent could not be read, it was broken on its way. Send it again."}
	}
	return fmt.Errorf("%w: %w", known, err)
}
