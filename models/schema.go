package models

import (
	"context"
	"encoding/json"
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

// HeldByBackup stands as the owner of the lease of runs that were not finished when the
// backup was made that they come from.
const HeldByBackup = "a backup"

// Restored says that a database was filled from a backup, and that nobody has said yet
// how it goes on. Until then no worker works on it: the installation that the backup is
// of may have gone on meanwhile.
type Restored struct {
	MadeAt     time.Time `json:"made_at"` // the backup, by the clock of the database that it is of
	RestoredAt time.Time `json:"restored_at"`
}

// RestoredFrom returns what the database waits with; nil when it waits for nobody.
func RestoredFrom(ctx context.Context, db *gorm.DB) (*Restored, error) {
	stored, err := GetSetting(ctx, db, settingRestored)
	if err != nil || stored == "" {
		return nil, err
	}
	var found Restored
	if err := json.Unmarshal([]byte(stored), &found); err != nil {
		return nil, fmt.Errorf("read from which backup the database is: %w", err)
	}
	return &found, nil
}

// Sentence tells people that the system waits.
func (r Restored) Sentence() string {
	return "This system was brought back from a backup of " + r.MadeAt.UTC().Format("2 January 2006, 15:04 UTC") +
		". Nothing starts until an administrator says how it goes on; what is sent meanwhile is kept."
}

// MarkRestored has the database wait, and notes which runs the backup has brought.
func MarkRestored(ctx context.Context, tx *gorm.DB, r Restored) error {
	text, err := ToJSON(r)
	if err != nil {
		return err
	}
	if err := SetSetting(ctx, tx, settingRestored, string(text), r.RestoredAt); err != nil {
		return err
	}
	err = tx.WithContext(ctx).Exec("UPDATE runs SET lease_owner = ? WHERE status IN ('queued', 'running', 'waiting')", HeldByBackup).Error
	if err != nil {
		return fmt.Errorf("mark the runs of the backup: %w", Kind(err))
	}
	return nil
}

// EndRestored has the database wait no longer; false when somebody else has said so.
func EndRestored(ctx context.Context, tx *gorm.DB) (bool, error) {
	ended := tx.WithContext(ctx).Exec("DELETE FROM settings WHERE name = ?", settingRestored)
	if ended.Error != nil {
		return false, fmt.Errorf("have the restored database go on: %w", Kind(ended.Error))
	}
	return ended.RowsAffected == 1, nil
}
