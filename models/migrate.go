package models

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/gofrs/flock"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"gorm.io/gorm"
)

//go:embed migrations
var migrations embed.FS

// Migrate brings the schema up to date and reports how many migrations it
// applied. Two processes may call it at once: an advisory lock on PostgreSQL, a
// lock file beside the SQLite database, lets the second wait and find nothing to do.
// A database that is newer than this program is a *NewerSchemaError.
func Migrate(ctx context.Context, db *gorm.DB) (int, error) {
	if err := Ping(ctx, db); err != nil {
		return 0, err
	}
	if err := RefuseNewer(ctx, db); err != nil {
		return 0, err
	}
	unlock, err := lockFile(ctx, db)
	if err != nil {
		return 0, err
	}
	defer unlock()
	provider, err := migrator(db)
	if err != nil {
		return 0, fmt.Errorf("read the migrations: %w", err)
	}
	applied, err := provider.Up(ctx)
	if err != nil {
		return 0, fmt.Errorf("migrate the database: %w", err)
	}
	return len(applied), nil
}

// MigrateTo brings an empty database to the schema of one version, an older one than it
// has too.
func MigrateTo(ctx context.Context, db *gorm.DB, version int64) error {
	unlock, err := lockFile(ctx, db)
	if err != nil {
		return err
	}
	defer unlock()
	provider, err := migrator(db)
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	if _, err := provider.UpTo(ctx, version); err != nil {
		return fmt.Errorf("migrate the database: %w", Kind(err))
	}
	if _, err := provider.DownTo(ctx, version); err != nil {
		return fmt.Errorf("migrate the database: %w", Kind(err))
	}
	return nil
}

func migrator(db *gorm.DB) (*goose.Provider, error) {
	pool, err := db.DB()
	if err != nil {
		return nil, err
	}
	dialect, folder := goose.DialectSQLite3, "sqlite"
	options := []goose.ProviderOption{goose.WithDisableGlobalRegistry(true)}
	if IsPostgres(db) {
		dialect, folder = goose.DialectPostgres, "postgres"
		locker, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return nil, err
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	all, err := scripts("migrations/" + folder)
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(dialect, pool, nil, append(options, goose.WithGoMigrations(all...))...)
}

// scripts are the migrations of a folder. Each way of one is handed to the database whole, which
// knows where a statement ends: goose's own reading looks for that in each line, with four megabytes
// of memory, which was most of what it takes to make a database.
func scripts(folder string) ([]*goose.Migration, error) {
	files, err := fs.Glob(migrations, folder+"/*.sql")
	if err != nil {
		return nil, err
	}
	var all []*goose.Migration
	for _, file := range files {
		version, err := goose.NumericComponent(file)
		if err != nil {
			return nil, err
		}
		text, err := migrations.ReadFile(file)
		if err != nil {
			return nil, err
		}
		up, down, _ := strings.Cut(string(text), "-- +goose Down")
		all = append(all, goose.NewGoMigration(version, script(up), script(down)))
	}
	return all, nil
}

func script(text string) *goose.GoFunc {
	return &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, text)
		return err
	}}
}

// lockFile holds the file lock of an SQLite database; PostgreSQL needs none.
func lockFile(ctx context.Context, db *gorm.DB) (func(), error) {
	if IsPostgres(db) {
		return func() {}, nil
	}
	var file sql.NullString
	if err := db.WithContext(ctx).Raw("SELECT file FROM pragma_database_list WHERE name = 'main'").Row().Scan(&file); err != nil {
		return nil, fmt.Errorf("find the database's file: %w", err)
	}
	guard := flock.New(file.String + ".lock")
	if err := guard.Lock(); err != nil {
		return nil, fmt.Errorf("lock the embedded database: %w", errors.Join(ErrUnavailable, err))
	}
	return func() { _ = guard.Unlock() }, nil
}
