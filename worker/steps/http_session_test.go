package steps

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"workflows/worker/workflow"
)

func TestCookiesAreKeptWithinACall(t *testing.T) {
	other := server(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "cookies: ", r.Header.Get("Cookie")) })
	address := server(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/sign-in":
			http.SetCookie(w, &http.Cookie{Name: "session", Value: "6f1c", Path: "/", HttpOnly: true, Expires: time.Now().Add(time.Hour)})
			http.SetCookie(w, &http.Cookie{Name: "seen", Value: "no, never", Path: "/"})
			http.SetCookie(w, &http.Cookie{Name: "old", Value: "", Path: "/", MaxAge: -1})
			http.SetCookie(w, &http.Cookie{Name: "gone", Value: "deleted", Path: "/", Expires: time.Unix(1, 0)})
			http.SetCookie(w, &http.Cookie{Name: "both", Value: "kept", Path: "/", Expires: time.Unix(1, 0), MaxAge: 3600})
			http.Redirect(w, r, "/home", http.StatusFound)
		case "/home":
			http.SetCookie(w, &http.Cookie{Name: "seen", Value: "yes", Path: "/"})
			fmt.Fprint(w, "cookies: ", r.Header.Get("Cookie"))
		case "/away":
			http.SetCookie(w, &http.Cookie{Name: "session", Value: "6f1c", Path: "/", Domain: "example.com"})
			http.Redirect(w, r, strings.Replace(other, "127.0.0.1", "localhost", 1), http.StatusFound)
		}
	})
	for range 2 { // the second call begins without cookies
		outcome, err := execute(t, loopback(), "http_request", map[string]any{"method": "POST", "url": address + "/sign-in", "headers": map[string]any{"Cookie": "own=1; seen=x"}})
		if err != nil {
			t.Fatal(err)
		}
		output := outcome.Output.(map[string]any)
		if got := output["body"]; got != `cookies: own=1; session=6f1c; seen="no, never"; both=kept` {
			t.Errorf("after the redirect the server got %v", got)
		}
		if got := output["cookies"]; !reflect.DeepEqual(got, map[string]any{"session": "6f1c", "seen": "yes", "both": "kept"}) {
			t.Errorf("later steps get %v", got)
		}
	}
	outcome, err := execute(t, loopback(), "http_request", map[string]any{"url": address + "/away"})
	if err != nil || outcome.Output.(map[string]any)["body"] != "cookies: " {
		t.Errorf("another host got %v, %v", outcome.Output, err)
	}
}

// authority makes a certificate of an authority, and one for loopback that it signed
// with its key, all in PEM.
func authority(t *testing.T) (ca, signed string) {
	t.Helper()
	caKey, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Our own"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	caDER, err := x509.CreateCertificate(rand.Reader, template, template, &caKey.PublicKey, caKey)
	if err != nil {
		t.Fatal(err)
	}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(2), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, NotBefore: template.NotBefore, NotAfter: template.NotAfter}
	der, err := x509.CreateCertificate(rand.Reader, leaf, template, &key.PublicKey, caKey)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, _ := x509.MarshalPKCS8PrivateKey(key)
	block := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	return block("CERTIFICATE", caDER), block("CERTIFICATE", der) + block("PRIVATE KEY", keyDER)
}

// secured is a server whose certificate an authority of our own has signed.
func secured(t *testing.T, signed string, change func(*tls.Config)) string {
	t.Helper()
	certificate, err := tls.X509KeyPair([]byte(signed), []byte(signed))
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "welcome ", len(r.TLS.PeerCertificates)) }))
	s.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	if change != nil {
		change(s.TLS)
	}
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.URL
}

