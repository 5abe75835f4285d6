package address

import "fmt"

// How the way to a mail server is protected.
const (
	Offered     = "offered"  // by STARTTLS, where the server offers it
	StartTLS    = "starttls" // by STARTTLS, or nothing leaves
	TLS         = "tls"      // from the start
	Unprotected = "none"
)

// MailServer is where e-mails are handed over, and whom they come from. One without a
// host is none.
type MailServer struct {
	Server
	Protection string
	From       string // Workflows <workflows@example.com>
}

// MailServerAt is the server of SMTP_URL and MAIL_FROM; none where the first is not set.
func MailServerAt(smtp, from string) (MailServer, error) {
	if smtp == "" {
		return MailServer{}, nil
	}
	server, err := Mail(smtp)
	if err != nil {
		return MailServer{}, Problem(fmt.Sprintf("SMTP_URL cannot be used. %s", err))
	}
	protection := Offered
	if server.Scheme == "smtps" {
		protection = TLS
	}
	return MailServer{Server: server, Protection: protection, From: from}, nil
}
