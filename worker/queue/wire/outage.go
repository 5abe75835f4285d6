package wire

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gomodule/redigo/redis"

	"workflows/worker/outage"
)

// outages are the two states of Redis that are told to the log: it cannot be
// reached, or it answers and refuses to work.
type outages struct {
	unreached, refusing *outage.Teller
	refused             *atomic.Pointer[string] // the command whose acceptance ends a refusal
}

func newOutages(log *slog.Logger, address string) outages {
	return outages{
		unreached: outage.New(log, "Redis cannot be reached; accepted runs are kept and start when it is back: start it, or correct REDIS_URL", "Redis is back", "address", address),
		refusing:  outage.New(log, "Redis answers, but refuses to work; accepted runs are kept and start when it works again", "Redis works again", "address", address),
		refused:   &atomic.Pointer[string]{},
	}
}

// patience is how long Redis must have had to answer before silence is its fault
// rather than a caller's who had no more time.
const patience = time.Second

// noteRoundTrip notes what a round trip says of the server.
func (w *Wire) noteRoundTrip(ctx context.Context, began time.Time, commands []Command, replies []any, err error) {
	o := w.outages
	refusal := redis.Error("")
	switch {
	case err == nil:
		o.unreached.Note(began, nil)
	case errors.As(err, &refusal): // already of the password
		o.refuses(began, commands[0], refusal)
		return
	case ctx.Err() != nil && time.Since(began) < patience:
		return
	default:
		now := time.Now()
		w.failed.Store(&now)
		o.unreached.Note(began, Unavailable(err))
		return
	}
	for i, reply := range replies {
		name := o.refused.Load()
		if refusal, ok := reply.(redis.Error); ok && RefusesAll(refusal) {
			o.refuses(began, commands[i], refusal)
			return
		} else if !ok && name != nil && *name == commands[i].Name {
			o.refused.Store(nil)
			o.refusing.Note(began, nil)
		}
	}
}

func (o outages) refuses(began time.Time, c Command, refusal redis.Error) {
	o.refused.CompareAndSwap(nil, &c.Name)
	o.refusing.Note(began, Unavailable(refusal))
}

// RefusesAll tells a state of the whole server from a fault of one command.
func RefusesAll(refusal redis.Error) bool {
	word, _, _ := strings.Cut(string(refusal), " ")
	switch word {
	case "OOM", "READONLY", "MISCONF", "LOADING", "MASTERDOWN", "NOREPLICAS", "CLUSTERDOWN", "BUSY", "NOAUTH", "NOPERM":
		return true
	}
	return false
}
