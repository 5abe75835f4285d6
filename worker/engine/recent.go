package engine

import (
	"container/list"
	"sync"
)

// recent keeps the values used last, by id.
type recent[T any] struct {
	limit int               // of what they cost together
	cost  func(value T) int // 1 each when nil

	mu    sync.Mutex
	costs int
	order *list.List // of kept[T], the one used last in front
	byID  map[string]*list.Element
}

type kept[T any] struct {
	id    string
	value T
}

func newRecent[T any](limit int) *recent[T] {
	return &recent[T]{limit: limit, order: list.New(), byID: map[string]*list.Element{}}
}

func (r *recent[T]) get(id string) (value T, found bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	element := r.byID[id]
	if element == nil {
		return value, false
	}
	r.order.MoveToFront(element)
	return element.Value.(kept[T]).value, true
}

func (r *recent[T]) put(id string, value T) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.byID[id] != nil {
		return
	}
	r.byID[id] = r.order.PushFront(kept[T]{id, value})
	for r.costs += r.costOf(value); r.costs > r.limit; {
		r.remove(r.order.Back())
	}
}

func (r *recent[T]) remove(element *list.Element) {
	gone := r.order.Remove(element).(kept[T])
	r.costs -= r.costOf(gone.value)
	delete(r.byID, gone.id)
}

func (r *recent[T]) costOf(value T) int {
	if r.cost == nil {
		return 1
	}
	return r.cost(value)
}
