package main

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"gorm.io/gorm"

	"workflows/models"
)

// commitsPerSecond is the reference on PostgreSQL: by as many clients as the worker
// has goroutines, each with its own connection.
func commitsPerSecond(ctx context.Context, source models.Source) (float64, error) {
	db, err := models.Open(source)
	if err != nil {
		return 0, err
	}
	defer models.Close(db)
	return commitsOn(ctx, db, source.MaxConns)
}

// commitsOn measures transactions of one inserted row each.
func commitsOn(ctx context.Context, db *gorm.DB, clients int) (float64, error) {
	pool, err := db.DB()
	if err != nil {
		return 0, err
	}
	if _, err := pool.ExecContext(ctx, "CREATE TABLE IF NOT EXISTS one_row (id uuid PRIMARY KEY, name text NOT NULL, at timestamptz NOT NULL)"); err != nil {
		return 0, fmt.Errorf("make the reference's table: %w", err)
	}
	_, err = insertFor(ctx, pool, clients, 500*time.Millisecond) // connections and caches
	if err != nil {
		return 0, err
	}
	return insertFor(ctx, pool, clients, 3*time.Second)
}

func insertFor(ctx context.Context, pool *sql.DB, clients int, d time.Duration) (perSecond float64, err error) {
	var commits atomic.Int64
	var failed atomic.Pointer[error]
	var group sync.WaitGroup
	began := time.Now()
	for range clients {
		group.Go(func() {
			for time.Since(began) < d {
				if _, err := pool.ExecContext(ctx, "INSERT INTO one_row VALUES ($1, $2, CURRENT_TIMESTAMP)", models.NewID(), "a row"); err != nil {
					failed.Store(&err)
					return
				}
				commits.Add(1)
			}
		})
	}
	group.Wait()
	if err := failed.Load(); err != nil {
		return 0, fmt.Errorf("measure the reference: %w", *err)
	}
	return float64(commits.Load()) / time.Since(began).Seconds(), nil
}
