package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/sqlite"
	"workflows/worker/environment"
)

// migrate brings the database up to date and says what it did.
func migrate(ctx context.Context, settings environment.Settings, out io.Writer) error {
	db, err := openToMigrate(settings)
	if err != nil {
		return err
	}
	defer func() { _ = models.Close(db) }()
	applied, err := models.Migrate(ctx, db)
	switch {
	case models.Unreachable(err):
		return plain(models.Explain(db, err))
	case err != nil:
		return err
	case applied == 0:
		fmt.Fprintln(out, "The database is up to date.")
	default:
		fmt.Fprintf(out, "The database is up to date now; migrations applied: %d.\n", applied)
	}
	return nil
}

// openToMigrate needs no embedded Redis and does not claim the data folder: a
// running program may be using it.
func openToMigrate(settings environment.Settings) (*gorm.DB, error) {
	if settings.Standalone {
		if err := os.MkdirAll(settings.DataDir, 0o700); err != nil {
			return nil, fmt.Errorf("the folder %s cannot be made: choose another one with DATA_DIR: %w", settings.DataDir, err)
		}
	}
	return openDatabase(settings)
}

// openDatabase opens the one that is configured; the embedded one's folder must exist.
func openDatabase(settings environment.Settings) (*gorm.DB, error) {
	if settings.Standalone {
		return sqlite.Open(settings.DataDir)
	}
	return models.Open(models.Source{URL: settings.DatabaseURL})
}
