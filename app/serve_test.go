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
	"workflows/worker/secrets"
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
	settings.LogFormat = "text"
	go func() { ended <- serve(ctx, settings, log, out) }()
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
		SecretKeys:  secrets.NewKey("k1"),
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
	if text := log.String(); strings.Contains(text, "geheim") || strings.Count(text, "PostgreSQL cannot be reached") != 1 || strings.Count(text, "Redis cannot be reached") != 1 {
		t.Errorf("the log says\n%s", text)
	}
}

func someKeys(t *testing.T) *secrets.Keys {
	t.Helper()
	keys, err := secrets.ParseKeys(secrets.NewKey("k1"))
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func TestDatabaseThatGoesAndComesBackIsNoticed(t *testing.T) {
	db := modelstest.SQLite(t)
	var log, out buffer
	d := newDatabase(db, environment.Settings{BaseURL: "http://x"}, &secrets.Store{DB: db, Keys: someKeys(t), Redactor: &secrets.Redactor{}}, slog.New(slog.NewTextHandler(&log, nil)), &out)
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
	if !strings.Contains(d.Problem(), "cannot be used") || strings.Count(log.String(), "level=ERROR") != 1 {
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
	err = serve(t.Context(), environment.Settings{Standalone: true, DataDir: t.TempDir(), Listen: taken.Addr().String()}, io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "PORT") {
		t.Errorf("got %v", err)
	}
}

func TestNothingStartsWithoutTheKeyThatSecretsNeed(t *testing.T) {
	settings := environment.Settings{Listen: "127.0.0.1:0", DatabaseURL: "postgres://u@127.0.0.1:1/none", RedisURL: "redis://127.0.0.1:1", Namespace: "w"}
	err := serve(t.Context(), settings, io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "SECRET_KEYS: It is not set.") || !strings.Contains(err.Error(), "Example: SECRET_KEYS=k1:") {
		t.Errorf("without a key: %v", err)
	}
	folder := t.TempDir()
	right, wrong := secrets.NewKey("k1"), secrets.NewKey("k1")
	_, out, _, stop := program(t, environment.Settings{Standalone: true, DataDir: folder, Namespace: "w", SecretKeys: right})
	modelstest.Eventually(t, "it is ready", func() bool { return strings.Contains(out.String(), "is ready") })
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	settings = environment.Settings{Standalone: true, DataDir: folder, Namespace: "w", SecretKeys: wrong, Listen: "127.0.0.1:0", BaseURL: "http://x"}
	err = serve(t.Context(), settings, io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "is not the one with which") {
		t.Fatalf("with another key: %v", err)
	}
	var said bytes.Buffer
	if err := changeKeys(t.Context(), settings, "rotate-keys", &said); err == nil {
		t.Error("a wrong key encrypts everything again")
	}
	if err := changeKeys(t.Context(), settings, "forget-keys", &said); err != nil || !strings.Contains(said.String(), "none was deleted") {
		t.Errorf("giving up the lost key: %v, %s", err, said.String())
	}
	db, err := openToMigrate(settings)
	if err != nil {
		t.Fatal(err)
	}
	events, _, err := models.ListAuditEvents(t.Context(), db, models.AuditFilter{Action: "secret.keys_forgotten", Limit: 5})
	if err != nil || len(events) != 1 || events[0].ActorName != "go run ./app forget-keys" {
		t.Errorf("the audit log says %+v, %v", events, err)
	}
	if err := models.Close(db); err != nil {
		t.Fatal(err)
	}
	_, out, _, stop = program(t, settings)
	modelstest.Eventually(t, "it is ready again", func() bool { return strings.Contains(out.String(), "is ready") })
	if err := stop(); err != nil {
		t.Error(err)
	}
}
