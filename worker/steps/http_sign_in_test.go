package steps

import (
	"crypto/md5"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"

	"github.com/icholy/digest"

	"workflows/worker/workflow"
)

// digested is a server that asks for a digest of the password (RFC 7616) and reckons it
// by itself.
func digested(t *testing.T, algorithm string, sum func() hash.Hash) string {
	hashed := func(text string) string {
		h := sum()
		io.WriteString(h, text)
		return hex.EncodeToString(h.Sum(nil))
	}
	return server(t, func(w http.ResponseWriter, r *http.Request) {
		given, err := digest.ParseCredentials(r.Header.Get("Authorization"))
		if err != nil {
			w.Header().Set("WWW-Authenticate", `Basic realm="a"`)
			w.Header().Add("WWW-Authenticate", `Digest realm="the \"shop\"", nonce="n1", qop="auth, auth-int", opaque="o", algorithm=`+algorithm)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		want := hashed(hashed(`anna:the "shop":p:ss`) + ":n1:00000001:" + given.Cnonce + ":auth:" + hashed(r.Method+":"+r.URL.RequestURI()))
		if given.Response != want || given.Opaque != "o" || given.URI != r.URL.RequestURI() {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		body, _ := io.ReadAll(r.Body)
		fmt.Fprint(w, "welcome ", string(body))
	})
}

func TestACallSignsInWithADigestOfItsPassword(t *testing.T) {
	addresses := map[string]string{"MD5": digested(t, "MD5", md5.New), "SHA-256": digested(t, "SHA-256", sha256.New)}
	for algorithm, address := range addresses {
		config := map[string]any{
			"method": "POST", "url": address + "/a?b=c%20d", "body_type": "text", "body": "order",
			"auth": map[string]any{"type": "digest", "username": "anna", "password": "p:ss"},
		}
		outcome, err := execute(t, loopback(), "http_request", config)
		if err != nil || outcome.Output.(map[string]any)["body"] != "welcome order" {
			t.Errorf("%s: %v, %v", algorithm, outcome.Output, err)
		}
		config["auth"].(map[string]any)["password"] = "wrong"
		_, err = execute(t, loopback(), "http_request", config)
		assertFails(t, err, "unexpected_status", true)
	}
	away := server(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, strings.Replace(addresses["MD5"], "127.0.0.1", "localhost", 1), http.StatusFound)
	})
	_, err := execute(t, loopback(), "http_request", map[string]any{"url": away, "auth": map[string]any{"type": "digest", "username": "anna", "password": "p:ss"}})
	assertFails(t, err, "unexpected_status", true) // another host gets no answer to its challenge
}

// tokenServer gives tokens and takes them at /api, each for three calls.
type tokenServer struct {
	byBody     bool // it takes the client's secret in the content only
	given      atomic.Int64
	calls      atomic.Int64
	refreshing string
}

func (s *tokenServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if r.URL.Path == "/api" {
		number := s.calls.Add(1)
		if want := fmt.Sprintf("Bearer access-%08d", s.given.Load()); r.Header.Get("Authorization") != want || number == 4 {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Seen", r.Header.Get("Authorization"))
		fmt.Fprintf(w, `{"seen": %q, "body": %q}`, r.Header.Get("Authorization"), body)
		return
	}
	id, secret, basic := r.BasicAuth()
	secret, _ = url.QueryUnescape(secret) // RFC 6749, section 2.3.1
	if s.byBody {
		id, secret = r.PostFormValue("client_id"), r.PostFormValue("client_secret")
	}
	switch grant := r.PostFormValue("grant_type"); {
	case s.byBody && basic, id != "client", secret != "hush hush":
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(w, `{"error":"invalid_client","error_description":"No such client."}`)
	case grant == "refresh_token" && r.PostFormValue("refresh_token") != s.refreshing:
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"error":"invalid_grant"}`)
	case grant == "client_credentials" && r.PostFormValue("scope") != "read write":
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"error":"invalid_scope"}`)
	default:
		number := s.given.Add(1)
		s.refreshing = fmt.Sprintf("refresh-%d", number)
		fmt.Fprintf(w, `{"access_token":"access-%08d","token_type":"bearer","expires_in":3600,"refresh_token":%q}`, number, s.refreshing)
	}
}

