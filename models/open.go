package models

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"workflows/models/address"
	"workflows/models/dial"
)

// Source says where PostgreSQL is.
type Source struct {
	URL string
	// MaxConns bounds the connections to PostgreSQL; 0 is 8. Two of them, one of
	// less than six, are kept for runs.Commit. A small hosted PostgreSQL has 20 for
	// all processes together.
	MaxConns int
}

// Open prepares PostgreSQL without asking it for anything: a server that is away now
// is reported by Ping and by each query as ErrUnavailable. The embedded database is
// opened by package models/sqlite.
func Open(source Source) (*gorm.DB, error) {
	if _, err := address.Postgres(source.URL); err != nil {
		return nil, fmt.Errorf("read the database's address: %w", err)
	}
	db, err := gorm.Open(postgres.New(postgres.Config{DSN: source.URL, OptionOpenDB: []stdlib.OptionOpenDB{dial.Impatient(), asking(plainPlans)}}), Config())
	if err != nil {
		return nil, fmt.Errorf("open PostgreSQL: %w", err)
	}
	pool, err := db.DB()
	if err != nil {
		return nil, fmt.Errorf("open PostgreSQL: %w", err)
	}
	limit := source.MaxConns
	if limit == 0 {
		limit = 8
	}
	commits, err := openCommits(source.URL)
	if err != nil {
		return nil, fmt.Errorf("open PostgreSQL: %w", err)
	}
	kept := max(min(maxCommits, limit/3), 1)
	bound(pool, max(limit-kept, 1))
	bound(commits.DB, kept)
	return db, db.Use(commits)
}

// plainPlans has no statement compiled: that takes half a second where the planner thinks that one costs
// much, and ours cost little whatever it thinks. It thinks so of all that enable_seqscan = off
// leaves to be read whole.
const plainPlans = "SET jit = off"

// asking has each new connection begin with some settings. They are none of the address, which
// PgBouncer would refuse.
func asking(settings string) stdlib.OptionOpenDB {
	return stdlib.OptionAfterConnect(func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, settings)
		return err
	})
}

func bound(pool *sql.DB, limit int) {
	pool.SetMaxOpenConns(limit)
	pool.SetMaxIdleConns(limit) // the default of 2 costs two thirds of the speed
	pool.SetConnMaxIdleTime(5 * time.Minute)
}

// Config is how we use gorm on either database.
func Config() *gorm.Config {
	return &gorm.Config{
		NowFunc:                Now,
		Logger:                 logger.Discard, // errors travel to the edge, which logs them once
		SkipDefaultTransaction: true,
		DisableAutomaticPing:   true,
	}
}

// IsPostgres reports whether db is PostgreSQL rather than the embedded SQLite.
func IsPostgres(db *gorm.DB) bool { return db.Name() == "postgres" }

// Ping asks the server for a sign of life; ErrUnavailable says that none came.
func Ping(ctx context.Context, db *gorm.DB) error {
	pool, err := db.DB()
	if err != nil {
		return fmt.Errorf("reach the database: %w", err)
	}
	if err := pool.PingContext(ctx); err != nil {
		return fmt.Errorf("reach the database: %w", errors.Join(ErrUnavailable, err))
	}
	return nil
}

// OwnConnection returns db bound to one connection of its own, so that a pool
// that others have exhausted cannot keep it waiting. ctx bounds only the getting of
// it. Call release when done with it or after an error.
func OwnConnection(ctx context.Context, db *gorm.DB) (bound *gorm.DB, release func(), err error) {
	pool, err := db.DB()
	if err != nil {
		return nil, nil, fmt.Errorf("reserve a connection: %w", err)
	}
	conn, err := pool.Conn(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("reserve a connection: %w", errors.Join(ErrUnavailable, err))
	}
	bound = db.Session(&gorm.Session{Context: context.WithoutCancel(ctx)})
	bound.Statement.ConnPool = conn
	return bound, func() { _ = conn.Close() }, nil
}

// Close ends all connections.
func Close(db *gorm.DB) error {
	pool, err := db.DB()
	if err != nil {
		return fmt.Errorf("close the database: %w", err)
	}
	if commits, ok := commitsOf(db); ok {
		err = commits.Close()
	}
	return errors.Join(err, pool.Close())
}

// Tx runs fn in one transaction, again (at most three times in all) when the
// database broke a deadlock by ending this one. fn must not keep results of a
// try that was rolled back.
func Tx(ctx context.Context, db *gorm.DB, fn func(tx *gorm.DB) error) error {
	var err error
	for range 3 {
		err = db.WithContext(ctx).Transaction(fn)
		if !deadlocked(err) {
			break
		}
	}
	return Kind(err)
}

// WaitForLocks bounds how long each statement of a transaction on PostgreSQL waits for what
// others have locked; the error is Busy then. On SQLite the transaction itself is the lock.
func WaitForLocks(ctx context.Context, tx *gorm.DB, limit time.Duration) error {
	if !IsPostgres(tx) {
		return nil
	}
	return Kind(tx.WithContext(ctx).Exec(fmt.Sprintf("SET LOCAL lock_timeout = %d", limit.Milliseconds())).Error)
}

func deadlocked(err error) bool {
	var answer *pgconn.PgError
	return errors.As(err, &answer) && (answer.Code == "40P01" || answer.Code == "40001")
}
