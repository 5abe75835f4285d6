package archive

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"

	"workflows/models"
)

// BusyError says why a database cannot take a backup now.
type BusyError struct{ Message string }

func (e *BusyError) Error() string { return e.Message }

// Restore puts a backup, of which Read has said what it holds, into an empty database:
// all of it, or nothing. The database is brought to the schema of the file first, and to
// that of this program in the end; so what a migration does to rows, it does to these
// too. It waits then (models.Restored). A file of which anything is wrong is a
// *FileError, a database that is not empty or that others use a *BusyError.
func Restore(ctx context.Context, db *gorm.DB, file io.Reader, read Summary) error {
	if err := Ready(ctx, db); err != nil {
		return err
	}
	if err := models.MigrateTo(ctx, db, read.Schema); err != nil {
		return err
	}
	if err := load(ctx, db, file, read); err != nil {
		return err
	}
	_, err := models.Migrate(ctx, db)
	return err
}

// Ready reports as a *BusyError why a backup cannot be put into a database. It changes
// nothing.
func Ready(ctx context.Context, db *gorm.DB) error {
	if err := models.Ping(ctx, db); err != nil {
		return err
	}
	if err := models.RefuseNewer(ctx, db); err != nil {
		return err
	}
	return inTx(ctx, db, func(tx *gorm.DB) error { return empty(ctx, tx) })
}

// inTx has one connection for one transaction, so that it is the only one of ours.
func inTx(ctx context.Context, db *gorm.DB, do func(tx *gorm.DB) error) error {
	own, release, err := models.OwnConnection(ctx, db)
	if err != nil {
		return err
	}
	defer release()
	return models.Kind(own.WithContext(ctx).Transaction(do))
}

// empty refuses a database in which somebody has begun to work: what a first start
// leaves in it gives way.
func empty(ctx context.Context, tx *gorm.DB) error {
	var found []string
	for _, table := range carried {
		if table == "settings" || !tx.Migrator().HasTable(table) {
			continue
		}
		var any bool
		if err := tx.WithContext(ctx).Raw("SELECT EXISTS (SELECT 1 FROM " + quoted(table) + ")").Row().Scan(&any); err != nil {
			return fmt.Errorf("look into the table %s: %w", table, err)
		}
		if any {
			found = append(found, table)
		}
	}
	if len(found) > 0 {
		return &BusyError{"The database is not empty (" + strings.Join(found, ", ") + "). A backup is put into an empty one only: make a new one for it."}
	}
	return nil
}

func load(ctx context.Context, db *gorm.DB, file io.Reader, read Summary) error {
	pool, err := db.DB()
	if err != nil {
		return fmt.Errorf("open the database: %w", err)
	}
	defer pool.SetMaxIdleConns(pool.Stats().MaxOpenConnections)
	pool.SetMaxIdleConns(0) // our own others would count among those who use the database
	err = inTx(ctx, db, func(tx *gorm.DB) error {
		if err := alone(ctx, tx); err != nil {
			return err
		}
		if err := empty(ctx, tx); err != nil {
			return err
		}
		for _, table := range append([]string{"settings"}, slices.Sorted(maps.Keys(leftOut))...) {
			if table == versions || !tx.Migrator().HasTable(table) {
				continue
			}
			if err := tx.WithContext(ctx).Exec("DELETE FROM " + quoted(table)).Error; err != nil {
				return fmt.Errorf("empty the table %s: %w", table, err)
			}
		}
		l := &loader{tx: tx}
		summary, err := scan(ctx, file, l)
		if err == nil {
			err = l.end(ctx)
		}
		if err != nil {
			return err
		}
		if summary.Header != read.Header {
			return &FileError{damaged}
		}
		now, err := models.DatabaseNow(ctx, tx)
		if err != nil {
			return err
		}
		return models.MarkRestored(ctx, tx, models.Restored{MadeAt: summary.MadeAt, RestoredAt: now})
	})
	if models.TroubleOf(err) == models.Busy && ctx.Err() == nil { // somebody writes, and does not end
		return &BusyError{inUse}
	}
	return err
}

// alone makes sure that nobody else uses the database until the transaction ends. On
// SQLite the transaction holds off writers, and DATA_DIR's lock belongs to the caller.
// On PostgreSQL whoever is connected already and does not go is refused, and who comes has to wait to
// read the schema's version, and sees then that the database was restored.
func alone(ctx context.Context, tx *gorm.DB) error {
	if !models.IsPostgres(tx) {
		return nil
	}
	if err := patient(ctx, connection(tx)); err != nil {
		return err
	}
	var only bool // of two restores one does not wait: each would wait for the other to go
	if err := tx.WithContext(ctx).Raw("SELECT pg_try_advisory_xact_lock(hashtextextended('a restore', 0))").Row().Scan(&only); err != nil {
		return fmt.Errorf("look whether another restore runs: %w", models.Kind(err))
	}
	if !only {
		return &BusyError{inUse}
	}
	// Who is about to go, and the server's own cleaning, which gives way, are waited for.
	if err := tx.WithContext(ctx).Exec(fmt.Sprintf("SET LOCAL lock_timeout = %d", goneWithin.Milliseconds())).Error; err != nil {
		return fmt.Errorf("prepare the transaction: %w", models.Kind(err))
	}
	for _, table := range append(slices.Sorted(maps.Keys(leftOut)), carried...) {
		if !tx.Migrator().HasTable(table) { // of a later schema
			continue
		}
		err := tx.WithContext(ctx).Exec("LOCK TABLE " + quoted(table) + " IN ACCESS EXCLUSIVE MODE").Error
		if answer := (*pgconn.PgError)(nil); errors.As(err, &answer) && answer.Code == "55P03" {
			return &BusyError{inUse}
		}
		if err != nil {
			return fmt.Errorf("lock the table %s: %w", table, err)
		}
	}
	if err := patient(ctx, connection(tx)); err != nil {
		return err
	}
	return nobodyElse(ctx, tx)
}

