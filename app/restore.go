package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"gorm.io/gorm"

	"workflows/app/standalone"
	"workflows/models"
	"workflows/models/archive"
	"workflows/models/sqlite"
	"workflows/worker/environment"
	"workflows/worker/restored"
	"workflows/worker/secrets"
)

const dryRun = "--dry-run"

// restore puts a backup into an empty database, or only says what would come of it.
func restore(ctx context.Context, settings environment.Settings, arguments []string, out io.Writer) error {
	names, flags := split(arguments)
	if len(names) != 1 || !only(flags, dryRun) {
		return backupUsage
	}
	file, err := os.Open(names[0]) // #nosec G304 -- the file that whoever runs the command names
	if err != nil {
		return inWords(ctx, err, names[0], nil)
	}
	defer file.Close()
	read, err := archive.Read(ctx, file)
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		return inWords(ctx, err, names[0], nil)
	}
	r := &restoring{settings: settings, name: names[0], file: file, read: read, out: out}
	if len(flags) > 0 {
		return r.tryOut(ctx)
	}
	return r.restore(ctx)
}

// restoring is one file on its way into a database.
type restoring struct {
	settings environment.Settings
	name     string
	file     io.Reader
	read     archive.Summary
	out      io.Writer
}

func (r *restoring) restore(ctx context.Context) error {
	if r.settings.Standalone {
		if err := os.MkdirAll(r.settings.DataDir, 0o700); err != nil {
			return fmt.Errorf("the folder %s cannot be made: choose another one with DATA_DIR: %w", r.settings.DataDir, err)
		}
		release, err := standalone.Claim(r.settings.DataDir)
		if err != nil {
			return err
		}
		defer release()
	}
	db, err := openDatabase(r.settings)
	if err != nil {
		return err
	}
	defer func() { _ = models.Close(db) }()
	if err := archive.Ready(ctx, db); err != nil {
		return inWords(ctx, err, r.name, db)
	}
	takeBack, err := r.keepKeys()
	if err != nil {
		return err
	}
	if err := archive.Restore(ctx, db, r.file, r.read); err != nil {
		takeBack()
		return inWords(ctx, err, r.name, db)
	}
	ctx = context.WithoutCancel(ctx) // it is done: what comes now only says so
	if err := r.record(ctx, db); err != nil {
		return err
	}
	fmt.Fprintf(r.out, "Restored from %s into %s.\n", r.name, r.place(db))
	return r.describe(ctx, db)
}

func (r *restoring) place(db *gorm.DB) string {
	if r.settings.Standalone {
		return r.settings.DataDir
	}
	return models.Address(db)
}

func (r *restoring) record(ctx context.Context, db *gorm.DB) error {
	ctx = models.WithActor(ctx, models.Actor{Kind: models.ActorSystem, Name: "go run ./app restore"})
	return models.Record(ctx, db, models.Act{Action: "backup.restored", ObjectKind: "backup", ObjectName: stamp(r.read.MadeAt), After: map[string]any{"made_by": r.read.MadeBy, "rows": r.read.Rows}})
}

// keepKeys puts the keys of the file where the standalone program looks for them, and
// returns what takes them away again.
func (r *restoring) keepKeys() (takeBack func(), err error) {
	takeBack = func() {}
	if !r.settings.Standalone || r.read.Keys == "" || r.settings.SecretKeys != "" {
		return takeBack, nil
	}
	kept, err := standalone.KeptKeys(r.settings)
	if err != nil || kept == r.read.Keys {
		return takeBack, err
	}
	place := filepath.Join(r.settings.DataDir, "secret_keys")
	if kept != "" {
		return takeBack, plain(fmt.Sprintf("%s holds other keys than %s does. Move it away if nothing needs it, or choose another folder with DATA_DIR; nothing has been changed.", place, r.name))
	}
	return func() { _ = os.Remove(place) }, standalone.KeepKeys(r.settings, r.read.Keys)
}

// tryOut restores into a database that goes away again, so that everything in the file is
// really read, stored and migrated, and says what is in it and what would start.
func (r *restoring) tryOut(ctx context.Context) error {
	folder, err := os.MkdirTemp("", "workflows-restore-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	db, err := sqlite.Open(folder)
	if err != nil {
		return err
	}
	defer func() { _ = models.Close(db) }()
	if err := archive.Restore(ctx, db, r.file, r.read); models.TroubleOf(err) == models.Full {
		return plain(fmt.Sprintf("There is no room in %s to try it out, which takes as much as the database does. Name another folder with TMPDIR.", os.TempDir()))
	} else if err != nil {
		return inWords(ctx, err, r.name, db)
	}
	fmt.Fprintf(r.out, "%s is whole, and can be restored. Nothing has been changed.\n", r.name)
	if err := r.describe(ctx, db); err != nil {
		return inWords(ctx, err, r.name, db)
	}
	return r.target(ctx)
}

// target says whether the database that is configured could take the backup.
func (r *restoring) target(ctx context.Context) error {
	if r.settings.Standalone {
		if _, err := os.Stat(filepath.Join(r.settings.DataDir, sqlite.File)); err != nil {
			fmt.Fprintf(r.out, "It would be put into a new database in %s.\n", r.settings.DataDir)
			return nil
		}
	}
	db, err := openDatabase(r.settings)
	if err != nil {
		return err
	}
	defer func() { _ = models.Close(db) }()
	if err := archive.Ready(ctx, db); err != nil {
		return fmt.Errorf("into %s it cannot be put: %w", r.place(db), inWords(ctx, err, r.name, db))
	}
	fmt.Fprintf(r.out, "It would be put into %s, which is empty.\n", r.place(db))
	return nil
}

// describe says what a database holds that was restored, and what waits in it.
func (r *restoring) describe(ctx context.Context, db *gorm.DB) error {
	fmt.Fprintf(r.out, "It was made on %s from %s, and holds %s.\n", stamp(r.read.MadeAt), databaseWords[r.read.Database], holds(r.read))
	keys, err := r.keys(ctx, db)
	if err != nil {
		return err
	}
	standing, err := restored.Look(ctx, db)
	if err != nil {
		return err
	}
	fmt.Fprint(r.out, keys, waiting(standing), "Once it is restored, nothing starts until an administrator says how it goes on, at "+r.settings.BaseURL+"/restored\n")
	return nil
}

// keys says whether the keys that there are open the secrets, and what to do if not.
func (r *restoring) keys(ctx context.Context, db *gorm.DB) (string, error) {
	needed, err := secrets.Needed(ctx, db)
	if err != nil {
		return "", err
	}
	text, err := standalone.KeptKeys(r.settings)
	if err != nil {
		return "", err
	}
	from := "SECRET_KEYS"
	if r.settings.SecretKeys == "" && r.settings.Standalone {
		from = filepath.Join(r.settings.DataDir, "secret_keys")
	}
	if text == "" && r.read.Keys != "" {
		text, from = r.read.Keys, "the file"
	}
	return r.keysWords(ctx, db, needed, text, from)
}
