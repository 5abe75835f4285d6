package main

import (
	"context"
	"time"

	"workflows/worker/queue"
)

// watchRedis names the lanes in Redis now and then, as workers do, so that they are
// known where no worker has been yet. By it the queue finds out, and says in the
// log, when Redis goes and when it is back, also while nobody else asks.
func watchRedis(ctx context.Context, q *queue.Queue) error {
	ticker := time.NewTicker(5 * time.Second)
	defer ticker.Stop()
	for {
		limit, cancel := context.WithTimeout(ctx, 3*time.Second)
		_ = q.NameLanes(limit)
		cancel()
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}
