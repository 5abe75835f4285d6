package main

import (
	"context"
	"log/slog"
	"time"

	"workflows/worker/queue"
)

// watchRedis says in the log when Redis goes and when it is back; the pages
// show it by themselves. Nothing here depends on it: runs are kept without it.
func watchRedis(ctx context.Context, q *queue.Queue, log *slog.Logger) error {
	ticker := time.NewTicker(5 * time.Second)
	defer ticker.Stop()
	away := false
	for {
		limit, cancel := context.WithTimeout(ctx, 3*time.Second)
		err := q.Ping(limit)
		cancel()
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && !away:
			log.Error("Redis cannot be reached; accepted runs are kept and start when it is back: start it, or correct REDIS_URL", "where", q.Address(), "error", err)
		case err == nil && away:
			log.Info("Redis is back", "where", q.Address())
		}
		away = err != nil
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}
