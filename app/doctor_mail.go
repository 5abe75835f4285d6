package main

import (
	"context"
	"net"
	"net/netip"
	"net/smtp"
	"slices"
	"time"

	"gorm.io/gorm"

	"workflows/models/address"
	"workflows/models/told"
	"workflows/worker/steps"
)

func (d *examination) mail(ctx context.Context) {
	if d.settings.SMTPURL == "" {
		d.say("mail", fine, "SMTP_URL is not set: nothing is mailed.")
		return
	}
	server, err := address.Mail(d.settings.SMTPURL)
	if err != nil {
		d.say("mail", problem, "SMTP_URL cannot be used. %s", err)
		return
	}
	where := server.Dial()
	dialer := net.Dialer{Timeout: doctorPatience}
	connection, err := dialer.DialContext(ctx, "tcp", where)
	if err != nil {
		d.say("mail", warning, "The mail server %s cannot be reached. Start it, or correct SMTP_URL. (%s)", where, err)
		return
	}
	defer func() { _ = connection.Close() }()
	remote, err := netip.ParseAddrPort(connection.RemoteAddr().String())
	if err == nil && steps.Blocked(remote.Addr(), d.settings.OutboundAllow) {
		d.say("mail", problem, "The mail server %s is in a private network, which steps may not call. Add %s to OUTBOUND_ALLOW.", where, remote.Addr())
		return
	}
	trusted := slices.ContainsFunc(d.settings.OutboundAllow, func(p netip.Prefix) bool { return p.Contains(remote.Addr().Unmap()) })
	if server.Scheme != "smtps" && server.User != "" && !trusted && !offersTLS(connection, server.Host) {
		d.say("mail", problem, unprotectedMail, where, remote.Addr())
		return
	}
	d.say("mail", fine, "The mail server %s answers.", where)
}

// messages tells of those that people should have got in the last day and have not.
func (d *examination) messages(ctx context.Context, db *gorm.DB, now time.Time) {
	stuck, err := told.StuckSince(ctx, db, now.Add(-24*time.Hour))
	switch {
	case err != nil:
		d.say("messages", problem, "They cannot be read: %s", err)
	case stuck.Number > 0:
		d.say("messages", warning, "%d to people could not be sent since yesterday: see Settings, E-mail. The last one: %s", stuck.Number, stuck.Problem)
	default:
		d.say("messages", fine, "All that people were to be told since yesterday was sent, or is on its way.")
	}
}

const unprotectedMail = "The mail server %s offers no encryption (STARTTLS), so we do not sign in there. Use smtps:// in SMTP_URL, or add %s to OUTBOUND_ALLOW if the network to it is trusted."

// offersTLS reports whether a mail server that was just reached lets the connection
// be encrypted.
func offersTLS(connection net.Conn, host string) bool {
	if err := connection.SetDeadline(time.Now().Add(doctorPatience)); err != nil {
		return false
	}
	client, err := smtp.NewClient(connection, host)
	if err != nil {
		return false
	}
	offered, _ := client.Extension("STARTTLS")
	return offered
}
