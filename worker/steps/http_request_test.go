package steps

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"workflows/worker/content"
)

func TestCallGivesStatusHeadersAndBody(t *testing.T) {
	url := server(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.Header().Add("X-Seen", "a")
		w.Header().Add("X-Seen", "b")
		io.WriteString(w, `{"total": 12345678901234567890.10, "q": "`+r.URL.RawQuery+`", "agent": "`+r.UserAgent()+`"}`)
	})
	outcome, err := execute(t, loopback(), "http_request", map[string]any{"url": url + "/orders?a=1", "query": map[string]any{"b": json.Number("2"), "c": []any{"x", "y"}}})
	if err != nil {
		t.Fatal(err)
	}
	output := outcome.Output.(map[string]any)
	body := output["body"].(map[string]any)
	if output["status"] != json.Number("200") || output["headers"].(map[string]any)["x-seen"] != "a, b" {
		t.Errorf("got %+v", output)
	}
	if body["total"] != json.Number("12345678901234567890.10") || body["q"] != "a=1&b=2&c=x&c=y" || body["agent"] != userAgent {
		t.Errorf("got %+v", body)
	}
}

func TestCallSendsWhatWasConfigured(t *testing.T) {
	type seen struct{ method, body, contentType, key, auth, custom string }
	var got seen
	url := server(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = seen{r.Method, string(body), r.Header.Get("Content-Type"), r.Header.Get("Idempotency-Key"), r.Header.Get("Authorization"), r.Header.Get("X-Custom")}
	})
	object := map[string]any{"a": json.Number("1.0"), "b": `"<x>`}
	for name, c := range map[string]struct {
		config map[string]any
		want   seen
	}{
		"GET":          {map[string]any{}, seen{method: "GET"}},
		"json":         {map[string]any{"method": "POST", "body_type": "json", "body": object}, seen{"POST", `{"a":1.0,"b":"\"<x>"}`, "application/json", "r1/s1", "", ""}},
		"json as text": {map[string]any{"method": "PUT", "body_type": "json", "body": `{"a": 1}`}, seen{"PUT", `{"a": 1}`, "application/json", "r1/s1", "", ""}},
		"form":         {map[string]any{"method": "POST", "body_type": "form", "body": map[string]any{"x": "a b", "y": json.Number("2")}}, seen{"POST", "x=a+b&y=2", "application/x-www-form-urlencoded", "r1/s1", "", ""}},
		"text":         {map[string]any{"method": "PATCH", "body_type": "text", "body": "hé"}, seen{"PATCH", "hé", "text/plain; charset=utf-8", "r1/s1", "", ""}},
		"no body type": {map[string]any{"method": "POST", "body": object}, seen{"POST", `{"a":1.0,"b":"\"<x>"}`, "application/json", "r1/s1", "", ""}},
		"none":         {map[string]any{"method": "DELETE", "body_type": "none", "body": "x"}, seen{"DELETE", "", "", "r1/s1", "", ""}},
		"basic":        {map[string]any{"auth": map[string]any{"type": "basic", "username": "u", "password": "p"}}, seen{method: "GET", auth: "Basic dTpw"}},
		"bearer":       {map[string]any{"auth": map[string]any{"type": "bearer", "token": "t"}}, seen{method: "GET", auth: "Bearer t"}},
		"auth none":    {map[string]any{"auth": "none"}, seen{method: "GET"}},
		"own headers":  {map[string]any{"method": "POST", "body": "x", "headers": map[string]any{"X-Custom": json.Number("5"), "content-type": "text/x", "Idempotency-Key": "mine"}}, seen{"POST", "x", "text/x", "mine", "", "5"}},
	} {
		c.config["url"] = url
		if _, err := execute(t, loopback(), "http_request", c.config); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got != c.want {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

func TestUnexpectedStatusFailsTheStepAndShowsTheAnswer(t *testing.T) {
	for _, c := range []struct {
		status  int
		expect  any
		after   string
		code    string
		lasting bool
		wait    time.Duration
	}{
		{200, nil, "", "", false, 0},
		{204, "2xx", "", "", false, 0},
		{404, "200, 404", "", "", false, 0},
		{250, "200-299", "", "", false, 0},
		{201, []any{json.Number("200"), json.Number("201")}, "", "", false, 0},
		{418, json.Number("418"), "", "", false, 0},
		{201, json.Number("200"), "", "unexpected_status", false, 0},
		{500, nil, "", "unexpected_status", false, 0},
		{400, nil, "", "unexpected_status", true, 0},
		{401, nil, "", "unexpected_status", true, 0},
		{404, nil, "", "unexpected_status", true, 0},
		{422, nil, "", "unexpected_status", true, 0},
		{408, nil, "", "unexpected_status", false, 0},
		{409, nil, "", "unexpected_status", false, 0},
		{429, nil, "30", "unexpected_status", false, 30 * time.Second},
		{503, nil, "Mon, 23 Nov 2026 12:02:00 GMT", "unexpected_status", false, 2 * time.Minute},
		{503, nil, "-5", "unexpected_status", false, 0},
		{503, nil, "99999999999", "unexpected_status", false, 24 * time.Hour},
		{500, nil, "30", "unexpected_status", false, 0},
	} {
		url := server(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", c.after)
			w.WriteHeader(c.status)
			if c.status != 204 {
				io.WriteString(w, "why")
			}
		})
		_, err := execute(t, loopback(), "http_request", map[string]any{"url": url, "expect_status": c.expect})
		if c.code == "" {
			if err != nil {
				t.Errorf("%d %v: %v", c.status, c.expect, err)
			}
			continue
		}
		failed := assertFails(t, err, c.code, c.lasting)
		if failed.RetryAfter != c.wait || failed.Output.(map[string]any)["body"] != "why" {
			t.Errorf("%d: %+v", c.status, failed)
		}
	}
}

func TestAnswersOfEveryKindBecomeStorableValues(t *testing.T) {
	for name, c := range map[string]struct {
		contentType, content string
		want                 any
		note                 string
	}{
		"json":              {"application/json", `[1, {"a": null}]`, []any{json.Number("1"), map[string]any{"a": nil}}, ""},
		"problem json":      {"application/problem+json", `{"a":"b"}`, map[string]any{"a": "b"}, ""},
		"broken json":       {"application/json", `{"a":`, `{"a":`, "not valid JSON"},
		"two jsons":         {"application/json", `{} {}`, `{} {}`, "not valid JSON"},
		"empty":             {"application/json", "", "", ""},
		"huge number":       {"application/json", `{"a":1e400000}`, `{"a":1e400000}`, "too large"},
		"tiny number":       {"application/json", `{"a":1e-400000}`, `{"a":1e-400000}`, "too large"},
		"deep json":         {"application/json", strings.Repeat("[", 200) + strings.Repeat("]", 200), strings.Repeat("[", 200) + strings.Repeat("]", 200), "nested too deep"},
		"U+0000 in json":    {"application/json", `{"a\u0000":"b\u0000c"}`, map[string]any{"a�": "b�c"}, ""},
		"surrogate in json": {"application/json", `"\ud800"`, "�", ""},
		"text":              {"text/plain", "héllo", "héllo", ""},
		"U+0000 in text":    {"text/plain", "a\x00b", "a�b", ""},
		"latin-1":           {"text/plain; charset=iso-8859-1", "h\xe9llo", "héllo", ""},
		"undeclared":        {"text/html", "h\xe9llo", "héllo", "Windows-1252"},
		"latin-1 json":      {"application/json; charset=latin1", "\"h\xe9\"", "hé", ""},
		"shift-jis":         {"text/plain; charset=Shift_JIS", "\x93\xfa", "日", ""},
		"a BOM":             {"application/json", "\xef\xbb\xbf{}", map[string]any{}, ""},
		"binary":            {"image/png", "\x89PNG\x00", "iVBORwA=", "base64"},
		"no type, text":     {"", "plain", "plain", ""},
		"no type, binary":   {"", "\x00\xff", "AP8=", "base64"},
		"odd type":          {"; ;", "x", "x", ""},
		"unknown charset":   {"text/plain; charset=klingon", "x", "x", ""},
	} {
		read := content.Reader{}.Read([]byte(c.content), c.contentType)
		got, note := read.Value, read.Note
		if !reflect.DeepEqual(got, c.want) || !strings.Contains(note, c.note) || c.note == "" && note != "" {
			t.Errorf("%s: got %#v, %q", name, got, note)
		}
	}
}

func TestAnswersOver5MBAreRefusedEvenCompressed(t *testing.T) {
	packed := bomb(t, 20<<20)
	for name, encoding := range map[string]string{"plain": "", "a gzip bomb": "gzip"} {
		url := server(t, func(w http.ResponseWriter, _ *http.Request) {
			if encoding == "" {
				w.Write(make([]byte, maxResponse+1))
				return
			}
			w.Header().Set("Content-Encoding", encoding)
			w.Write(packed)
		})
		t.Run(name, func(t *testing.T) {
			_, err := execute(t, loopback(), "http_request", map[string]any{"url": url})
			assertFails(t, err, "response_too_large", true)
		})
	}
	url := server(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		w.Write([]byte(strings.Repeat("x", maxResponse)))
	})
	if _, err := execute(t, loopback(), "http_request", map[string]any{"url": url}); err != nil {
		t.Errorf("exactly 5 MB: %v", err)
	}
}

