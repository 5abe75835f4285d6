package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"workflows/models"
	"workflows/worker/environment"
	"workflows/worker/process"
	"workflows/worker/queue"
	"workflows/worker/secrets"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	context.AfterFunc(ctx, stop) // a second signal ends at once
	settings, err := config()
	known := secrets.Knowing(settings.Secrets())
	if err == nil {
		err = run(ctx, settings, known)
	}
	if err != nil {
		os.Exit(environment.Complain(err, os.Stderr, known.Writer))
	}
}

func run(ctx context.Context, settings environment.Settings, known *secrets.Redactor) error {
	vault, err := secrets.Open(settings.SecretKeys)
	if err != nil {
		return err
	}
	log := environment.Logger(settings, os.Stderr, known.Writer, vault.Redactor.Writer)
	db, err := models.Open(models.Source{URL: settings.DatabaseURL})
	if err != nil {
		return err
	}
	defer models.Close(db)
	q, err := queue.Open(queue.Options{URL: settings.RedisURL, Namespace: settings.Namespace, TLSInsecure: settings.RedisTLSInsecure, Log: log})
	if err != nil {
		return err
	}
	defer q.Close()
	vault.DB, vault.Log = db, log
	return process.Run(ctx, process.Configured(settings, db, q, vault, log))
}
