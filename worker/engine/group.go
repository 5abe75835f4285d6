package engine

import (
	"errors"
	"sync"
	"time"

	"workflows/models"
)

// group commits what many callers hand in together, without a timer: who comes while
// none is on its way commits at once, and who comes up during a commit has the next one,
// together with all others of these. So a lone caller waits for nobody, and under load one
// commit serves many. A further commit begins beside those that are on their way only where
// it would be full, or where who waits has done so for so long that somebody may be holding a
// lock: each costs as much as several entries do.
type group[In, Out any] struct {
	turns  int // commits at the same time
	limit  int // entries in one commit
	commit func([]In) ([]Out, error)

	mu      sync.Mutex
	busy    int
	pending []*entry[In, Out]
}

// stalled is how long commits take when something is wrong; a full batch on a slow disk
// takes less.
const stalled = 50 * time.Millisecond

type entry[In, Out any] struct {
	in    In
	out   Out
	err   error
	apart bool                   // its batch has failed, for whatever reason: commit it alone
	done  chan []*entry[In, Out] // nil: it is settled; else these are yours to commit
}

// errUnsettled is left of a commit that panicked.
var errUnsettled = errors.New("the commit was not finished")

// newGroup makes a group; commit gives one answer for each entry, in order.
func newGroup[In, Out any](turns, limit int, commit func([]In) ([]Out, error)) *group[In, Out] {
	return &group[In, Out]{turns: turns, limit: limit, commit: commit}
}

// submit hands in and waits for the answer.
func (g *group[In, Out]) submit(in In) (Out, error) {
	mine := &entry[In, Out]{in: in, done: make(chan []*entry[In, Out], 1)}
	g.mu.Lock()
	g.pending = append(g.pending, mine)
	if g.busy == 0 || len(g.pending) >= g.limit {
		g.further()
	}
	g.mu.Unlock()
	if batch := g.await(mine); batch != nil {
		g.lead(batch)
	}
	if mine.apart {
		return g.alone(mine.in)
	}
	return mine.out, mine.err
}

// await waits until the entry is settled, or for what its caller is to commit. Who waits for
// long has a further commit begin.
func (g *group[In, Out]) await(mine *entry[In, Out]) []*entry[In, Out] {
	select {
	case batch := <-mine.done:
		return batch
	default:
	}
	patience := time.NewTimer(stalled)
	defer patience.Stop()
	select {
	case batch := <-mine.done:
		return batch
	case <-patience.C:
	}
	g.mu.Lock()
	g.further()
	g.mu.Unlock()
	return <-mine.done
}

// further gives out one more turn, if there is one and somebody waits; g.mu is held.
func (g *group[In, Out]) further() {
	if g.busy < g.turns && len(g.pending) > 0 {
		g.busy++
		g.handOut()
	}
}

// handOut gives a turn to the first of those who wait, who commits for all of them; g.mu is
// held.
func (g *group[In, Out]) handOut() {
	next := g.pending[:min(len(g.pending), g.limit)]
	g.pending = g.pending[len(next):]
	next[0].done <- next
}

// alone commits an entry by itself, without waiting for a turn.
func (g *group[In, Out]) alone(in In) (out Out, err error) {
	outs, err := g.commit([]In{in})
	if err != nil {
		return out, err
	}
	return outs[0], nil
}

// lead commits a batch, of which the caller's own entry is the first, and passes
// the turn on, whatever happens: others wait for it. One bad value fails its whole
// batch, so after an error each caller commits its own entry alone, unless the server is
// away for all.
func (g *group[In, Out]) lead(batch []*entry[In, Out]) {
	defer g.passOn(batch)
	ins := make([]In, len(batch))
	for i, entry := range batch {
		ins[i], entry.err = entry.in, errUnsettled
	}
	outs, err := g.commit(ins)
	for i, entry := range batch {
		if entry.err = err; err == nil {
			entry.out = outs[i]
		}
		entry.apart = err != nil && len(batch) > 1 && !errors.Is(err, models.ErrUnavailable)
	}
}

func (g *group[In, Out]) passOn(batch []*entry[In, Out]) {
	g.mu.Lock()
	if len(g.pending) > 0 {
		g.handOut()
	} else {
		g.busy--
		g.pending = nil
	}
	g.mu.Unlock()
	for _, other := range batch[1:] {
		other.done <- nil
	}
}