func TestCompressionIsUndoneWhereItWasAskedFor(t *testing.T) {
	url := server(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		w.Header().Set("Content-Encoding", r.URL.Query().Get("as"))
		w.Write(bomb(t, 3))
	})
	outcome, err := execute(t, loopback(), "http_request", map[string]any{"url": url + "?as=gzip"})
	if err != nil || outcome.Output.(map[string]any)["body"] != "\uFFFD\uFFFD\uFFFD" {
		t.Errorf("gzip: %+v %v", outcome, err)
	}
	outcome, err = execute(t, loopback(), "http_request", map[string]any{"url": url + "?as=br"})
	if err != nil || outcome.Output.(map[string]any)["body_note"] == nil || outcome.Output.(map[string]any)["body"] != "" {
		t.Errorf("br: %+v %v", outcome, err)
	}
}

// Whoever asks for compressed answers gets what no secret can be seen in.
func TestHowAnswersAreCompressedIsNotForPeopleToSay(t *testing.T) {
	config := map[string]any{"url": "https://example.com", "headers": map[string]any{"accept-encoding": "gzip, br"}}
	if problems := problemsOf(Options{}, "http_request", config); !hasProblem(problems, "headers.accept-encoding", "invalid_header") {
		t.Errorf("at save: %v", problems)
	}
	_, err := execute(t, loopback(), "http_request", map[string]any{"url": "http://127.0.0.1:1", "headers": map[string]any{"Accept-Encoding": "gzip"}})
	assertFails(t, err, "invalid_header", true)
}

