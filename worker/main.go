package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"workflows/models"
	"workflows/worker/environment"
	"workflows/worker/process"
	"workflows/worker/queue"
	"workflows/worker/secrets"
	"workflows/worker/steps"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	context.AfterFunc(ctx, stop) // a second signal ends at once
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	settings, err := config()
	if err != nil {
		return err
	}
	vault, err := secrets.Open(settings.SecretKeys)
	if err != nil {
		return err
	}
	log := environment.Logger(settings, os.Stderr, vault.Redactor.Writer)
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
	types := steps.All(steps.Options{OutboundAllow: settings.OutboundAllow, SMTPURL: settings.SMTPURL, MailFrom: settings.MailFrom})
	return process.Run(ctx, process.Config{DB: db, Queue: q, Secrets: vault, Types: types, Log: log, Concurrency: settings.Concurrency, RetentionDays: settings.RunRetentionDays})
}
