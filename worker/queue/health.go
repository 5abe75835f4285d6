package queue

import (
	"log/slog"
	"sync"
	"time"
)

// health says once when Redis goes and once when it is back, and repeats other
// complaints at most every half minute.
type health struct {
	log     *slog.Logger
	address string

	mu    sync.Mutex
	since time.Time // zero while Redis answers
	heard time.Time // when it last answered
	said  map[string]time.Time
}

// down notes that a call which began then has failed. One that began before Redis
// last answered says nothing: it has only been late to say so.
func (h *health) down(began time.Time, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.since.IsZero() && began.After(h.heard) {
		h.since = time.Now()
		h.log.Warn("Redis cannot be reached; work goes on when it is back", "address", h.address, "error", err)
	}
}

func (h *health) up() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.heard = time.Now()
	if !h.since.IsZero() {
		h.log.Info("Redis is back", "address", h.address, "away", time.Since(h.since).Round(time.Millisecond))
		h.since = time.Time{}
	}
}

func (h *health) isDown() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return !h.since.IsZero()
}

func (h *health) complain(message string, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if time.Since(h.said[message]) < 30*time.Second {
		return
	}
	if h.said == nil {
		h.said = map[string]time.Time{}
	}
	h.said[message] = time.Now()
	h.log.Error(message, "address", h.address, "error", err)
}
