package queue

import (
	"context"
	"fmt"
	"time"
)

const (
	// OutdatedPrefix is how the names begin of the states by which they show themselves.
	OutdatedPrefix = "outdated:"
	outdatedTTL    = 15 * time.Second
)

// Outdated is a worker that is older than the database: it takes nothing, and
// shows itself here so that people know.
type Outdated struct {
	Name     string `json:"name"`
	Database int64  `json:"database"` // the version of the tables
	Program  int64  `json:"program"`  // the newest one that the worker knows
}

// ShowOutdated says for 15 seconds that this worker is older than the database.
func (q *Queue) ShowOutdated(ctx context.Context, name string, database, program int64) {
	_ = q.SetState(ctx, OutdatedPrefix+name, Outdated{name, database, program}, outdatedTTL) // the next one follows in a moment
}

// OutdatedWorkers are those that show themselves.
func (q *Queue) OutdatedWorkers(ctx context.Context) ([]Outdated, error) {
	return StatesOf[Outdated](ctx, q, OutdatedPrefix)
}

// OutdatedSentence says which workers are older than the database and what to do;
// "" when none is.
func OutdatedSentence(outdated []Outdated) string {
	switch len(outdated) {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf("A worker is older than the database and takes nothing: %s. Stop it, and start the newer program in its place.", outdated[0].Name)
	}
	return fmt.Sprintf("%d workers are older than the database and take nothing, one of them %s. Stop them, and start the newer program in their place.", len(outdated), outdated[0].Name)
}
