package steps

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/publicsuffix"

	"workflows/models/columns"
	"workflows/worker/workflow"
)

// callCertificates are the fields of a call that say whom to trust and what to show.
type callCertificates struct {
	ClientCertificate string `json:"client_certificate" label:"Client certificate" kind:"multiline" ref:"true" secret:"true" advanced:"true" help:"The certificate and its key in PEM, one after the other: a secret that holds them."`
	OwnCA             string `json:"own_ca" label:"Own certificate authority" kind:"multiline" ref:"true" secret:"true" advanced:"true" help:"In PEM; trusted for this call beside the known ones. A secret may hold it."`
}

// session is what one call of a step has of its own, redirects and further pages
// included: cookies, whom it trusts, and how it proves who it is.
type session struct {
	client  http.Client
	cookies *cookies
	hidden  *hidden // what its answers must not show; nil is nothing
}

// session is for one call with this config.
func (o *outbound) session(config httpRequestConfig) (*session, error) {
	s := &session{client: *o.client, cookies: &cookies{set: map[string]setCookie{}}}
	s.cookies.jar, _ = cookiejar.New(&cookiejar.Options{PublicSuffixList: publicsuffix.List}) // it never fails
	s.client.Jar = s.cookies
	if config.OwnCA == "" && config.ClientCertificate == "" {
		return s, nil
	}
	trust, err := trustOf(config.callCertificates)
	if err != nil {
		return nil, err
	}
	transport := o.client.Transport.(*http.Transport).Clone()
	transport.TLSClientConfig = trust
	s.client.Transport = transport
	return s, nil
}

// do sends a request; the context ends it at any point.
func (s *session) do(ctx context.Context, request *http.Request) (*http.Response, error) {
	response, err := s.client.Do(request.WithContext(ctx))
	if err == nil && s.hidden != nil {
		s.hidden.in(response)
	}
	return response, err
}

// cookies are kept as long as a call lasts, each for whom it was set for.
type cookies struct {
	jar http.CookieJar
	mu  sync.Mutex
	set map[string]setCookie // by name, as they were set last
}

// setCookie is a cookie's value, and when it ends; never is the zero time.
type setCookie struct {
	value string
	ends  time.Time
}

// Cookies implements http.CookieJar.
func (c *cookies) Cookies(address *url.URL) []*http.Cookie { return c.jar.Cookies(address) }

// SetCookies implements http.CookieJar.
func (c *cookies) SetCookies(address *url.URL, given []*http.Cookie) {
	c.jar.SetCookies(address, given)
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, cookie := range given {
		ends := cookie.Expires
		if cookie.MaxAge != 0 { // it counts more than a date; below 0 it is over
			ends = time.Now().Add(time.Duration(min(cookie.MaxAge, maxAge)) * time.Second)
		}
		c.set[columns.Fit(cookie.Name)] = setCookie{columns.Fit(cookie.Value), ends}
	}
}

// maxAge is longer than any cookie that is kept for one call: a hundred years of seconds.
const maxAge = 100 * 366 * 24 * 3600

// left are those that have not ended, by name.
func (c *cookies) left() map[string]any {
	c.mu.Lock()
	defer c.mu.Unlock()
	left := make(map[string]any, len(c.set))
	for name, cookie := range c.set {
		if cookie.ends.IsZero() || cookie.ends.After(time.Now()) {
			left[name] = cookie.value
		}
	}
	return left
}

// also adds the cookies to an output, which may still have to be made.
func (s *session) also(output any) any {
	switch output := output.(type) {
	case map[string]any:
		output["cookies"] = s.cookies.left()
	case workflow.Large:
		without := output.Make
		output.Make = func() (any, error) {
			made, err := without()
			return s.also(made), err
		}
		return output
	}
	return output
}

// trustOf reads the certificates of a config, which are texts in PEM.
func trustOf(config callCertificates) (*tls.Config, error) {
	trust := &tls.Config{MinVersion: tls.VersionTLS12}
	if config.OwnCA != "" {
		trusted, err := x509.SystemCertPool()
		if err != nil {
			trusted = x509.NewCertPool()
		}
		if !trusted.AppendCertsFromPEM([]byte(config.OwnCA)) {
			return nil, permanent("invalid_certificate", "“Own certificate authority” holds no certificate. It is a text that begins with -----BEGIN CERTIFICATE-----.")
		}
		trust.RootCAs = trusted
	}
	if config.ClientCertificate != "" {
		certificate, err := tls.X509KeyPair([]byte(config.ClientCertificate), []byte(config.ClientCertificate))
		if err != nil {
			return nil, permanent("invalid_certificate", pairProblem(config.ClientCertificate))
		}
		trust.Certificates = []tls.Certificate{certificate}
	}
	return trust, nil
}

// pairProblem says what is wrong with a certificate and its key, and nothing of them.
func pairProblem(text string) string {
	found := map[string]bool{}
	for rest := []byte(text); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		switch {
		case strings.Contains(block.Type, "ENCRYPTED"), strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED"):
			return "The key in “Client certificate” has a password. Store it without one; the secret protects it."
		case strings.HasSuffix(block.Type, "PRIVATE KEY"):
			found["key"] = true
		case block.Type == "CERTIFICATE":
			found["certificate"] = true
		}
	}
	switch {
	case !found["certificate"]:
		return "“Client certificate” holds no certificate. Store it with its key in one text: -----BEGIN CERTIFICATE----- and -----BEGIN PRIVATE KEY-----."
	case !found["key"]:
		return "“Client certificate” holds no key. Store it with its certificate in one text: -----BEGIN CERTIFICATE----- and -----BEGIN PRIVATE KEY-----."
	}
	return "The certificate and the key in “Client certificate” do not belong together. Store the right ones."
}
