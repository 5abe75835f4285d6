package engine

import (
	"context"
	"sync"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/runs"
)

// held are the runs that this process executes now.
type held struct {
	mu   sync.Mutex
	runs map[runs.Hold]*execution
}

func (h *held) add(x *execution) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.runs[x.hold()] = x
}

func (h *held) remove(x *execution) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.runs, x.hold())
}

func (h *held) holds() []runs.Hold {
	h.mu.Lock()
	defer h.mu.Unlock()
	holds := make([]runs.Hold, 0, len(h.runs))
	for hold := range h.runs {
		holds = append(holds, hold)
	}
	return holds
}

// lose ends the executions whose hold is gone.
func (h *held) lose(holds []runs.Hold) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, hold := range holds {
		if x := h.runs[hold]; x != nil {
			x.cancel(ErrLeaseLost)
		}
	}
}

// overdue ends the executions that nobody could prolong for so long that another
// worker may have them.
func (h *held) overdue(longest time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, x := range h.runs {
		if time.Since(x.kept) > longest {
			x.cancel(ErrLeaseLost)
		}
	}
}

// prolonged notes when the leases that are held now were known to be good.
func (h *held) prolonged(holds []runs.Hold, at time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, hold := range holds {
		if x := h.runs[hold]; x != nil {
			x.kept = at
		}
	}
}

// stopWithin bounds how long the leases are kept after the stop began: longer
// than any grace, shorter than what hosts allow before they kill the process.
const stopWithin = 24 * time.Second

// keep prolongs all leases three times within their length, with one statement
// on a connection of its own. It goes on after ctx until nothing is held.
func (e *Engine) keep(ctx context.Context) {
	keeper := &keeper{e: e}
	defer keeper.disconnect()
	ticker := time.NewTicker(e.lease / 3)
	defer ticker.Stop()
	left := e.afterLast(ctx)
	for {
		select {
		case <-ticker.C:
			keeper.prolong(context.WithoutCancel(ctx))
		case <-left:
			return
		}
	}
}

// afterLast is closed when ctx has ended and nothing is held any more, or when
// it is time to leave all the same.
func (e *Engine) afterLast(ctx context.Context) <-chan struct{} {
	left := make(chan struct{})
	go func() {
		defer close(left)
		<-ctx.Done()
		for began := time.Now(); len(e.held.holds()) > 0 && time.Since(began) < stopWithin; {
			time.Sleep(20 * time.Millisecond) // not worth a signal: it happens once in a process's life
		}
	}()
	return left
}

// keeper holds the connection that leases are prolonged on.
type keeper struct {
	e    *Engine
	db   *gorm.DB
	free func()
}

func (k *keeper) disconnect() {
	if k.free != nil {
		k.free()
	}
	k.db, k.free = nil, nil
}

func (k *keeper) prolong(ctx context.Context) {
	e := k.e
	holds := e.held.holds()
	if len(holds) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, e.lease/4)
	defer cancel()
	began := time.Now()
	kept, lost, err := k.prolongInTime(ctx, holds)
	e.keeping.Note(began, err)
	if err == nil {
		e.held.prolonged(kept, began)
		e.held.lose(lost)
	}
}

// expire ends executions before their leases end, where nobody could prolong them,
// until nothing is held. It asks no server for anything: the keeper may wait for one.
func (e *Engine) expire(ctx context.Context) {
	ticker := time.NewTicker(e.lease / 24)
	defer ticker.Stop()
	left := e.afterLast(ctx)
	for {
		select {
		case <-ticker.C:
			e.held.overdue(e.lease - e.lease/12)
		case <-left:
			return
		}
	}
}

func (k *keeper) prolongInTime(ctx context.Context, holds []runs.Hold) (kept, lost []runs.Hold, err error) {
	if k.db == nil && models.IsPostgres(k.e.db) {
		if k.db, k.free, err = models.OwnConnection(ctx, k.e.db); err != nil {
			k.db = nil
			return nil, nil, err
		}
	}
	db := k.db
	if db == nil {
		db = k.e.db
	}
	kept, lost, err = runs.KeepLeases(ctx, db, holds, k.e.now(), k.e.lease)
	if err != nil {
		k.disconnect() // the connection may be the trouble
	}
	return kept, lost, err
}