func TestAnAuthorityOfOnesOwnIsTrustedAndACertificateShown(t *testing.T) {
	ca, signed := authority(t)
	otherCA, otherSigned := authority(t)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM([]byte(ca))
	open := secured(t, signed, nil)
	newer := secured(t, signed, func(c *tls.Config) { c.ClientAuth, c.ClientCAs = tls.RequireAndVerifyClientCert, pool })
	older := secured(t, signed, func(c *tls.Config) {
		c.ClientAuth, c.ClientCAs, c.MaxVersion = tls.RequireAndVerifyClientCert, pool, tls.VersionTLS12
	})
	for name, c := range map[string]struct{ url, ca, client, body, code, says string }{
		"it is trusted":               {open, ca, "", "welcome 0", "", ""},
		"it is not known":             {open, "", "", "", "certificate_error", "Own certificate authority"},
		"it is another one":           {open, otherCA, "", "", "certificate_error", "Own certificate authority"},
		"a certificate is shown":      {newer, ca, signed, "welcome 1", "", ""},
		"one is shown, TLS 1.2":       {older, ca, signed, "welcome 1", "", ""},
		"one is wanted":               {newer, ca, "", "", "client_certificate_wanted", "“Client certificate”"},
		"one is wanted, TLS 1.2":      {older, ca, "", "", "handshake_failed", "“Client certificate”"},
		"another one is wanted":       {newer, ca, otherSigned, "", "client_certificate_refused", "“Client certificate”"},
		"no certificate of authority": {open, "abc", "", "", "invalid_certificate", "BEGIN CERTIFICATE"},
		"no certificate":              {newer, ca, "abc", "", "invalid_certificate", "holds no certificate"},
		"no key":                      {newer, ca, ca, "", "invalid_certificate", "holds no key"},
		"another key":                 {newer, ca, ca + signed[strings.Index(signed, "-----BEGIN PRIVATE"):], "", "invalid_certificate", "do not belong together"},
		"a key with a password":       {newer, ca, ca + strings.ReplaceAll(signed, "PRIVATE KEY", "ENCRYPTED PRIVATE KEY"), "", "invalid_certificate", "password"},
	} {
		outcome, err := execute(t, loopback(), "http_request", map[string]any{"url": c.url, "own_ca": c.ca, "client_certificate": c.client})
		if c.code == "" {
			if err != nil || outcome.Output.(map[string]any)["body"] != c.body {
				t.Errorf("%s: %v, %v", name, outcome.Output, err)
			}
			continue
		}
		if failed := assertFails(t, err, c.code, true); !strings.Contains(failed.Message, c.says) {
			t.Errorf("%s: %s", name, failed.Message)
		}
	}
}

func TestEncryptionThatIsNotAgreedOnIsSaidInWords(t *testing.T) {
	ca, signed := authority(t)
	plain := server(t, func(http.ResponseWriter, *http.Request) {})
	raw := func(answer []byte) string {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { listener.Close() })
		go func() {
			for {
				line, err := listener.Accept()
				if err != nil {
					return
				}
				_, _ = line.Read(make([]byte, 4096))
				_, _ = line.Write(answer)
				line.Close()
			}
		}()
		return listener.Addr().String()
	}
	nginx := server(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, "<center>The plain HTTP request was sent to HTTPS port</center>")
	})
	for name, c := range map[string]struct{ url, code string }{
		"https at a plain port":  {strings.Replace(plain, "http://", "https://", 1), "no_encryption"},
		"https at a mail server": {"https://" + raw([]byte("220 mail.example.com ESMTP\r\n")), "no_encryption"},
		"http where Go encrypts": {strings.Replace(secured(t, signed, nil), "https://", "http://", 1), "needs_encryption"},
		"http where nginx does":  {nginx, "needs_encryption"},
		"http, an alert":         {"http://" + raw([]byte{0x15, 3, 1, 0, 2, 2, 70}), "needs_encryption"},
		"an old encryption":      {"https://" + raw([]byte{0x15, 3, 1, 0, 2, 2, 70}), "handshake_failed"},
		"a name is not known":    {"https://" + raw([]byte{0x15, 3, 1, 0, 2, 2, 112}), "handshake_failed"},
	} {
		_, err := execute(t, loopback(), "http_request", map[string]any{"url": c.url})
		if failed := assertFails(t, err, c.code, true); strings.Contains(failed.Message, "x509") {
			t.Errorf("%s: %s", name, failed.Message)
		}
	}
	certificate, err := tls.X509KeyPair([]byte(signed), []byte(signed))
	if err != nil {
		t.Fatal(err)
	}
	for words, code := range map[string]string{
		"<center>No required SSL certificate was sent</center>": "client_certificate_wanted", "<center>The SSL certificate error</center>": "client_certificate_refused", "to HTTPS port": "unexpected_status",
	} {
		s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, words)
		}))
		s.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
		s.StartTLS()
		t.Cleanup(s.Close)
		_, err := execute(t, loopback(), "http_request", map[string]any{"url": s.URL, "own_ca": ca}) // nginx 1.22 says so inside
		assertFails(t, err, code, true)
	}
	unencrypted := server(t, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusBadRequest) })
	_, err = execute(t, loopback(), "http_request", map[string]any{"url": unencrypted})
	assertFails(t, err, "unexpected_status", true)
}

func TestCookiesAreAddedToAnOutputThatIsStillToBeMade(t *testing.T) {
	address := server(t, func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "b"})
		_, _ = w.Write(bytes.Repeat([]byte("x"), 2*workflow.FreeBytes))
	})
	outcome, err := execute(t, loopback(), "http_request", map[string]any{"url": address})
	if err != nil {
		t.Fatal(err)
	}
	large, isLarge := outcome.Output.(workflow.Large)
	if !isLarge {
		t.Fatalf("got %T", outcome.Output)
	}
	made, err := large.Make()
	if err != nil || !reflect.DeepEqual(made.(map[string]any)["cookies"], map[string]any{"a": "b"}) {
		t.Errorf("got %v", err)
	}
}
