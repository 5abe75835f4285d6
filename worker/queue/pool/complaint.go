package pool

import (
	"log/slog"
	"sync"
	"time"

	"github.com/gomodule/redigo/redis"

	"workflows/worker/queue/wire"
)

// complaints are logged at most every half minute each: what nobody foresaw would
// be said again with every command.
type complaints struct {
	log *slog.Logger

	mu   sync.Mutex
	said map[string]time.Time
}

func (c *complaints) warn(message string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.said[message]) < 30*time.Second {
		return
	}
	if c.said == nil {
		c.said = map[string]time.Time{}
	}
	c.said[message] = time.Now()
	c.log.Error(message, "error", err)
}

// complainOf logs a refusal, unless it is an outage of the whole server.
func (p *pool) complainOf(message string, refusal redis.Error) {
	if !wire.RefusesAll(refusal) {
		p.complaints.warn(message, refusal)
	}
}
