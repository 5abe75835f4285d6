// Package outage tells an outage of a server: once when it begins, and once, with
// its length, when it is over, whichever part of a process meets it. A process has
// one Teller for each server that it needs. Whoever opens the way to the server
// makes it, and all who go that way are handed it; nobody else logs that a server
// is away. It holds no connection, asks nobody anything and knows no server.
package outage

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"workflows/models"
)

// Teller is what one process knows of one server. A nil one tells nothing.
type Teller struct {
	log        *slog.Logger
	lost, back string
	fields     []any

	mu    sync.Mutex
	since time.Time // when the outage was noticed; zero while the server answers
	heard time.Time // when the server last answered
}

// New makes the teller of a server that answers, as far as is known. lost says
// what to do and what goes on by itself, back that it is over; fields go with both.
func New(log *slog.Logger, lost, back string, fields ...any) *Teller {
	return &Teller{log: log, lost: lost, back: back, fields: fields}
}

// Note takes the outcome of something that needed the server and began then: a
// models.ErrUnavailable is an outage, any other error an answer; so is one that says
// that a disk is full. What was given up
// here, by a cancelled context, says nothing of the server.
func (t *Teller) Note(began time.Time, err error) {
	switch {
	case t == nil || errors.Is(err, context.Canceled):
	case errors.Is(err, models.ErrUnavailable) && !models.TroubleOf(err).Answers():
		t.failed(began, err)
	default:
		t.answered(began)
	}
}

// Away reports whether there is an outage now, as far as is known.
func (t *Teller) Away() bool {
	if t == nil {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return !t.since.IsZero()
}

// failed begins an outage, unless what failed began before the server was last
// heard: then it has only been late to say so.
func (t *Teller) failed(began time.Time, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.since.IsZero() && began.After(t.heard) {
		t.since = time.Now()
		t.log.Error(t.lost, append([]any{"error", err}, t.fields...)...)
	}
}

// answered ends an outage, unless what was answered began before it: a connection
// that was not cut with the others says nothing of those to come.
func (t *Teller) answered(began time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.since.IsZero() {
		t.heard = time.Now()
		return
	}
	if began.After(t.since) {
		t.heard = time.Now()
		t.log.Info(t.back, append([]any{"away", t.heard.Sub(t.since).Round(time.Millisecond)}, t.fields...)...)
		t.since = time.Time{}
	}
}
