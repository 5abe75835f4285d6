package doctor

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"net/smtp"
	"slices"
	"time"

	"gorm.io/gorm"

	"workflows/models/address"
	"workflows/models/told"
	"workflows/worker/mailserver"
	"workflows/worker/secrets"
	"workflows/worker/steps"
)

// mailServer looks up which mail server was entered on the page.
func (d *examination) mailServer(ctx context.Context, db *gorm.DB) {
	source := mailserver.Source{DB: db}
	if keys, err := secrets.ParseKeys(d.Keys); err == nil {
		source.Secrets = &secrets.Store{DB: db, Keys: keys, Redactor: &secrets.Redactor{}}
	}
	d.server, d.serverProblem = source.Server(ctx)
	d.serverKnown = true
}

func (d *examination) mail(ctx context.Context) {
	server, set := d.server, "Settings, E-mail"
	if d.Settings.SMTPURL != "" {
		server, d.serverProblem = address.MailServerAt(d.Settings.SMTPURL, d.Settings.MailFrom)
		set = "SMTP_URL"
	}
	switch {
	case errors.As(d.serverProblem, new(address.Problem)):
		d.say("mail", Problem, "The mail server cannot be used. %s", d.serverProblem)
		return
	case d.serverProblem != nil:
		d.say("mail", Problem, "Which mail server is set cannot be read: %s", d.serverProblem)
		return
	case server.Host == "" && !d.serverKnown:
		d.say("mail", Fine, "SMTP_URL is not set. Whether a mail server is set under Settings, E-mail stands in the database.")
		return
	case server.Host == "":
		d.say("mail", Fine, "No mail server is set, so nothing is mailed. One is set under Settings, E-mail.")
		return
	}
	where := server.Dial()
	dialer := net.Dialer{Timeout: Patience}
	connection, err := dialer.DialContext(ctx, "tcp", where)
	if err != nil {
		d.say("mail", Warning, "The mail server %s cannot be reached. Start it, or correct %s. (%s)", where, set, err)
		return
	}
	defer func() { _ = connection.Close() }()
	remote, err := netip.ParseAddrPort(connection.RemoteAddr().String())
	if err == nil && steps.Blocked(remote.Addr(), d.Settings.OutboundAllow) {
		d.say("mail", Problem, "The mail server %s is in a private network, which steps may not call. Add %s to OUTBOUND_ALLOW.", where, remote.Addr())
		return
	}
	trusted := slices.ContainsFunc(d.Settings.OutboundAllow, func(p netip.Prefix) bool { return p.Contains(remote.Addr().Unmap()) })
	needed := server.Protection == address.StartTLS || server.Protection != address.TLS && server.User != "" && !trusted
	if needed && !offersTLS(connection, server.Host) {
		d.say("mail", Problem, unprotectedMail, where, set, remote.Addr())
		return
	}
	d.say("mail", Fine, "The mail server %s answers.", where)
}

// messages tells of those that people should have got in the last day and have not.
func (d *examination) messages(ctx context.Context, db *gorm.DB, now time.Time) {
	stuck, err := told.StuckSince(ctx, db, now.Add(-24*time.Hour))
	switch {
	case err != nil:
		d.say("messages", Problem, "They cannot be read: %s", err)
	case stuck.Number > 0:
		d.say("messages", Warning, "%d to people could not be sent since yesterday: see Settings, E-mail. The last one: %s", stuck.Number, stuck.Problem)
	default:
		d.say("messages", Fine, "All that people were to be told since yesterday was sent, or is on its way.")
	}
}

const unprotectedMail = "The mail server %s offers no encryption (STARTTLS), without which we tell it nothing. Choose another one (%s), and add %s to OUTBOUND_ALLOW if the network to it is trusted."

// offersTLS reports whether a mail server that was just reached lets the connection
// be encrypted.
func offersTLS(connection net.Conn, host string) bool {
	if err := connection.SetDeadline(time.Now().Add(Patience)); err != nil {
		return false
	}
	client, err := smtp.NewClient(connection, host)
	if err != nil {
		return false
	}
	offered, _ := client.Extension("STARTTLS")
	return offered
}
