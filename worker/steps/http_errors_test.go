package steps

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// expired makes a certificate for loopback that ran out a day ago.
func expired(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: time.Now().Add(-24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func TestAnExpiredCertificateIsNamedAsSuch(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	s.TLS = &tls.Config{Certificates: []tls.Certificate{expired(t)}}
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	defer s.Close()
	_, err := execute(t, loopback(), "http_request", map[string]any{"url": s.URL})
	if failed := assertFails(t, err, "certificate_error", true); !strings.Contains(failed.Message, "has expired") {
		t.Error(failed.Message)
	}
}

func TestAnAnswerThatBreaksOffFailsTheStep(t *testing.T) {
	for name, c := range map[string]struct{ header, value, code string }{
		"cut off":     {"Content-Length", "100", "connection_failed"},
		"broken gzip": {"Content-Encoding", "gzip", "invalid_response"},
	} {
		url := server(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set(c.header, c.value)
			io.WriteString(w, strings.Repeat("x", 50))
		})
		t.Run(name, func(t *testing.T) {
			_, err := execute(t, loopback(), "http_request", map[string]any{"url": url})
			assertFails(t, err, c.code, false)
		})
	}
}

func TestBodiesThatCannotBeSentFailTheStepBeforeTheCall(t *testing.T) {
	for _, body := range []any{[]any{"a"}, "a=%zz"} {
		_, err := execute(t, loopback(), "http_request", map[string]any{"url": "http://127.0.0.1:1", "method": "POST", "body_type": "form", "body": body})
		assertFails(t, err, "invalid_body", true)
	}
}
