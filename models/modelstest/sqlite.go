package modelstest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/sqlite"
)

// SQLite opens a migrated embedded database that only this test uses: a copy of
// one that was migrated once for this process. Like the throw-away PostgreSQL it waits for no
// disk: no test pulls the plug.
func SQLite(t testing.TB) *gorm.DB {
	t.Helper()
	seldom()
	file, err := migratedFile()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, sqlite.File), file, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := sqlite.Open(folder, "synchronous(OFF)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = models.Close(db) })
	return db
}

// migratedFile is what a new database's file holds after the migrations.
var migratedFile = sync.OnceValues(func() ([]byte, error) {
	folder, err := os.MkdirTemp("", "workflows-sqlite-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for the database that tests copy: %w", err)
	}
	defer os.RemoveAll(folder)
	db, err := sqlite.Open(folder)
	if err != nil {
		return nil, err
	}
	if _, err := models.Migrate(context.Background(), db); err != nil {
		return nil, err
	}
	if err := models.Close(db); err != nil { // the last one to close it moves its journal into the file
		return nil, err
	}
	file := filepath.Join(folder, sqlite.File)
	if _, err := os.Stat(file + "-wal"); err == nil {
		return nil, fmt.Errorf("the database that tests copy has left a part of it in %s-wal", file)
	}
	return os.ReadFile(file) // #nosec G304 -- a file that the tests made
})
