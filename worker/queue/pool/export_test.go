package pool

import (
	"context"
	"log/slog"
	"time"

	"workflows/worker/queue"
)

// Janitor lets tests make the janitor's rounds at times of their choosing.
type Janitor struct{ inner *janitor }

// NewJanitor makes a janitor that has seen nothing yet.
func NewJanitor(q *queue.Queue) Janitor {
	return Janitor{&janitor{q: q, log: slog.New(slog.DiscardHandler), seen: map[string]sighting{}}}
}

// Round makes one round.
func (j Janitor) Round(ctx context.Context, now time.Time) { j.inner.round(ctx, now) }
