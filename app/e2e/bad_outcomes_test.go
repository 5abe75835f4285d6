package e2e

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// badOutcome is a line that only a run can meet: one step, and how it ends.
type badOutcome struct {
	name  string
	step  object
	code  string // of the run's error; "" when it succeeds all the same
	shows string // in the run's document
}

// failsInRuns starts all of them at once and looks how they end.
func (g *ground) failsInRuns(rows []badOutcome) {
	g.t.Helper()
	ids := make([]string, len(rows))
	for i, row := range rows {
		row.step["id"] = "bad"
		flow := g.api.call("POST", "/workflows", object{"format": 1, "publish": true, "name": "Bad " + row.name, "inputs": []object{{"name": "x", "type": "json"}}, "steps": []object{row.step}}, 201)
		ids[i] = g.api.call("POST", "/workflows/"+flow["id"].(string)+"/runs", object{"input": object{"x": object{"list": strings.Repeat("a", 1000), "text": "{{ secrets.HUB }} {{ run.id }}"}}}, 202)["id"].(string)
	}
	for i, row := range rows {
		run := g.api.finished(ids[i])
		failed, _ := run["error"].(object)
		code, _ := failed["code"].(string)
		message, _ := failed["message"].(string)
		if code != row.code || row.code != "" && !strings.HasSuffix(message, ".") {
			g.t.Errorf("run %s: ended with %q (%s) instead of %q", row.name, code, message, row.code)
		}
		_, text := g.send(badInput{method: "GET", path: "/runs/" + ids[i]})
		if !strings.Contains(text, row.shows) {
			g.t.Errorf("run %s: does not show %s: %.600s", row.name, row.shows, text)
		}
	}
}

func badOutcomes(t *testing.T) []badOutcome {
	target := badTarget(t)
	get := func(address string) object {
		return object{"type": "http_request", "timeout": "10s", "config": object{"url": address}}
	}
	compare := func(value any, operator string, other any) object {
		return object{"type": "condition", "config": object{"conditions": []object{{"value": value, "operator": operator, "other": other}}}}
	}
	return []badOutcome{
		{"a redirect to a private address", get(target + "/redirect?to=http://10.0.0.1/"), "blocked_address", ""},
		{"a redirect to the metadata", get(target + "/redirect?to=http://169.254.169.254/"), "blocked_address", ""},
		{"a redirect to a file", get(target + "/redirect?to=file:///etc/passwd"), "invalid_url", ""},
		{"a redirect loop", get(target + "/loop"), "too_many_redirects", ""},
		{"an inserted private address", get("{{ run.id }}"), "invalid_url", ""},
		{"10 GB", get(target + "/endless"), "response_too_large", ""},
		{"a gzip bomb", get(target + "/bomb"), "response_too_large", ""},
		{"broken JSON", get(target + "/broken"), "", `"body":"{\"a\":"`},
		{"binary", get(target + "/binary"), "", "AAH//oA="},
		{"latin-1", get(target + "/latin1"), "", "café"},
		{"no answer at all", object{"type": "http_request", "timeout": "1s", "config": object{"url": target + "/never"}}, "timeout", ""},
		{"a byte a second", object{"type": "http_request", "timeout": "1s", "config": object{"url": target + "/slow"}}, "timeout", ""},
		{"an expired certificate", get(expired(t)), "certificate_error", "expired"},
		{"nobody there", get("http://127.0.0.1:1/"), "connection_refused", ""},
		{"no mail server", object{"type": "send_email", "config": object{"to": "a@example.com", "subject": "s", "text": "t"}}, "mail_not_configured", ""},
		{"data that looks like a reference", object{"type": "set_values", "config": object{"values": object{"said": "{{ input.x.text }}"}}}, "", `"said":"{{ secrets.HUB }} {{ run.id }}"`},
		{"not yes or no", compare("banana", "is_true", nil), "invalid_condition", ""},
		{"a text larger than a number", compare("{{ input.x.list }}", "greater_than", 1), "invalid_condition", ""},
		{"a pattern from outside", compare("{{ input.x.list }}", "matches", "{{ input.x.text }}("), "invalid_condition", ""},
	}
}

