package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/worker/environment"
)

// buffer is written by the program and read by the test.
type buffer struct {
	mu   sync.Mutex
	data bytes.Buffer
}

func (b *buffer) Write(data []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.data.Write(data)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.data.String()
}

// program runs serve until the test ends or stop is called, which returns how it ended.
func program(t *testing.T, settings environment.Settings) (base string, out, log *buffer, stop func() error) {
	t.Helper()
	port, err := modelstest.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	settings.Listen = net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	settings.BaseURL = "http://" + settings.Listen
	ctx, cancel := context.WithCancel(t.Context())
	out, log = &buffer{}, &buffer{}
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx, settings, slog.New(slog.NewTextHandler(log, nil)), out) }()
	stop = sync.OnceValue(func() error { cancel(); return <-ended })
	t.Cleanup(func() { _ = stop() })
	return settings.BaseURL, out, log, stop
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		return 0, err.Error()
	}
	defer answer.Body.Close()
	data, _ := io.ReadAll(answer.Body)
	return answer.StatusCode, string(data)
}

func TestWithNothingConfiguredItServesPrintsTheLinkAndEnds(t *testing.T) {
	base, out, _, stop := program(t, environment.Settings{Standalone: true, DataDir: t.TempDir(), Namespace: "workflows", Concurrency: 2})
	modelstest.Eventually(t, "the set-up link is printed", func() bool { return strings.Contains(out.String(), base+"/setup?token=") })
	if status, body := get(t, base+"/readyz"); status != http.StatusOK {
		t.Errorf("/readyz answered %d %s", status, body)
	}
	if status, body := get(t, base+"/api/v1/health"); status != http.StatusOK || !strings.Contains(body, `"standalone":true`) {
		t.Errorf("health answered %d %s", status, body)
	}
	if err := stop(); err != nil {
		t.Errorf("it ended with %v", err)
	}
}

func TestWithoutServersItServesAndSaysWhatToDo(t *testing.T) {
	port, err := modelstest.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	away := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	base, _, log, stop := program(t, environment.Settings{
		DatabaseURL: "postgres://anna:geheim@" + away + "/workflows", RedisURL: "redis://:geheim@" + away, Namespace: "workflows",
	})
	modelstest.Eventually(t, "the page says where the database was looked for", func() bool {
		status, body := get(t, base+"/")
		return status == http.StatusServiceUnavailable && strings.Contains(body, "postgres://"+away+"/workflows") && strings.Contains(body, "DATABASE_URL")
	})
	if status, _ := get(t, base+"/healthz"); status != http.StatusOK {
		t.Errorf("/healthz answered %d", status)
	}
	if status, body := get(t, base+"/readyz"); status != http.StatusServiceUnavailable || !strings.Contains(body, away) {
		t.Errorf("/readyz answered %d %s", status, body)
	}
	modelstest.Eventually(t, "the log says where Redis was looked for", func() bool { return strings.Contains(log.String(), "redis://"+away) })
	if err := stop(); err != nil {
		t.Errorf("it ended with %v", err)
	}
	if text := log.String(); strings.Contains(text, "geheim") || strings.Count(text, "the database cannot be used") != 1 {
		t.Errorf("the log says\n%s", text)
	}
}

func TestDatabaseThatGoesAndComesBackIsNoticed(t *testing.T) {
	db := modelstest.SQLite(t)
	var log, out buffer
	d := newDatabase(db, environment.Settings{BaseURL: "http://x"}, slog.New(slog.NewTextHandler(&log, nil)), &out)
	if d.Problem() == "" {
		t.Error("it is open before the schema was looked at")
	}
	d.check(t.Context())
	if d.Problem() != "" || !strings.Contains(out.String(), "http://x/setup?token=") {
		t.Fatalf("problem %q, printed %q", d.Problem(), out.String())
	}
	if err := models.Close(db); err != nil {
		t.Fatal(err)
	}
	d.check(t.Context())
	d.check(t.Context())
	if !strings.Contains(d.Problem(), "cannot be reached") || strings.Count(log.String(), "level=ERROR") != 1 {
		t.Errorf("problem %q, log %s", d.Problem(), log.String())
	}
}

func TestMigrateTwiceFindsNothingToDo(t *testing.T) {
	settings := environment.Settings{Standalone: true, DataDir: t.TempDir()}
	var first, second bytes.Buffer
	if err := migrate(t.Context(), settings, &first); err != nil || !strings.Contains(first.String(), "applied") {
		t.Fatalf("%q, %v", first.String(), err)
	}
	if err := migrate(t.Context(), settings, &second); err != nil || second.String() != "The database is up to date.\n" {
		t.Errorf("%q, %v", second.String(), err)
	}
}

func TestTakenAddressIsExplained(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	err = serve(t.Context(), environment.Settings{Standalone: true, DataDir: t.TempDir(), Listen: taken.Addr().String()}, slog.New(slog.DiscardHandler), io.Discard)
	if err == nil || !strings.Contains(err.Error(), "PORT") {
		t.Errorf("got %v", err)
	}
}
