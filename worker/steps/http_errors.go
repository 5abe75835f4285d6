package steps

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"syscall"

	"workflows/worker/workflow"
)

// callError says for people why a call came to nothing. When the context ended
// it, the context's error is kept for the engine, which knows whether that was
// the timeout, a cancel or a shutdown. Asked is the address of the call.
func callError(ctx context.Context, asked *url.URL, err error) error {
	return callErrorAt(ctx, hostOf(asked, err), err)
}

// callErrorAt says the same with words for the host, for addresses that nobody may see.
func callErrorAt(ctx context.Context, host string, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("call web address: %w", context.Cause(ctx))
	}
	var dns *net.DNSError
	var refused *workflow.StepError // a redirect that may not be followed
	var certificate *tls.CertificateVerificationError
	if agreed := tlsError(host, err); agreed != nil {
		return agreed
	}
	switch {
	case errors.As(err, &refused):
		return refused
	case blocked(err):
		return permanent("blocked_address", "The address leads to a private network, which steps may not call. Use a public address, or ask the administrator to allow it (OUTBOUND_ALLOW).")
	case errors.Is(err, errRedirects):
		return permanent("too_many_redirects", fmt.Sprintf("The address redirected more than %d times. Enter the address that it should end at.", maxRedirects))
	case errors.As(err, &certificate):
		return permanent("certificate_error", certificateMessage(host, certificate.Err))
	case errors.As(err, &dns) && dns.IsNotFound:
		return failure("host_not_found", "The "+host+" does not exist. Check the address.")
	case errors.As(err, &dns):
		return failure("host_not_found", "The "+host+" could not be looked up. Try again later.")
	case errors.Is(err, syscall.ECONNREFUSED):
		return failure("connection_refused", "Nothing answers at the "+host+". Check the address and whether the other side is running.")
	case isTimeout(err):
		return failure("connection_timeout", "The "+host+" did not answer in time. Check whether it is reachable.")
	}
	return failure("connection_failed", "The call to the "+host+" broke off. Try again, or check the other side.")
}

func failure(code, message string) *workflow.StepError {
	return &workflow.StepError{Code: code, Message: message}
}

func certificateMessage(host string, err error) string {
	var invalid x509.CertificateInvalidError
	var name x509.HostnameError
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "The certificate of the " + host + " has expired or is not valid yet. Ask its operator to renew it."
	case errors.As(err, &name):
		return "The certificate of the " + host + " belongs to another host. Check the address."
	}
	return "The certificate of the " + host + " is not trusted. Ask its operator for a valid one. If its authority is one of your own, enter that under “Own certificate authority” where the step asks for it, or have the administrator trust it for all steps (SSL_CERT_FILE)."
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

// hostOf names the host that did not answer well. One that the other side has
// redirected to is not named: it may have put into it what it was told.
func hostOf(asked *url.URL, err error) string {
	var failed *url.Error
	if errors.As(err, &failed) {
		if parsed, parseErr := url.Parse(failed.URL); parseErr == nil && parsed.Host == asked.Host {
			return "host “" + asked.Host + "”"
		}
	}
	return "host to which the address redirects"
}

// readError is for an answer that began and did not end.
func readError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("read answer: %w", context.Cause(ctx))
	}
	if strings.Contains(err.Error(), "gzip") {
		return failure("invalid_response", "The answer's compression is broken. Try again, or check the other side.")
	}
	return failure("connection_failed", "The answer broke off before its end. Try again, or check the other side.")
}