// gzipBomb is 50 MB in few bytes, made before anybody waits for it.
func gzipBomb() []byte {
	var bomb bytes.Buffer
	writer, _ := gzip.NewWriterLevel(&bomb, gzip.BestSpeed) // a level that there is
	chunk := make([]byte, 1<<20)
	for range 50 {
		_, _ = writer.Write(chunk) // into memory
	}
	_ = writer.Close()
	return bomb.Bytes()
}

// badTarget is a server that answers as badly as one can.
func badTarget(t *testing.T) string {
	bomb := gzipBomb()
	mux := http.NewServeMux()
	mux.HandleFunc("/redirect", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", r.URL.Query().Get("to"))
		w.WriteHeader(http.StatusFound)
	})
	mux.HandleFunc("/loop", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/loop", http.StatusFound) })
	mux.HandleFunc("/endless", func(w http.ResponseWriter, r *http.Request) {
		chunk := make([]byte, 1<<20)
		for sent := 0; sent < 10<<10; sent++ {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	mux.HandleFunc("/bomb", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(bomb)
	})
	mux.HandleFunc("/broken", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"a":`)
	})
	mux.HandleFunc("/binary", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte{0, 1, 0xff, 0xfe, 0x80}) })
	mux.HandleFunc("/latin1", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=iso-8859-1")
		_, _ = w.Write([]byte("caf\xe9"))
	})
	mux.HandleFunc("/never", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	mux.HandleFunc("/slow", func(w http.ResponseWriter, r *http.Request) {
		for range 20 {
			fmt.Fprint(w, "x")
			_ = http.NewResponseController(w).Flush()
			select {
			case <-r.Context().Done():
				return
			case <-time.After(time.Second):
			}
		}
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

// expired is a server whose certificate ended yesterday.
func expired(t *testing.T) string {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: time.Now().Add(-24 * time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	certificate, err := x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{certificate}, PrivateKey: key}}}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL
}

// isCalm puts nonsense into the queue, and sees that the next good job runs.
func (g *ground) isCalm(t *testing.T) {
	if g.redis == "" {
		return // nothing reaches the embedded Redis from outside
	}
	lane, run := "e2e:jobs:default", g.names["run"]
	before := g.api.call("GET", "/runs/"+run, nil, 200)
	job := func(name, id, args string) string {
		return fmt.Sprintf(`{"name":%q,"id":%q,"t":1,"args":%s}`, name, id, args)
	}
	nonsense := []string{
		"nonsense", "{", "[]", "null", "\xff\xfe", job("steal", "1", "{}"), job("default", "2", "{}"), job("default", "3", `{"run_id":7}`),
		job("default", "4", `{"run_id":"`+g.names["none"]+`"}`), job("default", "5", `{"run_id":"`+run+`","version":99,"later":{"a":1}}`),
		job("default", "6", `{"run_id":"`+strings.Repeat("x", 10<<20)+`"}`),
	}
	for i := range 1000 {
		nonsense = append(nonsense, job("default", fmt.Sprintf("again-%d", i), `{"run_id":"`+run+`"}`))
	}
	connection, err := net.Dial("tcp", strings.TrimSuffix(strings.TrimPrefix(g.redis, "redis://"), "/"))
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	answers := bufio.NewReader(connection)
	for _, payload := range nonsense {
		fmt.Fprintf(connection, "*3\r\n$5\r\nLPUSH\r\n$%d\r\n%s\r\n$%d\r\n%s\r\n", len(lane), lane, len(payload), payload)
		if answer, err := answers.ReadString('\n'); err != nil || !strings.HasPrefix(answer, ":") {
			t.Fatalf("LPUSH answered %q, %v", answer, err)
		}
	}
	good := g.api.call("POST", "/workflows/"+g.names["plain"]+"/runs", object{}, 202)["id"].(string)
	if g.api.finished(good)["status"] != "succeeded" {
		t.Error("after the nonsense a good run does not succeed")
	}
	g.eventuallyStill()
	if after := g.api.call("GET", "/runs/"+run, nil, 200); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("a final run changed:\n%v\n%v", before, after)
	}
}
