package steps

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"workflows/worker/workflow"
)

// bomb is a small gzip stream that unpacks to size zeros.
func bomb(t *testing.T, size int64) []byte {
	t.Helper()
	var buffer bytes.Buffer
	writer := gzip.NewWriter(&buffer)
	if _, err := io.CopyN(writer, zeros{}, size); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return buffer.Bytes()
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestAddressesOfPrivateNetworksAreRefusedAtSaveAndAtRun(t *testing.T) {
	for _, host := range []string{
		"127.0.0.1", "127.1", "0.0.0.0", "10.0.0.1", "172.16.5.5", "192.168.1.1", "100.64.0.1", "169.254.169.254", "168.63.129.16",
		"2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.0.0.1.", "１２７.0.0.1", "224.0.0.1", "255.255.255.255",
		"[::1]", "[::]", "[fe80::1]", "[fe80::1%25eth0]", "[fc00::1]", "[::ffff:127.0.0.1]", "[::ffff:a9fe:a9fe]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[2001:db8::1]", "[ff02::1]",
	} {
		url := "http://" + host + ":8080/x"
		if problems := problemsOf(Options{}, "http_request", map[string]any{"url": url}); !hasProblem(problems, "url", "blocked_address") {
			t.Errorf("%s at save: %+v", host, problems)
		}
		_, err := execute(t, Options{}, "http_request", map[string]any{"url": url})
		assertFails(t, err, "blocked_address", true)
	}
}

func TestNamesThatLeadToPrivateNetworksFailTheStep(t *testing.T) {
	called := false
	url := strings.Replace(server(t, func(http.ResponseWriter, *http.Request) { called = true }), "127.0.0.1", "localhost", 1)
	if problems := problemsOf(Options{}, "http_request", map[string]any{"url": url}); len(problems) > 0 {
		t.Errorf("a name is refused at save: %+v", problems)
	}
	_, err := execute(t, Options{}, "http_request", map[string]any{"url": url})
	assertFails(t, err, "blocked_address", true)
	if called {
		t.Error("the server was called")
	}
	if _, err := execute(t, loopback(), "http_request", map[string]any{"url": url}); err != nil || !called {
		t.Errorf("an allowed range is refused: %v", err)
	}
}

func TestRedirectsAreFollowedWithinTheRules(t *testing.T) {
	var authorization, custom string
	target := server(t, func(_ http.ResponseWriter, r *http.Request) {
		authorization, custom = r.Header.Get("Authorization"), r.Header.Get("X-Api-Key")
	})
	redirect := func(to string) string {
		return server(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusFound) })
	}
	config := func(url string) map[string]any {
		return map[string]any{"url": url, "auth": map[string]any{"type": "bearer", "token": "t"}, "headers": map[string]any{"X-Api-Key": "k"}}
	}
	if _, err := execute(t, loopback(), "http_request", config(target)); err != nil || authorization != "Bearer t" || custom != "k" {
		t.Fatalf("without a redirect: %q %q %v", authorization, custom, err)
	}
	if _, err := execute(t, loopback(), "http_request", config(redirect(target))); err != nil || authorization != "" || custom != "" {
		t.Errorf("credentials went along to another host: %q %q %v", authorization, custom, err)
	}
	for to, code := range map[string]string{
		"http://169.254.169.254/latest/meta-data": "blocked_address",
		"http://[::ffff:10.0.0.1]/":               "blocked_address",
		"file:///etc/passwd":                      "invalid_url",
		"http://u:p@127.0.0.1/":                   "credentials_in_url",
	} {
		_, err := execute(t, loopback(), "http_request", map[string]any{"url": redirect(to)})
		assertFails(t, err, code, true)
	}
	calls := 0
	var loop string
	loop = server(t, func(w http.ResponseWriter, r *http.Request) { calls++; http.Redirect(w, r, loop, http.StatusFound) })
	_, err := execute(t, loopback(), "http_request", map[string]any{"url": loop})
	assertFails(t, err, "too_many_redirects", true)
	if calls != maxRedirects+1 {
		t.Errorf("%d calls", calls)
	}
}

