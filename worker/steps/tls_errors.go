package steps

import (
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"strings"

	"workflows/worker/workflow"
)

// tlsError says for people why two programs did not agree on protecting a connection;
// nil is for errors of other kinds. None of this mends itself.
func tlsError(host string, err error) error {
	var record tls.RecordHeaderError
	switch said := alertOf(err); {
	case errors.Is(err, http.ErrSchemeMismatch):
		return permanent("no_encryption", "The "+host+" answers without encryption at this port. Write http:// instead of https://, or enter its other port.")
	case errors.As(err, &record):
		return permanent("no_encryption", "What answers at the "+host+" does not speak https at this port. Check the port of the address.")
	case strings.Contains(err.Error(), `malformed HTTP response "\x15\x03`): // an alert, which net/http takes for an answer
		return permanent("needs_encryption", needsEncryption(host))
	case said == "certificate required":
		return permanent("client_certificate_wanted", wantsCertificate(host))
	case said == "bad certificate", said == "unknown certificate authority", said == "certificate unknown", said == "expired certificate", said == "revoked certificate", said == "unsupported certificate":
		return permanent("client_certificate_refused", "The "+host+" does not take our certificate ("+said+"). Enter the one that it knows under “Client certificate”.")
	case said == "handshake failure":
		return permanent("handshake_failed", "The "+host+" ended the call while the encryption was agreed on. Perhaps it wants a certificate of whoever calls: enter it under “Client certificate”.")
	case said == "protocol version not supported":
		return permanent("handshake_failed", "The "+host+" speaks an old kind of encryption only, which is not safe. Ask its operator for TLS 1.2 or newer.")
	case said == "unrecognized name":
		return permanent("handshake_failed", "The "+host+" does not know the name by which it was called. Check the address.")
	}
	return nil
}

// alertOf is what the other side said when it ended the handshake. crypto/tls has no
// error of its own for it.
func alertOf(err error) string {
	var op *net.OpError
	if !errors.As(err, &op) || op.Op != "remote error" {
		return ""
	}
	return strings.TrimPrefix(op.Err.Error(), "tls: ")
}

func wantsCertificate(host string) string {
	return "The " + host + " wants a certificate of whoever calls. Enter it under “Client certificate”."
}

func needsEncryption(host string) string {
	return "The " + host + " answers only with encryption at this port. Write https:// instead of http://."
}

// tlsAnswers are what servers say with the status 400 where they have taken a connection
// that they do not want (nginx, Apache, Go).
var tlsAnswers = []struct{ words, code string }{
	{"to an HTTPS server", "needs_encryption"},
	{"to HTTPS port", "needs_encryption"},
	{"to an SSL-enabled server port", "needs_encryption"},
	{"No required SSL certificate was sent", "client_certificate_wanted"},
	{"The SSL certificate error", "client_certificate_refused"},
}

// answeredTLS is the failure for such an answer; nil is for any other.
func answeredTLS(response *http.Response, output any) *workflow.StepError {
	parts, _ := output.(map[string]any)
	body, host := textAt(parts, "body"), "host “"+response.Request.URL.Host+"”"
	for _, answer := range tlsAnswers {
		plain := answer.code == "needs_encryption"
		if response.StatusCode != http.StatusBadRequest || plain != (response.Request.URL.Scheme == "http") || !strings.Contains(body, answer.words) {
			continue
		}
		message := map[string]string{
			"needs_encryption":           needsEncryption(host),
			"client_certificate_wanted":  wantsCertificate(host),
			"client_certificate_refused": "The " + host + " does not take our certificate. Enter the one that it knows under “Client certificate”.",
		}[answer.code]
		return &workflow.StepError{Code: answer.code, Message: message, Permanent: true, Output: output}
	}
	return nil
}
