package steps

import (
	"context"
	"time"
)

// Mailer sends the system's own e-mails, through the mail server that steps use; nil
// where the installation has none. The same key has the same Message-ID, so that mail
// programs show a repeated e-mail once. Its errors are a *workflow.StepError, or the
// context's.
func Mailer(options Options) func(ctx context.Context, to, subject, text, key string) error {
	if options.SMTPURL == "" || options.MailFrom == "" {
		return nil
	}
	server := &mailServer{outbound: newOutbound(options.OutboundAllow, options.Resolver), address: options.SMTPURL, from: options.MailFrom}
	return func(ctx context.Context, to, subject, text, key string) error {
		return server.send(ctx, &email{to: []string{to}, subject: subject, text: text, messageID: server.messageID(key)}, time.Now())
	}
}
