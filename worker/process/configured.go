package process

import (
	"context"
	"log/slog"

	"gorm.io/gorm"

	"workflows/worker/environment"
	"workflows/worker/mailserver"
	"workflows/worker/queue"
	"workflows/worker/secrets"
	"workflows/worker/steps"
	"workflows/worker/subscription"
	"workflows/worker/telling"
	"workflows/worker/tracing"
)

// Configured is the worker that a program's settings ask for: it reaches others within
// their rules, and mails by the server that is set.
func Configured(settings environment.Settings, db *gorm.DB, q *queue.Queue, vault *secrets.Store, log *slog.Logger) Config {
	mail := &mailserver.Source{DB: db, Secrets: vault, SMTP: settings.SMTPURL, From: settings.MailFrom}
	options := steps.Options{OutboundAllow: settings.OutboundAllow, Mail: mail.Await}
	send, fetch := steps.Mailer(options), steps.Fetcher(options, subscription.FetchTime)
	var traces *tracing.Target
	if settings.TracesEndpoint != "" {
		traces = &tracing.Target{Endpoint: settings.TracesEndpoint, Headers: settings.TracesHeaders, Service: settings.ServiceName}
	}
	return Config{
		Traces: traces,
		DB:     db, Queue: q, Secrets: vault, Types: steps.All(options), Log: log, Concurrency: settings.Concurrency, RetentionDays: settings.RunRetentionDays,
		TellAsked: send, Tell: telling.Ways{Mail: send, Chat: steps.Chatter(options), Hook: steps.Hooker(options)}, BaseURL: settings.BaseURL,
		FetchCalendar: func(ctx context.Context, address, etag, modified string) (subscription.Answer, error) {
			file, err := fetch(ctx, address, etag, modified)
			return subscription.Answer(file), err
		},
	}
}
