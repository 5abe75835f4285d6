package archive

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/columns"
)

// Options are what the header of a backup says beside what the database knows.
type Options struct {
	MadeBy string // the program's version
	Keys   string // SECRET_KEYS; "" leaves them out
}

// Write writes a backup of the database as it is at one moment. Others go on working on
// it meanwhile. It needs no more memory than the largest row does.
func Write(ctx context.Context, db *gorm.DB, out io.Writer, o Options) (Summary, error) {
	if err := models.RefuseNewer(ctx, db); err != nil {
		return Summary{}, err
	}
	pool, err := db.DB()
	if err != nil {
		return Summary{}, fmt.Errorf("open the database: %w", err)
	}
	snapshot := &sql.TxOptions{ReadOnly: true} // which on SQLite takes no lock that others wait for
	postgres := models.IsPostgres(db)
	if postgres {
		snapshot.Isolation = sql.LevelRepeatableRead
	}
	tx, err := pool.BeginTx(ctx, snapshot)
	if err != nil {
		return Summary{}, models.Kind(err)
	}
	defer func() { _ = tx.Rollback() }()
	w := newWriter(out)
	w.tx, w.postgres = tx, postgres
	if err := w.all(ctx, o); err != nil {
		return Summary{}, err
	}
	return w.summary, nil
}

type writer struct {
	tx       *sql.Tx
	postgres bool
	packed   *gzip.Writer
	lines    *bufio.Writer // into packed and sum
	sum      hash.Hash
	summary  Summary
}

func newWriter(out io.Writer) *writer {
	w := &writer{sum: sha256.New(), summary: Summary{Rows: map[string]int64{}}}
	w.packed, _ = gzip.NewWriterLevel(out, gzip.BestSpeed) // which is a level
	w.lines = bufio.NewWriterSize(io.MultiWriter(w.packed, w.sum), 64<<10)
	return w
}

func (w *writer) all(ctx context.Context, o Options) error {
	if err := w.header(ctx, o); err != nil {
		return err
	}
	for _, table := range carried {
		if err := w.table(ctx, table); err != nil {
			return err
		}
	}
	return w.end()
}

func (w *writer) header(ctx context.Context, o Options) error {
	w.summary.Header = Header{Format: format, MadeBy: o.MadeBy, Keys: o.Keys, Database: "sqlite"}
	now := "SELECT CAST(unixepoch('subsec') * 1000000 AS integer)"
	if w.postgres {
		w.summary.Database = "postgresql"
		now = "SELECT (EXTRACT(EPOCH FROM now()) * 1000000)::bigint"
		if err := patient(ctx, w.tx); err != nil {
			return err
		}
	}
	var micros int64
	if err := w.tx.QueryRowContext(ctx, "SELECT COALESCE(max(version_id), 0) FROM "+versions).Scan(&w.summary.Schema); err != nil {
		return fmt.Errorf("read the schema's version: %w", models.Kind(err))
	}
	if err := w.tx.QueryRowContext(ctx, now).Scan(&micros); err != nil {
		return fmt.Errorf("read the database's clock: %w", models.Kind(err))
	}
	w.summary.MadeAt = time.UnixMicro(micros).UTC()
	return w.line(w.summary.Header)
}

// patient takes away from a transaction on PostgreSQL the limits of the server or of the
// address on how long it may take.
func patient(ctx context.Context, tx querier) error {
	for _, limit := range []string{"statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"} {
		if _, err := tx.ExecContext(ctx, "SET LOCAL "+limit+" = 0"); err != nil {
			return fmt.Errorf("prepare the transaction: %w", models.Kind(err))
		}
	}
	return nil
}

func (w *writer) line(value any) error {
	data, err := columns.Encode(value)
	if err != nil {
		return err
	}
	return w.raw(data)
}

func (w *writer) raw(line []byte) error {
	if _, err := w.lines.Write(line); err != nil {
		return err
	}
	return w.lines.WriteByte('\n')
}

func (w *writer) table(ctx context.Context, table string) error {
	of, err := columnsOf(ctx, w.tx, w.postgres, table)
	if err != nil || len(of) == 0 { // of a later schema
		return models.Kind(err)
	}
	if err := w.line(tableLine{Table: table, Columns: of}); err != nil {
		return err
	}
	rows, err := w.tx.QueryContext(ctx, selection(w.postgres, table, of))
	if err != nil {
		return fmt.Errorf("read the table %s: %w", table, models.Kind(err))
	}
	defer rows.Close()
	w.summary.Rows[table] = 0
	values, into := make([]any, len(of)), make([]any, len(of))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return fmt.Errorf("read the table %s: %w", table, err)
		}
		if table == "settings" && passing(of, values) {
			continue
		}
		line, err := encodeRow(of, values)
		if err != nil {
			return fmt.Errorf("read the table %s: %w", table, err)
		}
		if err := w.raw(line); err != nil {
			return err
		}
		w.summary.Rows[table]++
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read the table %s: %w", table, models.Kind(err))
	}
	return nil
}

// passing reports whether a setting means nothing in another database.
func passing(of []column, values []any) bool {
	for i, c := range of {
		if c.Name == "name" {
			name, _ := values[i].(string)
			return models.PassingSetting(name)
		}
	}
	return false
}

func (w *writer) end() error {
	if err := w.lines.Flush(); err != nil {
		return err
	}
	end := endLine{Rows: w.summary.Rows, SHA256: hex.EncodeToString(w.sum.Sum(nil))}
	if err := w.line(end); err != nil {
		return err
	}
	if err := w.lines.Flush(); err != nil {
		return err
	}
	return w.packed.Close()
}