const inUse = "Others use this database: stop web and workers, and let no other restore run at the same time. Where a pooler stands between, give the address of PostgreSQL itself."

// nobodyElse waits a little for others to go: connections end after those who had them.
func nobodyElse(ctx context.Context, tx *gorm.DB) error {
	for deadline := time.Now().Add(goneWithin); ; {
		var others int
		err := tx.WithContext(ctx).Raw(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
			AND usename = current_user AND backend_type = 'client backend' AND pid <> pg_backend_pid()`).Row().Scan(&others)
		if err != nil {
			return fmt.Errorf("look who uses the database: %w", err)
		}
		if others == 0 {
			return nil
		}
		if time.Now().After(deadline) {
			return &BusyError{inUse}
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// goneWithin is how long connections may take to end, and what they hold to be free.
const goneWithin = 3 * time.Second

// loader puts rows into the tables, many at once.
type loader struct {
	tx      *gorm.DB
	into    string
	of      []column
	seen    map[string]bool
	values  []any
	pending int // bytes
	// statement puts so many rows into the table.
	statement string
	rows      int
}

const (
	// atOnce and bytesAtOnce bound what is put into a table by one statement; SQLite
	// takes 32,766 values, PostgreSQL 65,535.
	atOnce      = 200
	bytesAtOnce = 4 << 20
)

func (l *loader) table(ctx context.Context, name string, of []column) error {
	if err := l.flush(ctx); err != nil {
		return err
	}
	here, err := columnsOf(ctx, connection(l.tx), models.IsPostgres(l.tx), name)
	if err != nil {
		return err
	}
	if !slices.Equal(here, of) {
		return &FileError{damaged}
	}
	if l.seen == nil {
		l.seen = map[string]bool{}
	}
	l.into, l.of, l.rows, l.seen[name] = name, of, 0, true
	return nil
}

func (l *loader) row(ctx context.Context, values []any) error {
	l.values = append(l.values, values...)
	for _, value := range values {
		if text, ok := value.(string); ok {
			l.pending += len(text)
		}
	}
	if len(l.values) < atOnce*len(l.of) && l.pending < bytesAtOnce {
		return nil
	}
	return l.flush(ctx)
}

func (l *loader) flush(ctx context.Context) error {
	if len(l.values) == 0 {
		return nil
	}
	rows := len(l.values) / len(l.of)
	if rows != l.rows {
		l.rows, l.statement = rows, insertion(models.IsPostgres(l.tx), l.into, l.of, rows)
	}
	_, err := connection(l.tx).ExecContext(ctx, l.statement, l.values...) // gorm would look at each sign of it
	l.values, l.pending = nil, 0
	switch {
	case models.Refused(err):
		return fmt.Errorf("%w (table %s: %w)", &FileError{refused}, l.into, err)
	case err != nil:
		return fmt.Errorf("fill the table %s: %w", l.into, err)
	}
	return nil
}

// insertion is the statement that puts so many rows into a table.
func insertion(postgres bool, table string, of []column, rows int) string {
	var text strings.Builder
	text.WriteString("INSERT INTO " + quoted(table) + " (")
	for i, c := range of {
		if i > 0 {
			text.WriteString(", ")
		}
		text.WriteString(quoted(c.Name))
	}
	text.WriteString(") VALUES ")
	for n := range rows * len(of) {
		switch {
		case n == 0:
			text.WriteString("(")
		case n%len(of) == 0:
			text.WriteString("), (")
		default:
			text.WriteString(", ")
		}
		if postgres {
			text.WriteString("$" + strconv.Itoa(n+1))
		} else {
			text.WriteString("?")
		}
	}
	return text.String() + ")"
}

const refused = "the database refuses what it holds"

// end makes sure that every table of the schema was in the file.
func (l *loader) end(ctx context.Context) error {
	if err := l.flush(ctx); err != nil {
		return err
	}
	for _, table := range carried {
		if !l.seen[table] && l.tx.Migrator().HasTable(table) {
			return &FileError{damaged}
		}
	}
	return nil
}

// connection is the transaction that gorm works in.
func connection(tx *gorm.DB) querier { return tx.Statement.ConnPool }

type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}
