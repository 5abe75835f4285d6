package engine

import (
	"context"

	"golang.org/x/sync/semaphore"

	"workflows/worker/workflow"
)

const (
	// defaultMemory is how many bytes of values the runs of a process make at once.
	defaultMemory = 96 << 20
	// smallText is the largest text that waits behind small ones only.
	smallText = 1 << 20
	// grown is how many times the bytes of a text it takes to make values of it and
	// to write them as they are stored (measured with JSON of many small values).
	grown = 12
)

// memory is how much of what others send the runs of a process hold at once: large
// answers and the values that are made of them wait for their turn, first come, first
// served. Nobody can wait for ever, since there is an order: whoever has room for a
// config may wait for room for a text, whoever has that for a small one may wait for a
// large one, whoever has that for values, and whoever has that waits for nobody. Room for
// a config is asked for by its step alone, never by a run, which others wait for.
type memory struct {
	configs      share // values that configs insert, while their steps are at work
	small, large share // texts, from when they are read until they are stored
	values       share // values made of texts, while they are looked at and written
}

func newMemory(bytes int) *memory {
	return &memory{configs: newShare(bytes / 2), small: newShare(bytes / 4), large: newShare(bytes / 2), values: newShare(bytes)}
}

// forConfig waits for room for the values of a config's texts.
func (m *memory) forConfig(ctx context.Context, bytes int) (release func(), err error) {
	return m.configs.take(ctx, grown*bytes)
}

// forText waits for room for a text.
func (m *memory) forText(ctx context.Context, bytes int) (release func(), err error) {
	if bytes <= smallText {
		return m.small.take(ctx, bytes)
	}
	return m.large.take(ctx, bytes)
}

// forValues waits for room for the values of texts that have so many bytes together.
// What a step may hold without asking has it always.
func (m *memory) forValues(ctx context.Context, bytes int) (release func(), err error) {
	if bytes <= workflow.FreeBytes {
		return func() {}, nil
	}
	return m.values.take(ctx, grown*bytes)
}

// share is a number of bytes that many share.
type share struct {
	bytes int
	turns *semaphore.Weighted
}

func newShare(bytes int) share {
	bytes = max(bytes, 1)
	return share{bytes, semaphore.NewWeighted(int64(bytes))}
}

// take waits for so many bytes; who wants more than there are waits for all of them.
func (s share) take(ctx context.Context, bytes int) (release func(), err error) {
	n := int64(min(bytes, s.bytes))
	if err := s.turns.Acquire(ctx, n); err != nil {
		return nil, context.Cause(ctx)
	}
	return func() { s.turns.Release(n) }, nil
}
