package steps

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"slices"
	"strings"
	"unicode"

	"github.com/wneessen/go-mail"

	"workflows/models/address"
	"workflows/worker/workflow"
)

// mailError says for people why the mail server did not take a message. When the
// context ended the connection, its error is kept for the engine.
func mailError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("send e-mail: %w", context.Cause(ctx))
	}
	var answer *textproto.Error
	var certificate *tls.CertificateVerificationError
	var dns *net.DNSError
	switch {
	case errors.As(err, &answer):
		return refusedMail(answer)
	case errors.Is(err, mail.ErrNoSupportedAuthDiscovered):
		return permanent("mail_sign_in", "The mail server offers no safe way to sign in. Ask an administrator to check it under Settings, E-mail.")
	case strings.Contains(err.Error(), "does not support STARTTLS"): // the library has no error of its own for it
		return permanent("mail_unprotected", "The mail server offers no encryption, without which we tell it nothing. Ask an administrator to choose another encryption under Settings, E-mail (smtps:// in SMTP_URL), or to allow the server's address (OUTBOUND_ALLOW) if the network to it is trusted.")
	case blocked(err):
		return permanent("blocked_address", "The mail server is in a private network, which steps may not call. Ask the administrator to allow its address (OUTBOUND_ALLOW).")
	case errors.As(err, &certificate):
		return permanent("certificate_error", "The certificate of the mail server is not trusted. Ask the administrator to check it.")
	case errors.As(err, &dns):
		return failure("host_not_found", "The mail server could not be looked up. Ask an administrator to check it under Settings, E-mail.")
	case isTimeout(err):
		return failure("connection_timeout", "The mail server did not answer in time. Try again later.")
	}
	return failure("connection_failed", "The connection to the mail server broke off. Look whether the message has arrived before it is sent again.")
}

// notReached says why there was no connection at all, by which nothing can have been sent.
func notReached(ctx context.Context, server address.MailServer, err error) error {
	why := mailError(ctx, err)
	var failed *workflow.StepError
	if errors.As(why, &failed) && failed.Code == "connection_failed" {
		return failure("mail_unreachable", "The mail server cannot be reached at "+server.Dial()+", so nothing was sent. Ask an administrator to start it, or to correct Settings, E-mail.")
	}
	return why
}

// maxAnswer is how long an answer of the mail server is that is shown, in bytes.
const maxAnswer = 1000

// refusedMail is for an answer of the server: 4xx may be mended by waiting, 5xx
// may not (RFC 5321, section 4.2.1).
func refusedMail(answer *textproto.Error) *workflow.StepError {
	lasting := answer.Code >= 500
	if slices.Contains([]int{530, 534, 535, 538}, answer.Code) {
		return permanent("mail_sign_in", "The mail server did not let us sign in. Ask an administrator to check the user name and the password under Settings, E-mail.")
	}
	said := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, answer.Msg)
	if len(said) > maxAnswer {
		said = "with a long answer" // not a part of it: a part of a secret is not recognised
	}
	advice := "Check the addresses, or ask the administrator."
	if !lasting {
		advice = "Try again later."
	}
	return &workflow.StepError{
		Code:      "mail_refused",
		Message:   fmt.Sprintf("The mail server refused the message (%d: %s). %s", answer.Code, said, advice),
		Permanent: lasting,
	}
}
