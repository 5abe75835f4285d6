package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"workflows/app/standalone"
	"workflows/models"
	"workflows/worker/environment"
	"workflows/worker/secrets"
)

// openVault prepares the store of secrets; without keys it says how to make one.
func openVault(settings environment.Settings) (*secrets.Store, error) {
	if settings.SecretKeys == "" {
		return nil, errors.New(environment.Explain([]environment.Problem{environment.NoKeys(secrets.NewKey("k1"))}))
	}
	return secrets.Open(settings.SecretKeys)
}

// changeKeys is what an operator does about SECRET_KEYS: encrypt everything with
// the first key, or give up what no key can read any more.
func changeKeys(ctx context.Context, settings environment.Settings, command string, out io.Writer) error {
	db, err := openToMigrate(settings)
	if err != nil {
		return err
	}
	defer func() { _ = models.Close(db) }()
	if settings.Standalone {
		if settings.SecretKeys, err = standalone.SecretKeys(settings); err != nil {
			return err
		}
	}
	vault, err := openVault(settings)
	if err != nil {
		return err
	}
	vault.DB, vault.Log = db, slog.New(slog.DiscardHandler)
	if _, err := models.Migrate(ctx, db); err != nil {
		return err
	}
	ctx = models.WithActor(ctx, models.Actor{Kind: models.ActorSystem, Name: "go run ./app " + command})
	if command == "forget-keys" {
		gone, err := vault.Forget(ctx)
		if err != nil {
			return err
		}
		if len(gone) == 0 {
			fmt.Fprintln(out, "Every secret can be read; none was deleted.")
			return nil
		}
		fmt.Fprintf(out, "Deleted, since no key in SECRET_KEYS can read them: %s. Enter them again under Settings.\n", strings.Join(gone, ", "))
		return nil
	}
	if err := vault.Keys.Guard(ctx, db, models.Now()); err != nil {
		return err
	}
	count, err := vault.Rotate(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Everything is encrypted with the key %q now; encrypted again: %d. Older keys can leave SECRET_KEYS.\n", vault.Keys.First(), count)
	return nil
}
