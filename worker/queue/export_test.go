package queue

import (
	"context"
	"time"
)

// Janitor lets tests make the janitor's rounds at times of their choosing.
type Janitor struct{ inner *janitor }

// NewJanitor makes a janitor that has seen nothing yet.
func NewJanitor(q *Queue) Janitor { return Janitor{&janitor{q: q, seen: map[string]sighting{}}} }

// Round makes one round.
func (j Janitor) Round(ctx context.Context, now time.Time) { j.inner.round(ctx, now) }

// Silence is how long a worker may be unheard.
const Silence = silence

// Key spells a key of the queue's namespace.
func Key(q *Queue, name string) string { return q.keys.prefix + name }

// Payload is a hint as a job.
func Payload(h Hint, at time.Time) []byte { return h.payload(at) }

// ReadPayload reads a job as the feeder does.
func ReadPayload(data []byte) (Hint, error) { return readHint(data) }
