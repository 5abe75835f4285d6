package outage

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"workflows/models"
)

// Chore is something that a process does again and again and that needs a server.
// An outage of the server is for the server's own teller; whatever else keeps it
// from being done, also a server that answers and is full, read-only or busy, is told in
// the same way, once when it begins and once at its end.
type Chore struct{ server, own *Teller }

// NewChore makes the teller of a chore. lost says what is not done meanwhile, back
// that it is done again.
func NewChore(log *slog.Logger, lost, back string, server *Teller) *Chore {
	return &Chore{server: server, own: New(log, lost, back)}
}

// Note takes the outcome of one round of the chore, which began then.
func (c *Chore) Note(began time.Time, err error) {
	c.server.Note(began, err)
	switch {
	case err == nil:
		c.own.answered(began)
	case errors.Is(err, context.Canceled):
	case errors.Is(err, models.ErrUnavailable) && !models.TroubleOf(err).Answers(): // the server's teller says so
	default:
		c.own.failed(began, err)
	}
}
