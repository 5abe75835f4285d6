package board

import "time"

// Invalidate makes the next snapshot a fresh one: call it after changing what the
// board shows, so that the person who did it sees it done.
func (b *Board) Invalidate() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.read = time.Time{}
}