func TestACallGetsATokenAndANewOneWhereThatIsNotTaken(t *testing.T) {
	for name, c := range map[string]struct {
		byBody bool
		grant  string
	}{
		"client credentials":              {false, "oauth2_client_credentials"},
		"client credentials, in the body": {true, "oauth2_client_credentials"},
		"a refresh token that changes":    {false, "oauth2_refresh_token"},
	} {
		s := &tokenServer{byBody: c.byBody, refreshing: "refresh-0"}
		address := server(t, s.ServeHTTP)
		types := All(loopback())
		config := map[string]any{"method": "POST", "url": address + "/api", "body_type": "text", "body": "order", "auth": map[string]any{
			"type": c.grant, "token_url": address + "/token", "client_id": "client", "client_secret": "hush hush", "refresh_token": "refresh-0", "scope": "read write",
		}}
		for i := range 6 {
			outcome, err := types["http_request"].Execute(t.Context(), workflow.Call{Config: config})
			if err != nil {
				t.Fatalf("%s: call %d: %v", name, i, err)
			}
			if said := fmt.Sprint(outcome.Output); strings.Contains(said, "access-") || !strings.Contains(said, "seen:Bearer ***************") || !strings.Contains(said, "body:order") || !strings.Contains(said, "x-seen:Bearer ****") {
				t.Errorf("%s: the record is %s", name, said)
			}
		}
		if s.given.Load() != 2 || s.calls.Load() != 7 { // the fourth call is turned down once
			t.Errorf("%s: %d tokens for %d calls", name, s.given.Load(), s.calls.Load())
		}
		part, err := types["http_request"].Try(workflow.Call{Config: config})
		if err != nil || !strings.Contains(part.Text, "Authorization: Bearer (not shown)") || s.calls.Load() != 7 {
			t.Errorf("%s: a try shows %q, %v", name, part.Text, err)
		}
	}
}

// Where a certificate says who the client is, a token is that client's alone.
func TestATokenIsSharedByCallsWithOneCertificateOnly(t *testing.T) {
	ca, signed := authority(t)
	_, otherSigned := authority(t)
	var given atomic.Int64
	certificate, err := tls.X509KeyPair([]byte(signed), []byte(signed))
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		subject := sha256.Sum256(r.TLS.PeerCertificates[0].Raw)
		token := hex.EncodeToString(subject[:])
		switch {
		case r.URL.Path == "/token":
			given.Add(1)
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintf(w, `{"access_token":%q,"token_type":"bearer","expires_in":3600}`, token)
		case r.Header.Get("Authorization") != "Bearer "+token:
			w.WriteHeader(http.StatusForbidden) // it was given to somebody else
		}
	}))
	s.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}, ClientAuth: tls.RequireAnyClientCert}
	s.StartTLS()
	t.Cleanup(s.Close)
	types := All(loopback())
	for _, client := range []string{signed, otherSigned, signed} {
		_, err := types["http_request"].Execute(t.Context(), workflow.Call{Config: map[string]any{
			"url": s.URL, "own_ca": ca, "client_certificate": client, "auth": map[string]any{"type": "oauth2_client_credentials", "token_url": s.URL + "/token", "client_id": "client"},
		}})
		if err != nil {
			t.Error(err)
		}
	}
	if given.Load() != 2 {
		t.Errorf("%d tokens were given to two clients", given.Load())
	}
}

func TestACallWithoutATokenFailsInWords(t *testing.T) {
	s := &tokenServer{refreshing: "refresh-0"}
	address := server(t, s.ServeHTTP)
	broken := server(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/page":
			fmt.Fprint(w, "<html>")
		case "/busy":
			w.WriteHeader(http.StatusServiceUnavailable)
		case "/endless":
			<-r.Context().Done()
		}
	})
	for name, c := range map[string]struct {
		change  map[string]any
		code    string
		lasting bool
		says    string
	}{
		"a wrong secret":        {map[string]any{"client_secret": "hush"}, "token_refused", true, "“invalid_client: No such client”. Check the client id"},
		"a wrong scope":         {map[string]any{"scope": "all"}, "token_refused", true, "Check the scope"},
		"an old refresh token":  {map[string]any{"type": "oauth2_refresh_token", "refresh_token": "older"}, "token_refused", true, "withdrawn"},
		"a page":                {map[string]any{"token_url": broken + "/page"}, "token_refused", true, "something else than a token"},
		"a server that is busy": {map[string]any{"token_url": broken + "/busy"}, "token_refused", false, "Try again later"},
		"nobody there":          {map[string]any{"token_url": "http://127.0.0.1:1/token"}, "connection_refused", false, "host that gives the tokens"},
		"a network of our own":  {map[string]any{"token_url": "http://10.0.0.1/token"}, "blocked_address", true, "The address for tokens"},
	} {
		auth := map[string]any{"type": "oauth2_client_credentials", "token_url": address + "/token", "client_id": "client", "client_secret": "hush hush", "scope": "read write"}
		for field, value := range c.change {
			auth[field] = value
		}
		_, err := execute(t, loopback(), "http_request", map[string]any{"url": address + "/api", "auth": auth})
		if failed := assertFails(t, err, c.code, c.lasting); !strings.Contains(failed.Message, c.says) || strings.Contains(failed.Message, "hush") {
			t.Errorf("%s: %s", name, failed.Message)
		}
	}
	if s.calls.Load() > 0 {
		t.Error("it was called without a token")
	}
	problems := problemsOf(Options{}, "http_request", map[string]any{"url": "https://example.com", "auth": map[string]any{"type": "oauth2_refresh_token", "token_url": "http://10.0.0.1"}})
	if !hasProblem(problems, "auth.token_url", "blocked_address") || !hasProblem(problems, "auth.refresh_token", "required") || !hasProblem(problems, "auth.client_id", "required") {
		t.Errorf("got %+v", problems)
	}
}

