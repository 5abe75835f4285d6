package steps

import (
	"context"
	"time"
)

// Mailer sends the system's own e-mails, through the mail server that steps use. The same
// key has the same Message-ID, so that mail programs show a repeated e-mail once. Its errors
// are a *workflow.StepError, the context's, or that of Options.Mail.
func Mailer(options Options) func(ctx context.Context, to, subject, text, key string) error {
	server := newMailServer(options, newOutbound(options.OutboundAllow, options.Resolver))
	return func(ctx context.Context, to, subject, text, key string) error {
		return server.send(ctx, &email{to: []string{to}, subject: subject, text: text}, key, time.Now())
	}
}