// 307 and 308 have the content sent again: it may hold secrets.
func TestContentIsNotTakenToAnotherHost(t *testing.T) {
	got := ""
	take := func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got += r.Method + string(body)
	}
	target := server(t, take)
	for _, status := range []int{http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
		redirect := server(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/there" {
				take(w, r)
				return
			}
			http.Redirect(w, r, r.URL.Query().Get("to"), status)
		})
		call := func(to string, config map[string]any) error {
			config["url"] = redirect + "/?to=" + url.QueryEscape(to)
			_, err := execute(t, loopback(), "http_request", config)
			return err
		}
		content := func() map[string]any { return map[string]any{"method": "POST", "body": "canary"} }
		got = ""
		if failed := assertFails(t, call(target, content()), "content_redirected", true); got != "" || !strings.Contains(failed.Message, "does not get the content") {
			t.Errorf("%d: it got %q: %s", status, got, failed.Message)
		}
		if err := call("/there", content()); err != nil || got != "POSTcanary" {
			t.Errorf("%d on the same host: %q, %v", status, got, err)
		}
		got = ""
		if err := call(target, map[string]any{"method": "GET"}); err != nil || got != "GET" {
			t.Errorf("%d without content: %q, %v", status, got, err)
		}
	}
}

func TestContentStaysWhereAndAsProtectedAsItWasSent(t *testing.T) {
	for _, c := range []struct {
		from, to string
		stays    bool
	}{
		{"http://a.example/x", "https://A.example/y", true},
		{"http://a.example:8080/x", "https://a.example:8443/y", true},
		{"https://a.example/x", "https://a.example:443/y", true},
		{"https://a.example/x", "http://a.example/x", false},
		{"https://a.example/x", "https://b.example/x", false},
		{"https://a.example/x", "https://a.example:8443/x", false},
		{"http://a.example/x", "https://b.example/x", false},
	} {
		from, _ := url.Parse(c.from)
		to, _ := url.Parse(c.to)
		if err := contentStays(from, to); (err == nil) != c.stays {
			t.Errorf("%s to %s: %v", c.from, c.to, err)
		}
	}
}

// The other side may put what it was told into the host, of which only a whole
// secret would be recognised.
func TestAHostThatTheOtherSideNamesIsNotRepeated(t *testing.T) {
	from := server(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://"+r.Header.Get("X-Key")+".invalid/", http.StatusFound)
	})
	_, err := execute(t, loopback(), "http_request", map[string]any{"url": from, "headers": map[string]any{"X-Key": strings.Repeat("canary-0123456789-", 3)}})
	var failed *workflow.StepError
	if !errors.As(err, &failed) || strings.Contains(failed.Message, "canary") || !strings.Contains(failed.Message, "to which the address redirects") {
		t.Errorf("got %v", err)
	}
}

