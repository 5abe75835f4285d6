package process

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/worker/outage"
	"workflows/worker/queue"
	"workflows/worker/secrets"
)

const (
	firstPause   = 100 * time.Millisecond
	longestPause = 3 * time.Second
	// askFor bounds one look at the database.
	askFor = 5 * time.Second
	// lookEvery is how often a worker asks whether the database is newer by now.
	lookEvery = 2 * time.Second
)

// What keeps a worker from starting.
const (
	noDatabase = "the database cannot be reached"
	oldSchema  = "the database's tables are older than this program; start the web process or run `go run ./app migrate`, this worker goes on by itself"
	newSchema  = "the database is newer than this program; this worker takes nothing, and goes on by itself once it is not: start the newer program in its place"
	restored   = "the database was filled from a backup; this worker takes nothing until an administrator says on the web pages how it goes on, and goes on by itself then"
	maintained = "an administrator has stopped all work for maintenance; this worker takes nothing, and goes on by itself when that is over"
	badSchema  = "the database's tables cannot be read; this worker tries again"
)

// awaitDatabase returns once the database answers and its schema is as new as
// this program, or with an error when ctx ends before. It says what it waits for
// once, and again when that changes.
func awaitDatabase(ctx context.Context, db *gorm.DB, q *queue.Queue, server *outage.Teller, log *slog.Logger) error {
	said := ""
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		began := time.Now()
		trouble, err := look(ctx, db)
		server.Note(began, err)
		if trouble == "" {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if trouble != said && trouble != noDatabase { // which the teller has told
			log.Warn(trouble, "database", models.Address(db), "error", err)
		}
		said = trouble
		if newer := new(models.NewerSchemaError); errors.As(err, &newer) {
			q.ShowOutdated(ctx, name(), newer.Database, newer.Program)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

// guardKeys refuses SECRET_KEYS that do not fit the database. A database that has
// gone away meanwhile is waited for.
func guardKeys(ctx context.Context, db *gorm.DB, keys *secrets.Keys) error {
	for {
		err := guard(ctx, db, keys)
		if ctx.Err() != nil {
			return nil // it was to end anyway
		}
		if err == nil || !errors.Is(err, models.ErrUnavailable) {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(longestPause):
		}
	}
}

func guard(ctx context.Context, db *gorm.DB, keys *secrets.Keys) error {
	ctx, done := models.Bounded(ctx)
	defer done()
	return keys.Guard(ctx, db, models.Now())
}

func look(ctx context.Context, db *gorm.DB) (trouble string, err error) {
	ctx, cancel := context.WithTimeout(ctx, askFor)
	defer cancel()
	ready, err := models.Migrated(ctx, db)
	switch {
	case models.TroubleOf(err) != models.NoTrouble && models.TroubleOf(err) != models.Away:
		return models.Explain(db, err) + " This worker goes on by itself.", err
	case errors.Is(err, models.ErrUnavailable):
		return noDatabase, err
	case errors.As(err, new(*models.NewerSchemaError)):
		return newSchema, err
	case err != nil:
		return badSchema, err
	case !ready:
		return oldSchema, nil
	}
	switch still, err := models.StandstillOf(ctx, db); {
	case err != nil:
		return badSchema, err
	case still.Restored != nil:
		return restored, nil
	case still.Maintenance != nil:
		return maintained, nil
	}
	return "", nil
}

// errStandstill says that nothing may start: see models.Standstill.
var errStandstill = errors.New("nothing may start")

// watchSchema returns a *models.NewerSchemaError once the database is newer than
// this program, and errStandstill once nothing may start; what else goes wrong
// is for others to tell.
func watchSchema(ctx context.Context, db *gorm.DB) error {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		if err := stillOurs(ctx, db); err != nil {
			return err
		}
	}
}

func stillOurs(ctx context.Context, db *gorm.DB) error {
	ctx, done := models.Bounded(ctx)
	defer done()
	if err := models.RefuseNewer(ctx, db); errors.As(err, new(*models.NewerSchemaError)) {
		return err
	}
	if still, err := models.StandstillOf(ctx, db); err == nil && still.Holds() {
		return errStandstill
	}
	return nil
}
