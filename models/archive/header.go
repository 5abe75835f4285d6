package archive

import (
	"fmt"
	"time"
)

// format is the version of the file's own form; what it holds has the schema's.
const format = 1

// Header is the first line of a backup.
type Header struct {
	Format int `json:"workflow_system_backup"`
	// Schema is the version of the tables.
	Schema   int64     `json:"schema"`
	MadeAt   time.Time `json:"made_at"` // of the snapshot, by the database's clock
	MadeBy   string    `json:"made_by"` // the program's version
	Database string    `json:"database"`
	// Keys are SECRET_KEYS, where whoever made the backup asked for them.
	Keys string `json:"secret_keys,omitempty"`
}

// Summary is what a backup holds.
type Summary struct {
	Header
	Rows map[string]int64 // by table
}

type tableLine struct {
	Table   string   `json:"table"`
	Columns []column `json:"columns"`
}

type endLine struct {
	Rows   map[string]int64 `json:"rows"`
	SHA256 string           `json:"sha256"`
}

// What is wrong with a file.
const (
	notABackup = "it is no backup of this system"
	cutOff     = "it is cut off: its end is missing. Take another copy of it, or another backup"
	damaged    = "it is damaged: it does not hold what was written. Take another copy of it, or another backup"
)

// FileError says why a file cannot be restored.
type FileError struct{ Message string }

func (e *FileError) Error() string { return e.Message }

func newerFile(schema, known int64) error {
	return &FileError{fmt.Sprintf("it is newer than this program: its tables have version %d, and this program knows %d. Restore it with the newer program", schema, known)}
}
