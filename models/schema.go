package models

import (
	"context"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"
)

// NewerSchemaError says that the database is newer than this program, which must
// leave it alone: what it does not know it would take for broken.
type NewerSchemaError struct{ Database, Program int64 }

func (e *NewerSchemaError) Error() string {
	return fmt.Sprintf("The database is newer than this program: its tables have version %d, and this program knows %d. Start the newer program, or bring back a backup from before the update.", e.Database, e.Program)
}

// schemaPatience bounds one look at the schema's version.
const schemaPatience = 5 * time.Second

// RefuseNewer returns a *NewerSchemaError when the database is newer than this
// program. A newer program may migrate at any time, so whoever goes on working asks
// again and again.
func RefuseNewer(ctx context.Context, db *gorm.DB) error {
	_, err := upToDate(ctx, db)
	return err
}

// Migrated reports whether the schema is as new as this program. It returns
// ErrUnavailable when the database cannot be reached, and a *NewerSchemaError when
// it is newer. It asks by itself: the worker migrates nothing, and does without what does.
func Migrated(ctx context.Context, db *gorm.DB) (bool, error) {
	if err := Ping(ctx, db); err != nil {
		return false, err
	}
	return upToDate(ctx, db)
}

func upToDate(ctx context.Context, db *gorm.DB) (bool, error) {
	program, err := KnownSchema()
	if err != nil {
		return false, err
	}
	ctx, cancel := context.WithTimeout(ctx, schemaPatience)
	defer cancel()
	var database int64
	err = db.WithContext(ctx).Raw("SELECT COALESCE(max(version_id), 0) FROM goose_db_version").Row().Scan(&database)
	switch {
	case noSuchTable(err): // nobody has migrated yet
		return false, nil
	case err != nil:
		return false, fmt.Errorf("read the schema's version: %w", Kind(err))
	case database > program:
		return false, &NewerSchemaError{Database: database, Program: program}
	}
	return database == program, nil
}

// KnownSchema is the newest migration in this program.
func KnownSchema() (newest int64, err error) {
	names, err := fs.Glob(migrations, "migrations/sqlite/*.sql")
	if err != nil {
		return 0, err
	}
	for _, name := range names {
		number, _, _ := strings.Cut(strings.TrimPrefix(name, "migrations/sqlite/"), "_")
		version, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("the migration %s has no number: %w", name, err)
		}
		newest = max(newest, version)
	}
	return newest, nil
}

func noSuchTable(err error) bool {
	return err != nil && (strings.Contains(err.Error(), "no such table") || strings.Contains(err.Error(), "42P01"))
}
