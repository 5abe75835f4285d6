package web

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"

	"workflows/models"
)

const (
	// smallBody is read without a share: nearly every body is that small, so that
	// nothing that is done with large ones keeps people from signing in.
	smallBody = 8 << 10
	// heldBodies is what the shares of one process come to, in bytes.
	heldBodies = 8 << 20
	// bodyPatience and bodyPace are what a sender with a share is given while others
	// wait for one: this long, and this many bytes a second from then on.
	bodyPatience = 5 * time.Second
	bodyPace     = 32 << 10
	// bodyWait is how long a body waits for a share.
	bodyWait = 15 * time.Second
)

// Bodies bounds the bytes of requests' bodies that a process holds at once. A body
// that is not small is read once it has a share as large as itself; the others wait
// in their senders' and the kernel's buffers. The next share goes to the network that
// has least of them, so that one that sends a flood waits for itself. While somebody
// waits, who sends slowest is cut off: a share is no place to sit in.
type Bodies struct {
	limit          int
	patience, wait time.Duration

	mu      sync.Mutex
	held    int
	holding []*share
	waiting []*share // oldest first
}

// NewBodies prepares the bound of a process.
func NewBodies() *Bodies {
	return &Bodies{limit: heldBodies, patience: bodyPatience, wait: bodyWait}
}

// share is what one body may hold.
type share struct {
	size    int
	network string
	granted chan struct{}
	since   time.Time    // when it was granted
	got     atomic.Int64 // bytes that have come
	cut     func()       // ends the reading; nil once nothing depends on the sender
	wasCut  bool
}

// loan is what one request may have of Bodies.
type loan struct {
	bodies *Bodies
	share  *share // nil for most
	read   bool   // the body has been read to its end
}

// Bound is the middleware that lends shares: what a request has got is given back
// once it is answered.
func (b *Bodies) Bound(c *gin.Context) {
	c.Set(loanKey, &loan{bodies: b, read: c.Request.ContentLength == 0})
	defer DropBody(c)
	c.Next()
}

// refuseRest has a refusal sent at once where the body was not read: net/http waits
// for up to 256 kB of its rest before it answers, unless the connection is then
// closed. (Its full duplex mode does not wait either, but panics at the next request.)
func refuseRest(c *gin.Context) {
	if lent, ok := c.Get(loanKey); ok && !lent.(*loan).read {
		c.Header("Connection", "close")
	}
}

// DropBody gives the body's share back before the request is answered. Whoever
// calls it holds nothing of the body any more.
func DropBody(c *gin.Context) {
	lent := c.MustGet(loanKey).(*loan)
	if lent.share != nil {
		lent.bodies.release(lent.share)
		lent.share = nil
	}
}

// take waits until a share is granted; a *models.LimitError says when to try again.
func (b *Bodies) take(ctx context.Context, s *share) error {
	s.granted = make(chan struct{})
	b.mu.Lock()
	b.waiting = append(b.waiting, s)
	b.grant()
	b.mu.Unlock()
	over := time.NewTimer(b.wait)
	defer over.Stop()
	look := time.NewTicker(b.patience / 5)
	defer look.Stop()
	for {
		select {
		case <-s.granted:
			return nil
		case <-ctx.Done():
			b.release(s)
			return ctx.Err()
		case <-over.C:
			b.release(s)
			return &models.LimitError{
				Code: "too_many_requests", RetryAfter: b.patience,
				Message: "Too much is being sent at this moment, so this was not read. Send it again in a few seconds.",
			}
		case <-look.C:
			b.cutSlow(time.Now())
		}
	}
}

// whole says that all of the body has come: its share is held for as long as the
// request takes. It is false where the sender was cut off just then.
func (b *Bodies) whole(s *share) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	s.cut = nil
	return !s.wasCut
}

// release gives a share back, or leaves the queue for one.
func (b *Bodies) release(s *share) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if i := slices.Index(b.waiting, s); i >= 0 {
		b.waiting = slices.Delete(b.waiting, i, i+1)
	}
	if i := slices.Index(b.holding, s); i >= 0 {
		b.holding = slices.Delete(b.holding, i, i+1)
		b.held -= s.size
	}
	b.grant()
}

// grant gives out what is free. One that does not fit is not overtaken, or large
// ones would never have their turn.
func (b *Bodies) grant() {
	for len(b.waiting) > 0 {
		i := b.next()
		s := b.waiting[i]
		if b.held > 0 && b.held+s.size > b.limit {
			return
		}
		b.waiting = slices.Delete(b.waiting, i, i+1)
		b.holding = append(b.holding, s)
		b.held += s.size
		s.since = time.Now()
		close(s.granted)
	}
}

// next is who has waited longest of the networks that hold least.
func (b *Bodies) next() int {
	holds := map[string]int{}
	for _, s := range b.holding {
		holds[s.network] += s.size
	}
	first := 0
	for i, s := range b.waiting {
		if holds[s.network] < holds[b.waiting[first].network] {
			first = i
		}
	}
	return first
}

// cutSlow ends the reading of those who have used up their time, the slowest first,
// until there will be room for the next.
func (b *Bodies) cutSlow(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.waiting) == 0 {
		return
	}
	missing := b.held + b.waiting[b.next()].size - b.limit
	var late []*share
	for _, s := range b.holding {
		switch {
		case s.wasCut:
			missing -= s.size // it is on its way out
		case s.cut != nil && now.Sub(s.since) > b.patience+s.earned():
			late = append(late, s)
		}
	}
	slices.SortFunc(late, func(x, y *share) int { return cmp.Compare(x.pace(now), y.pace(now)) })
	for _, s := range late {
		if missing <= 0 {
			return
		}
		s.wasCut = true
		s.cut()
		missing -= s.size
	}
}

// earned is the time that what has come takes at the least pace.
func (s *share) earned() time.Duration {
	return time.Duration(s.got.Load()) * time.Second / bodyPace
}

// pace is how many bytes a second have come.
func (s *share) pace(now time.Time) float64 {
	return float64(s.got.Load()) / now.Sub(s.since).Seconds()
}
