package steps

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"net"
	"strings"
	"time"

	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"workflows/models/address"
)

// mailPatience bounds a connection in whole; a step's own time limit is mostly shorter.
const mailPatience = 5 * time.Minute

// goodbye bounds the wait for the answer to QUIT: the message is taken by then.
const goodbye = 2 * time.Second

// mailServer is the installation's, whichever it is when an e-mail leaves, behind the same
// guard as web addresses.
type mailServer struct {
	outbound *outbound
	now      func(context.Context) (address.MailServer, error)
}

func newMailServer(options Options, out *outbound) *mailServer {
	s := &mailServer{outbound: out, now: options.Mail}
	if s.now == nil {
		s.now = func(context.Context) (address.MailServer, error) { return address.MailServer{}, nil }
	}
	return s
}

// messageID is the same for every attempt of a step: RFC 5322 lets receivers
// take two messages with one Message-ID for one.
func messageID(key, from string) string {
	sum := sha256.Sum256([]byte(key))
	_, domain, _ := strings.Cut(from, "@")
	domain, _, _ = strings.Cut(domain, ">")
	return hex.EncodeToString(sum[:16]) + "@" + domain
}

// send hands one message over, under the Message-ID that belongs to the key. It returns nil
// once the server has taken it, whatever becomes of the connection after that.
func (s *mailServer) send(ctx context.Context, m *email, key string, now time.Time) error {
	server, err := s.now(ctx)
	var unusable address.Problem
	switch {
	case errors.As(err, &unusable):
		return permanent("mail_not_configured", "The mail server of this installation cannot be used. "+unusable.Error())
	case err != nil:
		return err
	case server.Host == "":
		return permanent("mail_not_configured", "This installation has no mail server. An administrator sets one under Settings, E-mail.")
	}
	m.messageID = messageID(key, server.From)
	message, err := compose(m, server.From, now)
	if err != nil {
		return permanent("invalid_config", "The e-mail cannot be written. Check its addresses and its subject.")
	}
	line, err := s.dial(ctx, server.Server)
	if err != nil {
		return notReached(ctx, server, err)
	}
	client, err := s.client(server, line)
	if err != nil {
		_ = line.Close()
		return permanent("mail_not_configured", "The mail server of this installation is not set up. Ask an administrator to check it under Settings, E-mail.")
	}
	connection, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		_ = line.Close()
		return mailError(ctx, err)
	}
	defer func() {
		_ = connection.UpdateDeadline(goodbye)
		_ = client.CloseWithSMTPClient(connection)
	}()
	if err := handOver(connection, message, m.recipients()); err != nil {
		return mailError(ctx, err)
	}
	return nil
}

// handOver is one SMTP transaction: for all recipients or for none.
func handOver(connection *smtp.Client, message *mail.Msg, recipients []string) error {
	sender, err := message.GetSender(false)
	if err != nil {
		return err
	}
	if err := connection.Mail(sender); err != nil {
		return err
	}
	for _, recipient := range recipients {
		if err := connection.Rcpt("<" + recipient + ">"); err != nil {
			return err
		}
	}
	content, err := connection.Data()
	if err != nil {
		return err
	}
	if _, err := message.WriteTo(content); err != nil {
		return err
	}
	return content.Close()
}

func compose(m *email, from string, now time.Time) (*mail.Msg, error) {
	message := mail.NewMsg(mail.WithNoDefaultUserAgent())
	message.Subject(m.subject)
	message.SetDateWithValue(now)
	message.SetMessageIDWithValue(m.messageID)
	message.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no holiday notes, please
	message.SetBodyString(mail.TypeTextPlain, m.text)
	if m.html != "" {
		message.AddAlternativeString(mail.TypeTextHTML, m.html)
	}
	err := errors.Join(message.From(from), message.To(m.to...), message.Cc(m.cc...), message.Bcc(m.bcc...))
	if m.replyTo != "" {
		err = errors.Join(err, message.ReplyTo(m.replyTo))
	}
	return message, err
}

// dial reaches the server; the context ends the connection at any point.
func (s *mailServer) dial(ctx context.Context, server address.Server) (net.Conn, error) {
	connection, err := s.outbound.dialer.DialContext(ctx, "tcp", server.Dial())
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, func() { _ = connection.Close() })
	return connection, nil
}

// client is made for one message, on a connection that stands. A password goes
// through TLS only, unless the administrator has allowed the server's address,
// where an eavesdropper would have to be in a network that is trusted.
func (s *mailServer) client(server address.MailServer, line net.Conn) (*mail.Client, error) {
	options := []mail.Option{mail.WithPort(server.Port), mail.WithTimeout(mailPatience)}
	policy := mail.TLSOpportunistic
	switch server.Protection {
	case address.StartTLS:
		policy = mail.TLSMandatory
	case address.Unprotected:
		policy = mail.NoTLS
	}
	if server.User != "" {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(server.User), mail.WithPassword(server.Password))
		if !s.outbound.trusted(line.RemoteAddr()) {
			policy = mail.TLSMandatory
		}
	}
	if server.Protection == address.TLS {
		line, policy = tls.Client(line, &tls.Config{ServerName: server.Host, MinVersion: tls.VersionTLS12}), mail.TLSOpportunistic
	}
	options = append(options, mail.WithTLSPolicy(policy), mail.WithDialContextFunc(func(context.Context, string, string) (net.Conn, error) { return line, nil }))
	return mail.NewClient(server.Host, options...)
}