func TestOneAttemptIsOneCall(t *testing.T) {
	var calls atomic.Int32
	url := server(t, func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		connection, _, _ := http.NewResponseController(w).Hijack()
		connection.Close()
	})
	_, err := execute(t, loopback(), "http_request", map[string]any{"url": url, "method": "POST", "body": "x"})
	assertFails(t, err, "connection_failed", false)
	if calls.Load() != 1 {
		t.Errorf("%d calls", calls.Load())
	}
}

func TestTheContextReallyEndsACall(t *testing.T) {
	for _, when := range []string{"before the answer", "while a byte comes now and then"} {
		gone := make(chan struct{})
		reached := make(chan struct{})
		url := server(t, func(w http.ResponseWriter, r *http.Request) {
			if when != "before the answer" {
				io.WriteString(w, "x")
				http.NewResponseController(w).Flush()
			}
			close(reached)
			<-r.Context().Done()
			close(gone)
		})
		cause := errors.New("cancelled by Ada")
		ctx, cancel := context.WithCancelCause(t.Context())
		go func() { <-reached; cancel(cause) }()
		_, err := executeIn(ctx, loopback(), "http_request", map[string]any{"url": url})
		if !errors.Is(err, cause) {
			t.Errorf("%s: got %v", when, err)
		}
		select {
		case <-gone:
		case <-time.After(time.Minute):
			t.Fatalf("%s: the call goes on", when)
		}
	}
}

func TestATimeoutIsTheEnginesToTell(t *testing.T) {
	url := server(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := executeIn(ctx, loopback(), "http_request", map[string]any{"url": url})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestConnectionTroubleIsSaidInSentences(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := "http://" + listener.Addr().String()
	listener.Close()
	_, err = execute(t, loopback(), "http_request", map[string]any{"url": closed})
	assertFails(t, err, "connection_refused", false)

	secure := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	defer secure.Close()
	_, err = execute(t, loopback(), "http_request", map[string]any{"url": secure.URL})
	assertFails(t, err, "certificate_error", true)

	_, err = execute(t, loopback(), "http_request", map[string]any{"url": "http://nothing.invalid/"})
	assertFails(t, err, "host_not_found", false)
}
