package engine

import (
	"errors"
	"sync"

	"workflows/models"
)

// group commits what many callers hand in together, without a timer: whoever
// finds a free turn commits at once, and who finds none waits. When a commit
// ends, its turn goes to the first of those who came up meanwhile, who commits
// for all of them. So a lone caller waits for nobody, and under load one commit
// serves many.
type group[In, Out any] struct {
	turns  int // commits at the same time
	limit  int // entries in one commit
	commit func([]In) ([]Out, error)

	mu      sync.Mutex
	busy    int
	pending []*entry[In, Out]
}

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
	batch := []*entry[In, Out]{mine}
	g.mu.Lock()
	free := g.busy < g.turns
	if free {
		g.busy++
	} else {
		g.pending = append(g.pending, mine)
	}
	g.mu.Unlock()
	if !free {
		batch = <-mine.done
	}
	if batch != nil {
		g.lead(batch)
	}
	if mine.apart {
		return g.alone(mine.in)
	}
	return mine.out, mine.err
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
	next := g.pending[:min(len(g.pending), g.limit)]
	g.pending = g.pending[len(next):]
	if len(next) == 0 {
		g.busy--
		g.pending = nil
	}
	g.mu.Unlock()
	if len(next) > 0 {
		next[0].done <- next
	}
	for _, other := range batch[1:] {
		other.done <- nil
	}
}
