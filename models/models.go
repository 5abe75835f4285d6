// Package models is the database: the tables as structs, every query, the
// migrations, and the few kinds of error that the rest of the program decides on.
//
// Functions take a context and a *gorm.DB; a transaction works as it is. Times
// are UTC with microseconds, ids are UUIDv7 texts.
package models

import (
	"time"

	"github.com/google/uuid"
)

// NewID returns a fresh UUIDv7: ids sort by the time at which they were made.
func NewID() string { return uuid.Must(uuid.NewV7()).String() }

// ValidID reports whether id has the canonical form of a UUID. Anything else
// cannot be an id of ours, and PostgreSQL would answer it with an error.
func ValidID(id string) bool {
	parsed, err := uuid.Parse(id)
	return err == nil && parsed.String() == id
}

// Now returns the present moment as the databases keep it: UTC, microseconds.
func Now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
