package steps

import (
	"context"
	"time"
)

// Mailer sends the system's own e-mails, through the mail server that steps use.
type Mailer struct{ server *mailServer }

// NewMailer returns nil where the installation has no mail server.
func NewMailer(options Options) *Mailer {
	if !options.Mails() {
		return nil
	}
	return &Mailer{&mailServer{outbound: newOutbound(options.OutboundAllow, options.Resolver), address: options.SMTPURL, from: options.MailFrom}}
}

// Mails reports whether the installation has a mail server.
func (o Options) Mails() bool { return o.SMTPURL != "" && o.MailFrom != "" }

// Send hands one e-mail over; the same key has the same Message-ID, so that mail programs
// show a repeated one once. Its errors are a *workflow.StepError, or the context's.
func (m *Mailer) Send(ctx context.Context, to, subject, text, key string) error {
	return m.server.send(ctx, &email{to: []string{to}, subject: subject, text: text, messageID: m.server.messageID(key)}, time.Now())
}