func TestWrongRequestsAreRefusedAtSave(t *testing.T) {
	for name, c := range map[string]struct {
		config     map[string]any
		path, code string
	}{
		"no address":         {map[string]any{}, "url", "required"},
		"ftp":                {map[string]any{"url": "ftp://example.com/"}, "url", "invalid_url"},
		"file":               {map[string]any{"url": "file:///etc/passwd"}, "url", "invalid_url"},
		"javascript":         {map[string]any{"url": "javascript:alert(1)"}, "url", "invalid_url"},
		"no scheme":          {map[string]any{"url": "example.com/x"}, "url", "invalid_url"},
		"no host":            {map[string]any{"url": "http:///x"}, "url", "invalid_url"},
		"line break":         {map[string]any{"url": "http://example.com/\r\nX: y"}, "url", "invalid_url"},
		"port":               {map[string]any{"url": "http://example.com:99999/"}, "url", "invalid_url"},
		"credentials":        {map[string]any{"url": "https://u:p@example.com/"}, "url", "credentials_in_url"},
		"inserted user":      {map[string]any{"url": "https://{{ input.x }}@example.com/"}, "url", "credentials_in_url"},
		"reference in path":  {map[string]any{"url": "http://10.0.0.1/{{ input.x }}"}, "url", "blocked_address"},
		"reference in query": {map[string]any{"url": "http://127.0.0.1?x={{ input.x }}"}, "url", "blocked_address"},
		"ftp, inserted host": {map[string]any{"url": "ftp://{{ input.x }}/"}, "url", "invalid_url"},
		"CR LF in a header":  {map[string]any{"url": "https://example.com", "headers": map[string]any{"X-A": "a\r\nX-B: c"}}, "headers.X-A", "invalid_header"},
		"CR LF in a name":    {map[string]any{"url": "https://example.com", "headers": map[string]any{"X-A\r\n": "a"}}, "headers.X-A\r\n", "invalid_character"},
		"Host":               {map[string]any{"url": "https://example.com", "headers": map[string]any{"host": "a"}}, "headers.host", "invalid_header"},
		"Content-Length":     {map[string]any{"url": "https://example.com", "headers": map[string]any{"Content-Length": json.Number("5")}}, "headers.Content-Length", "invalid_header"},
		"broken JSON":        {map[string]any{"url": "https://example.com", "body_type": "json", "body": `{"a":`}, "body", "invalid_json"},
		"status":             {map[string]any{"url": "https://example.com", "expect_status": "ok"}, "expect_status", "invalid_value"},
		"status 999":         {map[string]any{"url": "https://example.com", "expect_status": json.Number("999")}, "expect_status", "invalid_value"},
		"method":             {map[string]any{"url": "https://example.com", "method": "BREW"}, "method", "invalid_value"},
		"secret in address":  {map[string]any{"url": "https://example.com/{{ secrets.X }}"}, "url", "secret_not_allowed"},
		"auth":               {map[string]any{"url": "https://example.com", "auth": map[string]any{"type": "bearer"}}, "auth.token", "required"},
		"auth type":          {map[string]any{"url": "https://example.com", "auth": map[string]any{"type": "oauth"}}, "auth.type", "invalid_value"},
	} {
		if problems := problemsOf(Options{}, "http_request", c.config); !hasProblem(problems, c.path, c.code) {
			t.Errorf("%s: %+v", name, problems)
		}
	}
}

func TestRightRequestsPass(t *testing.T) {
	for name, config := range map[string]map[string]any{
		"plain":             {"url": "https://shop.example.com/orders/1?x=y#z"},
		"reference in path": {"url": "https://shop.example.com/orders/{{ input.x }}"},
		"whole reference":   {"url": "{{ input.x }}"},
		"inserted host":     {"url": "https://{{ input.x }}/a"},
		"inserted port":     {"url": "https://example.com:{{ input.x }}/a"},
		"everything": {
			"url": "https://1.1.1.1/", "method": "POST", "headers": map[string]any{"X-A": "{{ input.x }}", "X-B": json.Number("1")},
			"query": map[string]any{"a": true}, "body_type": "json", "body": map[string]any{"a": []any{"{{ input.x }}"}},
			"auth": map[string]any{"type": "basic", "username": "u", "password": "{{ input.x }}"}, "expect_status": []any{json.Number("200"), "3xx"},
		},
		"none": {"url": "https://example.com", "auth": "none", "body_type": "none", "expect_status": "200, 201"},
	} {
		if problems := problemsOf(Options{}, "http_request", config); len(problems) > 0 {
			t.Errorf("%s: %+v", name, problems)
		}
	}
}

func TestWhatReferencesBringIsCheckedAgainAtRun(t *testing.T) {
	for code, config := range map[string]map[string]any{
		"credentials_in_url": {"url": "https://u:p@example.com/"},
		"invalid_url":        {"url": "gopher://example.com/"},
		"invalid_header":     {"url": "https://example.com/", "headers": map[string]any{"X-A": "a\r\nX-B: c"}},
	} {
		_, err := execute(t, Options{}, "http_request", config)
		assertFails(t, err, code, true)
	}
	_, err := execute(t, Options{}, "http_request", map[string]any{"url": "https://example.com/", "auth": map[string]any{"type": "bearer", "token": "a\nb"}})
	assertFails(t, err, "invalid_header", true)
}
