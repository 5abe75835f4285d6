// Package memo remembers for a moment what was looked up in the database, where the same is
// asked for hundreds of times a second. What it remembers is only ever a right that
// somebody had: so it is believed for a second at most, however many processes there are,
// and whoever takes a right away has their own process forget it at once.
package memo

import (
	"sync"
	"time"
)

// For is how long what was looked up is believed, counted from before it was asked for.
const For = time.Second

// limit bounds how much is remembered. What nobody finds is not, so strangers fill nothing.
const limit = 1000

// Memo remembers values by their keys. The zero Memo is ready, for many goroutines.
type Memo[T any] struct {
	mu        sync.Mutex
	byKey     map[string]looked[T]
	forgotten int // how often
}

type looked[T any] struct {
	value T
	at    time.Time
}

// Get returns what is remembered under the key, else what look finds, as Renew does.
func (m *Memo[T]) Get(key string, look func() (T, error)) (value T, remembered bool, err error) {
	m.mu.Lock()
	known, found := m.byKey[key]
	m.mu.Unlock()
	if found && time.Since(known.at) < For {
		return known.value, true, nil
	}
	value, err = m.Renew(key, look)
	return value, false, err
}

// Renew returns what look finds, which is remembered then, unless it is an error or Forget
// was called meanwhile.
func (m *Memo[T]) Renew(key string, look func() (T, error)) (T, error) {
	now := time.Now()
	m.mu.Lock()
	before := m.forgotten
	m.mu.Unlock()
	value, err := look()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.forgotten == before && err == nil {
		if m.byKey == nil || len(m.byKey) >= limit {
			m.byKey = map[string]looked[T]{}
		}
		m.byKey[key] = looked[T]{value, now}
	}
	return value, err
}

// Forget has what belongs to the key looked up anew.
func (m *Memo[T]) Forget(key string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.byKey, key)
	m.forgotten++
}
