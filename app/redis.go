package main

import (
	"context"
	"time"

	"workflows/worker/queue"
)

// watchRedis looks for Redis now and then: the queue says in the log when it goes
// and when it is back, also in a process in which nobody else asks. Nothing here
// depends on it: runs are kept without it.
func watchRedis(ctx context.Context, q *queue.Queue) error {
	ticker := time.NewTicker(5 * time.Second)
	defer ticker.Stop()
	for {
		limit, cancel := context.WithTimeout(ctx, 3*time.Second)
		_ = q.Ping(limit)
		cancel()
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}
