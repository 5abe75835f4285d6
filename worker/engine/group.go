package engine

import (
	"sync"
)

// group commits what many callers hand in together, without a timer: whoever
// finds nobody at it commits for all who came up, and hands over to the first of
// those who came up meanwhile. So a lone caller waits for nobody, and under load
// one commit serves many.
type group[In, Out any] struct {
	limit  int
	commit func([]In) ([]Out, error) // one answer for each, in order

	mu      sync.Mutex
	busy    bool
	pending []*entry[In, Out]
}

type entry[In, Out any] struct {
	in   In
	out  Out
	err  error
	done chan bool // true: you are the next to commit
}

func newGroup[In, Out any](limit int, commit func([]In) ([]Out, error)) *group[In, Out] {
	return &group[In, Out]{limit: limit, commit: commit}
}

// do hands in and waits for the answer.
func (g *group[In, Out]) do(in In) (Out, error) {
	mine := &entry[In, Out]{in: in, done: make(chan bool, 1)}
	g.mu.Lock()
	g.pending = append(g.pending, mine)
	leads := !g.busy
	g.busy = true
	g.mu.Unlock()
	if !leads && !<-mine.done {
		return mine.out, mine.err
	}
	g.lead()
	return mine.out, mine.err
}

// lead commits the oldest entries, of which the caller's own is the first.
func (g *group[In, Out]) lead() {
	g.mu.Lock()
	batch := g.pending[:min(len(g.pending), g.limit)]
	g.pending = g.pending[len(batch):]
	g.mu.Unlock()

	g.settle(batch)
	for _, other := range batch[1:] {
		other.done <- false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.pending) == 0 {
		g.busy, g.pending = false, nil
		return
	}
	g.pending[0].done <- true
}

// settle commits a batch. One bad value fails its whole batch, so after an error
// each entry is committed alone.
func (g *group[In, Out]) settle(batch []*entry[In, Out]) {
	ins := make([]In, len(batch))
	for i, entry := range batch {
		ins[i] = entry.in
	}
	outs, err := g.commit(ins)
	if err == nil {
		for i, entry := range batch {
			entry.out = outs[i]
		}
		return
	}
	for _, entry := range batch {
		entry.err = err
		if len(batch) == 1 {
			return
		}
		if outs, entry.err = g.commit([]In{entry.in}); entry.err == nil {
			entry.out = outs[0]
		}
	}
}