func TestWhatIsHiddenIsFoundHoweverAnAnswerArrives(t *testing.T) {
	const text = "access-1 and aaccess-1access-1, access- access-"
	for name, wrap := range map[string]func(io.Reader) io.Reader{"whole": func(r io.Reader) io.Reader { return r }, "byte by byte": iotest.OneByteReader, "with its end": iotest.DataErrReader} {
		response := &http.Response{Body: io.NopCloser(wrap(strings.NewReader(text)))}
		(&hidden{values: []string{"access-1", "and"}}).in(response)
		got, err := io.ReadAll(iotest.HalfReader(response.Body))
		if want := "******** *** a****************, access- access-"; string(got) != want || err != nil {
			t.Errorf("%s: %s, %v", name, got, err)
		}
	}
	h := &hidden{}
	h.add("short")
	h.add("long-enough")
	h.add("long-enough")
	if len(h.values) != 1 {
		t.Errorf("it hides %q", h.values)
	}
}

func TestCallsWaitForOneTokenTogether(t *testing.T) {
	s := &tokenServer{refreshing: "refresh-0"}
	address := server(t, s.ServeHTTP)
	types := All(loopback())
	done := make(chan error, 3)
	for range 3 {
		go func() {
			_, err := types["http_request"].Execute(t.Context(), workflow.Call{Config: map[string]any{"url": address + "/api", "auth": map[string]any{
				"type": "oauth2_refresh_token", "token_url": address + "/token", "client_id": "client", "client_secret": "hush hush", "refresh_token": "refresh-0",
			}}})
			done <- err
		}()
	}
	for range 3 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if s.given.Load() != 1 {
		t.Errorf("%d tokens were given", s.given.Load())
	}
}

func TestATokenIsHiddenAlsoWhereAnAnswerWritesItInAnotherWay(t *testing.T) {
	const token = "ab+cd/ef0123=="
	h := &hidden{}
	h.add(token)
	for _, echoed := range []string{token, `ab+cd\/ef0123==`, `ab\u002bcd\/ef0123\u003d\u003d`, `ab\u002Bcd/ef0123==`, `ab\u002Bcd/ef0123\u003D\u003D`, "ab%2Bcd%2Fef0123%3D%3D"} {
		response := &http.Response{Header: http.Header{"X-Echo": {"Bearer " + echoed}}, Body: io.NopCloser(strings.NewReader(`{"sent":"Bearer ` + echoed + `"}`))}
		h.in(response)
		body, err := io.ReadAll(response.Body)
		if err != nil || strings.Contains(string(body), "ef0123") || strings.Contains(response.Header.Get("X-Echo"), "ef0123") || len(body) != len(echoed)+len(`{"sent":"Bearer "}`) {
			t.Errorf("%s is answered with %s and %v, %v", echoed, body, response.Header, err)
		}
	}
}

func TestAServerIsTheSameWhicheverWayItsPortIsWritten(t *testing.T) {
	for other, same := range map[string]bool{
		"https://API.example.com:443/b": true, "https://api.example.com/b": true, "https://api.example.com:/b": true,
		"http://api.example.com:443/b": false, "https://api.example.com:444/b": false, "https://example.com/b": false,
	} {
		a, _ := url.Parse("https://api.example.com/a")
		b, err := url.Parse(other)
		if err != nil || sameServer(a, b) != same || sameServer(b, a) != same {
			t.Errorf("%s: %v", other, err)
		}
	}
}
