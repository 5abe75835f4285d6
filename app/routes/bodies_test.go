package routes_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"workflows/models/modelstest"
	"workflows/models/runs"
)

// halfSent sends the head of a request and part of its body over a connection of
// its own, may close its side, and returns the answer.
func (s *site) halfSent(server *httptest.Server, path, head, body string, ends bool) answer {
	s.t.Helper()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		s.t.Fatal(err)
	}
	defer conn.Close()
	_, _ = fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: workflows.example\r\nSec-Fetch-Site: same-origin\r\nAuthorization: Bearer %s\r\n%s\r\n\r\n%s", path, adminToken, head, body)
	if ends {
		_ = conn.(*net.TCPConn).CloseWrite()
	}
	got, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		s.t.Fatalf("%s is not answered: %v", path, err)
	}
	data, _ := io.ReadAll(got.Body)
	return answer{got, string(data)}
}

func TestBodyThatIsCutOffIsNobodysFaultButItsSenders(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t))
	server := httptest.NewServer(s.site)
	defer server.Close()
	flow, hook := s.hooked(object{})
	_, question := s.asking("Go on?", "")
	for path, kind := range map[string]string{
		hook: "application/json", s.form(nil): "application/x-www-form-urlencoded", "/login": "application/x-www-form-urlencoded",
		"/api/v1/workflows/" + flow + "/runs": "application/json", "/approvals/" + question + "." + s.secrets.Keys.Sign("approval", question): "application/x-www-form-urlencoded",
	} {
		a := s.halfSent(server, path, "Content-Length: 500\r\nContent-Type: "+kind, `{"a":1,`, true)
		if a.StatusCode != http.StatusBadRequest || !strings.Contains(a.body, "This ended before all of it had come. Send it again.") {
			t.Errorf("%s answered a body that was cut off with %d %s", path, a.StatusCode, a.body)
		}
		if a := s.halfSent(server, path, "Transfer-Encoding: chunked\r\nContent-Type: "+kind, "zz\r\n", false); a.StatusCode != http.StatusBadRequest {
			t.Errorf("%s answered a broken chunk with %d %s", path, a.StatusCode, a.body)
		}
	}
	if log := s.log.String(); strings.Contains(log, `"level":"ERROR"`) {
		t.Errorf("the log takes it for a fault of ours:\n%s", log)
	}
	kept := map[any]bool{}
	for _, row := range s.deliveries("") {
		row := row.(object)
		kept[fmt.Sprint(row["outcome"], row["status"], row["code"])] = true
	}
	if !kept["rejected400cut_off"] || !kept["rejected400malformed"] || len(kept) != 2 {
		t.Errorf("the webhook's list says %v", kept)
	}
}

func TestUnknownAddressIsAnsweredBeforeAnythingIsSentThere(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t))
	server := httptest.NewServer(s.site)
	defer server.Close()
	for _, path := range []string{"/hooks/nobodys", "/forms/nobodys", "/invitations/nobodys", "/approvals/nobodys"} {
		for _, head := range []string{"Content-Length: 900", "Content-Length: 900000", "Content-Length: 900000000", "Transfer-Encoding: chunked", "Content-Length: 900000\r\nExpect: 100-continue"} {
			if a := s.halfSent(server, path, "Content-Type: application/x-www-form-urlencoded\r\n"+head, "", false); a.StatusCode != http.StatusNotFound {
				t.Errorf("%s with %q answered %d", path, head, a.StatusCode)
			}
		}
	}
}

// What is sent there stays in the senders' and the kernel's buffers: four hundred slow
// connections cost the process 16 MB, of 360 that they send.
func TestUnknownAddressTakesNothingOfWhatIsSentThere(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t))
	const senders, size, bound = 400, 900_000, 30 << 20
	for _, path := range []string{"/hooks/nobodys", "/forms/nobodys", "/invitations/nobodys", "/approvals/nobodys"} {
		var before, after runtime.MemStats
		sent := &sending{}
		runtime.ReadMemStats(&before)
		for range senders {
			request := httptest.NewRequest(http.MethodPost, path, io.LimitReader(sent, size))
			request.ContentLength = size
			request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			request.Header.Set("Sec-Fetch-Site", "same-origin")
			answer := httptest.NewRecorder()
			s.site.ServeHTTP(answer, request)
			if answer.Code != http.StatusNotFound && answer.Code != http.StatusTooManyRequests {
				t.Fatalf("%s answered %d", path, answer.Code)
			}
		}
		runtime.ReadMemStats(&after)
		if sent.read > 0 {
			t.Errorf("%s has read %d bytes of what %d sent", path, sent.read, senders)
		}
		used := after.TotalAlloc - before.TotalAlloc
		t.Logf("%s has used %d MB, had none of it been given back", path, used>>20)
		if used > bound {
			t.Errorf("that is more than %d MB", bound>>20)
		}
	}
}

// sending is a body without an end, of which is counted what was read.
type sending struct{ read int }

func (s *sending) Read(p []byte) (int, error) {
	s.read += len(p)
	return len(p), nil
}

func TestCompressedDeliveryIsRefusedByName(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		_, path := s.hooked(object{})
		a := s.deliver(path, "\x1f\x8b\x08", "Content-Encoding", "gzip")
		if a.StatusCode != http.StatusUnsupportedMediaType || a.code(t) != "unsupported_encoding" || !strings.Contains(a.body, "gzip") {
			t.Errorf("it answered %d %s", a.StatusCode, a.body)
		}
		newest := s.deliveries("?limit=1")[0].(object)
		if newest["outcome"] != "rejected" || newest["status"] != float64(415) || !strings.Contains(newest["reason"].(string), "gzip") {
			t.Errorf("it is kept as %v", newest)
		}
		if a := s.deliver(path, "{}", "Content-Encoding", "identity"); a.StatusCode != http.StatusAccepted {
			t.Errorf("an encoding that changes nothing answered %d %s", a.StatusCode, a.body)
		}
	})
}

func TestWebhookThatIsPausedWhileItsContentComesStartsNothing(t *testing.T) {
	s := newSite(t, modelstest.SQLite(t))
	server := httptest.NewServer(s.site)
	defer server.Close()
	flow, path := s.hooked(object{})
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	// 100 Continue is sent once the address has been looked up.
	_, _ = fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: workflows.example\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n", path)
	from := bufio.NewReader(conn)
	if line, err := from.ReadString('\n'); err != nil || !strings.Contains(line, " 100 ") {
		t.Fatalf("it was answered %q %v", line, err)
	}
	_, _ = from.ReadString('\n')
	if a := s.api("POST", "/workflows/"+flow+"/pause", object{}); a.StatusCode != http.StatusOK {
		t.Fatalf("pausing answered %d %s", a.StatusCode, a.body)
	}
	s.now.forward(3e9)
	_, _ = conn.Write([]byte("{}"))
	got, err := http.ReadResponse(from, nil)
	if err != nil || got.StatusCode != http.StatusConflict {
		t.Errorf("it was answered %v %v", got, err)
	}
	if found, _, err := runs.List(t.Context(), s.db, runs.Filter{WorkflowID: flow}); err != nil || len(found) > 0 {
		t.Errorf("it started %v %v", found, err)
	}
}
