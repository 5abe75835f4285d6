// Package sqlite opens the embedded database. Only the programs that run on it carry
// its engine: package models, and with it the worker, does without.
package sqlite

import (
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"

	"github.com/libtnb/sqlite"
	"gorm.io/gorm"

	"workflows/models"
)

// File is the embedded database's name in its folder.
const File = "workflows.db"

// Open prepares the embedded database that keeps its file in folder.
//
// It keeps times as integers of microseconds, so that SQL compares them whatever
// zone a parameter was in. BEGIN IMMEDIATE and the busy timeout make writers wait for
// one another; FULL makes a commit survive a power cut. Pragmas come after those, as "synchronous(OFF)".
func Open(folder string, pragmas ...string) (*gorm.DB, error) {
	file := filepath.Join(folder, File)
	options := url.Values{
		"_inttotime":           {"1"},
		"_texttotime":          {"1"},
		"_time_format":         {"sqlite"},
		"_time_integer_format": {"unix_micro"},
		"_txlock":              {"immediate"},
		"_pragma":              append([]string{"journal_mode(WAL)", "synchronous(FULL)", "busy_timeout(10000)", "foreign_keys(1)"}, pragmas...),
	}
	connections, err := newConnector("file:" + file + "?" + options.Encode())
	if err != nil {
		return nil, fmt.Errorf("prepare the embedded database: %w", err)
	}
	db, err := gorm.Open(sqlite.New(sqlite.Config{Conn: sql.OpenDB(connections)}), models.Config())
	if err != nil {
		return nil, fmt.Errorf("open the embedded database %s: %w", file, err)
	}
	pool, err := db.DB()
	if err != nil {
		return nil, fmt.Errorf("open the embedded database: %w", err)
	}
	pool.SetMaxOpenConns(8)
	pool.SetMaxIdleConns(8)
	return db, nil
}
