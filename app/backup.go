package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"gorm.io/gorm"

	"workflows/app/api"
	"workflows/app/standalone"
	"workflows/models"
	"workflows/models/archive"
	"workflows/models/sqlite"
	"workflows/worker/environment"
	"workflows/worker/secrets"
)

const backupUsage = plain("Write: backup FILE [--with-keys] [--replace], or restore FILE [--dry-run]")

// Flags of backup.
const (
	withKeys    = "--with-keys"
	replaceFile = "--replace"
)

// backup writes everything into one file, also while the programs run.
func backup(ctx context.Context, settings environment.Settings, arguments []string, out io.Writer) error {
	names, flags := split(arguments)
	if len(names) != 1 || !only(flags, withKeys, replaceFile) {
		return backupUsage
	}
	db, err := openExisting(settings)
	if err != nil {
		return err
	}
	defer func() { _ = models.Close(db) }()
	options := archive.Options{MadeBy: api.ProgramVersion()}
	if slices.Contains(flags, withKeys) {
		if options.Keys, err = fittingKeys(ctx, settings, db); err != nil {
			return inWords(ctx, err, names[0], db)
		}
	}
	written, size, err := archive.WriteFile(ctx, db, names[0], slices.Contains(flags, replaceFile), options)
	if err != nil {
		return inWords(ctx, err, names[0], db)
	}
	fmt.Fprintf(out, "Written to %s and read back: %s (%s).\n%s\n", names[0], holds(written), megabytes(size), keysLeft(ctx, settings, db, written))
	return nil
}

// split tells names from flags.
func split(arguments []string) (names, flags []string) {
	for _, argument := range arguments {
		if strings.HasPrefix(argument, "--") {
			flags = append(flags, argument)
		} else {
			names = append(names, argument)
		}
	}
	return names, flags
}

func only(flags []string, known ...string) bool {
	return !slices.ContainsFunc(flags, func(flag string) bool { return !slices.Contains(known, flag) })
}

// openExisting opens the database that is configured, and makes none.
func openExisting(settings environment.Settings) (*gorm.DB, error) {
	if settings.Standalone {
		if _, err := os.Stat(filepath.Join(settings.DataDir, sqlite.File)); err != nil {
			return nil, plain("There is no database in " + settings.DataDir + ", so there is nothing to back up. Set DATA_DIR or DATABASE_URL as the programs have it.")
		}
	}
	return openDatabase(settings)
}

// fittingKeys are the keys of this installation, if its secrets are encrypted with them.
func fittingKeys(ctx context.Context, settings environment.Settings, db *gorm.DB) (string, error) {
	text, err := standalone.KeptKeys(settings)
	if err != nil {
		return "", err
	}
	if text == "" {
		return "", plain("There are no keys to put in: set SECRET_KEYS as the programs have it.")
	}
	keys, err := secrets.ParseKeys(text)
	if err != nil {
		return "", err
	}
	return text, keys.Fits(ctx, db)
}

// keysLeft says where the keys are that the secrets in the file need.
func keysLeft(ctx context.Context, settings environment.Settings, db *gorm.DB, written archive.Summary) string {
	if written.Keys != "" {
		return "It holds SECRET_KEYS: whoever has this file can read every secret. Keep it like one."
	}
	ids, err := secrets.Needed(ctx, db)
	if err != nil || len(ids) == 0 {
		return "No secret is in it, so it needs no key."
	}
	where := "SECRET_KEYS"
	if settings.Standalone && settings.SecretKeys == "" {
		where = filepath.Join(settings.DataDir, "secret_keys")
	}
	return fmt.Sprintf("The keys are not in it, and without them nobody can read the secrets (%s): keep a copy of %s elsewhere.", strings.Join(ids, ", "), where)
}

// inWords says in a sentence why a backup was not made or not restored; db may be nil.
func inWords(ctx context.Context, err error, name string, db *gorm.DB) error {
	var wrong *archive.FileError
	var busy *archive.BusyError
	var newer *models.NewerSchemaError
	switch {
	case ctx.Err() != nil:
		return plain("Stopped before the end: nothing has been changed.")
	case errors.As(err, &wrong):
		return plain(fmt.Sprintf("%s cannot be restored: %s.", name, wrong.Message))
	case errors.As(err, &busy):
		return plain(busy.Message)
	case errors.As(err, &newer):
		return plain(newer.Error())
	case errors.Is(err, archive.ErrExists):
		return plain(fmt.Sprintf("%s is there already. Choose another name, or say %s.", name, replaceFile))
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return plain(fmt.Sprintf("The disk of %s is full. Make room, or choose another place; nothing of the file was kept.", name))
	case errors.Is(err, fs.ErrNotExist):
		return plain(fmt.Sprintf("There is no %s, or not the folder that it is to be in.", name))
	case errors.Is(err, syscall.EISDIR), errors.Is(err, archive.ErrNoFile):
		return plain(name + " is no file. Name one.")
	case errors.Is(err, fs.ErrPermission):
		return plain(fmt.Sprintf("%s cannot be used: this user has no right to it.", name))
	case models.TroubleOf(err) == models.Full:
		return plain("There is no room for the database. Make some, then do it again; nothing has been changed.")
	case db != nil && models.Unreachable(err):
		return plain(models.Explain(db, err))
	}
	return err
}
