// Package models is the database: the tables as structs, the migrations, how it is
// opened, and the few kinds of error that the rest of the program decides on. Every query
// stands here or in a room below: models/runs has those about runs, models/schedules
// those about schedules and their ledger.
//
// Functions take a context and a *gorm.DB; a transaction works as it is. Times
// are UTC with microseconds, ids are UUIDv7 texts.
//
// A new table is a struct, two migrations (both databases) and a test. A migration that
// was released stays as it is; a column is added with the value that old rows mean. Status
// changes are compare-and-set. A room is made when a table's queries fill more than a few
// files; what rooms share (Tx, Kind, Changed, ValidID …) stays here.
//
// It may import models/{address,columns,dial}, and nothing else of ours.
package models

import (
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"
)

// NewID returns a fresh UUIDv7: ids sort by the time at which they were made.
func NewID() string { return uuid.Must(uuid.NewV7()).String() }

// ValidID reports whether id has the canonical form of a UUID. Anything else
// cannot be an id of ours, and PostgreSQL would answer it with an error.
func ValidID(id string) bool {
	parsed, err := uuid.Parse(id)
	return err == nil && parsed.String() == id
}

// BeforeAllIDs comes before every id.
const BeforeAllIDs = "00000000-0000-0000-0000-000000000000"

// FirstID is the lowest UUIDv7 of a millisecond.
func FirstID(at time.Time) string {
	var id [16]byte
	millis := uint64(max(at.UnixMilli(), 0))
	for i := range 6 {
		id[i] = byte(millis >> (8 * (5 - i))) // #nosec G115 -- one byte of it is meant
	}
	id[6], id[8] = 0x70, 0x80
	text := hex.EncodeToString(id[:])
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
}

// Now returns the present moment as the databases keep it: UTC, microseconds.
func Now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// EscapeLike makes % and _ in what a person typed stand for themselves; the
// pattern needs ESCAPE '\'.
func EscapeLike(text string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text)
}

// findWords bounds how many words of a search are looked for; a name has few.
const findWords = 16

// Find narrows a query to rows whose column holds every word of a search, in whatever
// case and order; the column is written by us. An empty search finds all.
func Find(query *gorm.DB, column, search string) *gorm.DB {
	words := strings.Fields(strings.ToLower(search))
	slices.Sort(words)
	words = slices.Compact(words)
	for _, word := range words[:min(len(words), findWords)] {
		query = query.Where(`folded(`+column+`) LIKE ? ESCAPE '\'`, "%"+EscapeLike(word)+"%")
	}
	return query
}
