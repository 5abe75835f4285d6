package modelstest

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"sync"

	"gorm.io/gorm"
)

// Statements tells the statements of a database that had no deadline.
type Statements struct {
	mu        sync.Mutex
	all       []string
	unbounded []string
}

// Watch has the statements of db noted. Call it before db is used by others.
func Watch(db *gorm.DB) *Statements {
	s := &Statements{}
	pool := &watchedPool{DB: db.ConnPool.(*sql.DB), s: s}
	db.ConnPool, db.Statement.ConnPool = pool, pool
	return s
}

// Count is how many statements with this text in them were made.
func (s *Statements) Count(text string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, statement := range s.all {
		if strings.Contains(statement, text) {
			n++
		}
	}
	return n
}

// Holds reports whether there was any.
func (s *Statements) Holds(text string) bool { return s.Count(text) > 0 }

// Unbounded lists each statement that waited for the database without a deadline.
func (s *Statements) Unbounded() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Compact(slices.Sorted(slices.Values(s.unbounded)))
}

func (s *Statements) note(ctx context.Context, statement string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, statement)
	if _, bounded := ctx.Deadline(); !bounded {
		s.unbounded = append(s.unbounded, statement)
	}
}

// watchedPool is gorm's pool, and notes.
type watchedPool struct {
	*sql.DB
	s *Statements
}

var (
	_ gorm.ConnPoolBeginner = (*watchedPool)(nil)
	_ gorm.GetDBConnector   = (*watchedPool)(nil)
	_ gorm.TxCommitter      = (*watchedTx)(nil)
)

// GetDBConn implements gorm.GetDBConnector.
func (w *watchedPool) GetDBConn() (*sql.DB, error) { return w.DB, nil }

// BeginTx implements gorm.ConnPoolBeginner.
func (w *watchedPool) BeginTx(ctx context.Context, options *sql.TxOptions) (gorm.ConnPool, error) {
	w.s.note(ctx, "BEGIN")
	tx, err := w.DB.BeginTx(ctx, options)
	return &watchedTx{tx, w.s}, err
}

func (w *watchedPool) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	w.s.note(ctx, query)
	return w.DB.PrepareContext(ctx, query)
}

func (w *watchedPool) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	w.s.note(ctx, query)
	return w.DB.ExecContext(ctx, query, args...)
}

func (w *watchedPool) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	w.s.note(ctx, query)
	return w.DB.QueryContext(ctx, query, args...)
}

func (w *watchedPool) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	w.s.note(ctx, query)
	return w.DB.QueryRowContext(ctx, query, args...)
}

// watchedTx is a transaction, and notes.
type watchedTx struct {
	*sql.Tx
	s *Statements
}

func (w *watchedTx) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	w.s.note(ctx, query)
	return w.Tx.PrepareContext(ctx, query)
}

func (w *watchedTx) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	w.s.note(ctx, query)
	return w.Tx.ExecContext(ctx, query, args...)
}

func (w *watchedTx) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	w.s.note(ctx, query)
	return w.Tx.QueryContext(ctx, query, args...)
}

func (w *watchedTx) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	w.s.note(ctx, query)
	return w.Tx.QueryRowContext(ctx, query, args...)
}
