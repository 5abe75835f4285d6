// Package grouping puts failed runs into groups by their cause (models/failures), a moment
// after they have ended and outside of what ends them.
//
// It keeps no mark of what is done: a failed run needs a group where it has none. So nothing
// is lost or counted twice by a crash, several processes share the work, and what failed before
// there were groups is gone through like anything else, the newest first.
package grouping

import (
	"context"
	"log/slog"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/failures"
	"workflows/worker/outage"
)

const (
	// every is the time between two looks; one that finds nothing is one statement.
	every = time.Second
	// piece is how many runs one transaction groups, pieces how many of these a look makes at
	// most, with a rest after each that is as long as it took.
	piece, pieces = 500, 100
)

// Grouper groups failed runs.
type Grouper struct {
	DB  *gorm.DB
	Log *slog.Logger
	// Database is told when DB cannot be reached; nil tells nobody.
	Database *outage.Teller
	// Tell tells whoever sees to a reason that has come back; nil tells nobody.
	Tell failures.Tell
}

// Run groups until ctx ends.
func (g *Grouper) Run(ctx context.Context) error {
	grouping := outage.NewChore(g.Log, "runs that fail now are not shown by their cause", "failed runs are shown by their cause again", g.Database)
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		began := time.Now()
		if err := g.look(ctx); ctx.Err() == nil {
			grouping.Note(began, err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// look groups what there is.
func (g *Grouper) look(ctx context.Context) error {
	for range pieces {
		began := time.Now()
		if grouped, err := g.group(ctx); err != nil || grouped < piece {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(time.Since(began)):
		}
	}
	return nil
}

// group groups a piece, within a deadline of its own.
func (g *Grouper) group(ctx context.Context) (int, error) {
	ctx, done := models.Bounded(ctx)
	defer done()
	if waiting, err := failures.Waiting(ctx, g.DB); err != nil || !waiting {
		return 0, err
	}
	return failures.Group(ctx, g.DB, models.Now(), piece, g.Tell)
}
