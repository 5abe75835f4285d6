package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync/atomic"
	"time"

	"gorm.io/gorm"

	"workflows/app/auth"
	"workflows/models"
	"workflows/worker/environment"
	"workflows/worker/outage"
	"workflows/worker/secrets"
)

// checkEvery is how often the database is asked for a sign of life.
const checkEvery = 2 * time.Second

// database brings the schema up to date as soon as the server can be reached,
// and knows from then on whether it still can be.
type database struct {
	db       *gorm.DB
	settings environment.Settings
	vault    *secrets.Store
	log      *slog.Logger
	out      io.Writer
	server   *outage.Teller // for all of the process that go to the database
	looking  *outage.Chore
	problem  atomic.Pointer[string]
	storage  *storage
	prepared bool
	greeting string // to be printed when the pages work
	// ready is closed once the schema is up to date.
	ready chan struct{}
}

func newDatabase(db *gorm.DB, settings environment.Settings, vault *secrets.Store, log *slog.Logger, out io.Writer) *database {
	d := &database{db: db, settings: settings, vault: vault, log: log, out: out, ready: make(chan struct{}), storage: &storage{db: db, log: log}}
	starting := "The program is starting. This page works in a moment."
	d.problem.Store(&starting)
	d.server = outage.New(log, lostWords(settings), "the database is back", "where", models.Address(db))
	d.looking = outage.NewChore(log, "the database cannot be used", "the database works again", d.server)
	return d
}

// lostWords say of which database there is an outage, and what to do about it.
func lostWords(settings environment.Settings) string {
	if settings.Standalone {
		return "the embedded database cannot be used: check the disk and the rights of DATA_DIR, the pages go on by themselves"
	}
	return "PostgreSQL cannot be reached: start it, or correct DATABASE_URL, the pages go on by themselves"
}

// Problem is a sentence while the database cannot be used, "" otherwise.
func (d *database) Problem() string { return *d.problem.Load() }

// run checks until ctx ends, or until it is found that the secrets cannot be read.
func (d *database) run(ctx context.Context) error {
	ticker := time.NewTicker(checkEvery)
	defer ticker.Stop()
	for {
		if err := d.check(ctx); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// check asks once. It returns an error with which the program cannot go on.
func (d *database) check(ctx context.Context) error {
	limit, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	began := time.Now()
	err := d.prepare(limit)
	if wrong := (*secrets.WrongKeyError)(nil); errors.As(err, &wrong) {
		return wrong
	}
	if ctx.Err() != nil {
		return nil
	}
	if err == nil {
		d.storage.check(ctx)
	}
	now := d.sentence(err)
	d.problem.Store(&now)
	d.looking.Note(began, err)
	if err == nil && d.greeting != "" {
		d.log.Info("the database can be used", "where", models.Address(d.db))
		fmt.Fprintln(d.out, d.greeting)
		d.greeting = ""
	}
	return nil
}

// prepare migrates, makes what the environment asks for and greets, once; later
// it only pings.
func (d *database) prepare(ctx context.Context) error {
	if d.prepared {
		limit, cancel := context.WithTimeout(ctx, 3*time.Second)
		defer cancel()
		if err := models.Ping(limit, d.db); err != nil {
			return err
		}
		return models.RefuseNewer(limit, d.db) // a newer program may have migrated
	}
	if _, err := models.Migrate(ctx, d.db); err != nil {
		return err
	}
	if err := d.vault.Keys.Guard(ctx, d.db, models.Now()); err != nil {
		return err
	}
	// Known before the first request is taken: what it holds may be one of them.
	if err := d.vault.Learn(ctx); err != nil && errors.Is(err, models.ErrUnavailable) {
		return err
	}
	first := auth.First{Email: d.settings.AdminEmail, Password: d.settings.AdminPassword, Token: d.settings.AdminToken}
	if err := auth.MakeFirst(ctx, d.db, first, models.Now()); err != nil {
		return err
	}
	greeting, err := d.greet(ctx)
	if err != nil {
		return err
	}
	d.prepared, d.greeting = true, greeting
	close(d.ready)
	return nil
}

// greet says where the pages are, with the set-up link while there is no user.
func (d *database) greet(ctx context.Context) (string, error) {
	greeting := fmt.Sprintf("\nThe Workflow System is ready at %s\n", d.settings.BaseURL)
	token, err := auth.NewSetupToken(ctx, d.db, models.Now())
	if token != "" {
		greeting += fmt.Sprintf("Make the first account with this one-time link:\n\n  %s/setup?token=%s\n", d.settings.BaseURL, token)
	}
	return greeting, err
}

func (d *database) sentence(err error) string {
	where, said := models.Address(d.db), models.Explain(d.db, err)
	newer := new(models.NewerSchemaError)
	switch {
	case err == nil:
		return ""
	case errors.As(err, &newer):
		return newer.Error() + " It is at " + where + "."
	case models.TroubleOf(err) == models.Away && d.settings.Standalone:
		return "The embedded database in " + d.settings.DataDir + " cannot be used. Check the folder's disk and rights; the pages go on by themselves."
	case said != "":
		return said + " The pages go on by themselves."
	case !d.prepared:
		return "The database at " + where + " could not be brought up to date. The log says why; after correcting it the pages go on by themselves."
	}
	return "The database at " + where + " does not work. The log says why; the pages go on by themselves."
}
