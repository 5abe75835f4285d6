package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"workflows/app/doctor"
	"workflows/app/standalone"
	"workflows/models"
	"workflows/models/modelstest"
	"workflows/models/sqlite"
	"workflows/models/told"
	"workflows/worker/environment"
	"workflows/worker/mailserver"
	"workflows/worker/moment"
	"workflows/worker/queue/queuetest"
	"workflows/worker/schedule"
	"workflows/worker/secrets"
	"workflows/worker/steps/smtptest"
)

func examined(t *testing.T, settings environment.Settings, well bool) string {
	t.Helper()
	var out bytes.Buffer
	if err := examine(t.Context(), settings, false, &out); (err == nil) != well || err != nil && !errors.Is(err, errUnwell) {
		t.Fatalf("%v\n%s", err, out.String())
	}
	return out.String()
}

func TestDoctorFindsAStandaloneInstallationWell(t *testing.T) {
	settings := environment.Settings{Standalone: true, DataDir: t.TempDir(), RunRetentionDays: 30}
	if said := examined(t, settings, true); !strings.Contains(said, "the first start makes it") {
		t.Errorf("before the first start: %s", said)
	}
	if left, err := os.ReadDir(settings.DataDir); err != nil || len(left) > 0 {
		t.Fatalf("the doctor has made %v, %v", left, err)
	}
	if err := migrate(t.Context(), settings, &bytes.Buffer{}); err != nil {
		t.Fatal(err)
	}
	said := examined(t, settings, true)
	for _, line := range []string{"database", "storage", "size", "clocks", "schedules", "redis", "workers", "schedulers", "time zones", "secret key", "mail", "messages"} {
		good := "ok        "
		if line == "time zones" && moment.FindZoneData().Old(time.Now()) {
			good = "warning   "
		}
		if !strings.Contains(said, good+line) {
			t.Errorf("nothing good is said of %s:\n%s", line, said)
		}
	}
	if !strings.Contains(said, "kB. Runs: 0. Finished runs are kept for 30 days, where their workflow says nothing else.") {
		t.Errorf("it does not say how much is stored, and for how long:\n%s", said)
	}
}

func TestDoctorTellsOfMessagesThatReachNobody(t *testing.T) {
	settings := environment.Settings{Standalone: true, DataDir: t.TempDir()}
	if err := migrate(t.Context(), settings, &bytes.Buffer{}); err != nil {
		t.Fatal(err)
	}
	db, err := sqlite.Open(settings.DataDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []time.Time{models.Now(), models.Now().Add(-48 * time.Hour)} {
		m := told.Message{ID: models.NewID(), Event: "failed", Channel: told.Email, Recipient: "anna@example.com", Subject: "It", Text: "It.", CreatedAt: at, Problem: "The mail server did not let us sign in."}
		if err := told.Insert(t.Context(), db, m); err != nil {
			t.Fatal(err)
		}
	}
	if err := models.Close(db); err != nil {
		t.Fatal(err)
	}
	if said := examined(t, settings, true); !strings.Contains(said, "warning   messages    1 to people could not be sent since yesterday: see Settings, E-mail. The last one: The mail server did not let us sign in.") {
		t.Error(said)
	}
}

func TestDoctorKnowsTheMailServerThatWasEntered(t *testing.T) {
	settings := environment.Settings{Standalone: true, DataDir: t.TempDir(), OutboundAllow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	if err := migrate(t.Context(), settings, &bytes.Buffer{}); err != nil {
		t.Fatal(err)
	}
	keys, err := standalone.SecretKeys(settings)
	if err != nil {
		t.Fatal(err)
	}
	vault, err := secrets.Open(keys)
	if err != nil {
		t.Fatal(err)
	}
	server := smtptest.Start(t)
	enter := func(user, password string) {
		t.Helper()
		db, err := sqlite.Open(settings.DataDir)
		if err != nil {
			t.Fatal(err)
		}
		vault.DB = db
		_, port, _ := strings.Cut(strings.TrimPrefix(server.URL, "smtp://"), ":")
		typed := mailserver.Typed{Host: "127.0.0.1", Port: port, Protection: "none", User: user, Password: password, From: "w@example.com"}
		if err := (&mailserver.Source{DB: db, Secrets: vault}).Save(t.Context(), typed, settings.OutboundAllow, models.Now()); err != nil {
			t.Fatal(err)
		}
		if err := models.Close(db); err != nil {
			t.Fatal(err)
		}
	}
	enter("", "")
	if said := examined(t, settings, true); !strings.Contains(said, "ok        mail        The mail server "+strings.TrimPrefix(server.URL, "smtp://")+" answers.") {
		t.Error(said)
	}
	enter("robot", "c4nary-password")
	if said := examined(t, settings, true); !strings.Contains(said, " answers.") || strings.Contains(said, "c4nary") {
		t.Error(said)
	}
	if err := standalone.KeepKeys(settings, secrets.NewKey("k9")); err != nil {
		t.Fatal(err)
	}
	if said := examined(t, settings, false); !strings.Contains(said, "problem   mail        The mail server cannot be used. Its password cannot be read with these SECRET_KEYS.") {
		t.Errorf("with another key: %s", said)
	}
}

func TestDoctorSaysWhatIsWrongAndWhatToDo(t *testing.T) {
	folder := t.TempDir()
	db, err := sqlite.Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	if err := models.Ping(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	if err := models.Close(db); err != nil {
		t.Fatal(err)
	}
	if said := examined(t, environment.Settings{Standalone: true, DataDir: folder}, false); !strings.Contains(said, "go run ./app migrate") {
		t.Errorf("without tables: %s", said)
	}

	gone := environment.Settings{DatabaseURL: "postgres://user:canary@127.0.0.1:1/none", RedisURL: "redis://:canary@127.0.0.1:1", Namespace: "w", SMTPURL: "smtp://user:canary@127.0.0.1:1"}
	said := examined(t, gone, false)
	for _, words := range []string{"problem   database    The database cannot be reached at postgres://127.0.0.1:1/none. Start it", "problem   redis       It cannot be reached at", "problem   secret key", "warning   mail        The mail server 127.0.0.1:1 cannot be reached"} {
		if !strings.Contains(said, words) {
			t.Errorf("it does not say %q:\n%s", words, said)
		}
	}
	if strings.Contains(said, "canary") {
		t.Errorf("it shows a password:\n%s", said)
	}
}

func TestDoctorSaysWhetherAnybodyFiresSchedules(t *testing.T) {
	_, server := queuetest.MiniServer(t)
	settings := environment.Settings{DatabaseURL: "postgres://127.0.0.1:1/none", RedisURL: "redis://" + server.Addr(), Namespace: "w"}
	if said := examined(t, settings, false); !strings.Contains(said, "warning   schedulers  None has shown itself in the last 15s") {
		t.Errorf("without a worker: %s", said)
	}
	q := queuetest.OpenIn(t, settings.RedisURL, settings.Namespace, slog.New(slog.DiscardHandler))
	show := func(state schedule.Heartbeat) {
		t.Helper()
		if err := q.SetState(t.Context(), "scheduler:"+state.Name, state, time.Minute); err != nil {
			t.Fatal(err)
		}
	}
	next := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	show(schedule.Heartbeat{Name: "one, process 1", At: time.Now(), Next: &next, ClockAheadMS: -900})
	if said := examined(t, settings, false); !strings.Contains(said, "ok        schedulers  At work: 1. The next planned time is 2026-11-23 08:00:00 UTC.") {
		t.Errorf("with one: %s", said)
	}
	show(schedule.Heartbeat{Name: "two, process 1", At: time.Now(), ClockAheadMS: -90_000})
	if said := examined(t, settings, false); !strings.Contains(said, "warning   schedulers  The clock of two, process 1 and the database's are 1m30s apart.") {
		t.Errorf("with a wrong clock: %s", said)
	}
}

func TestDoctorTellsPrograms(t *testing.T) {
	var out bytes.Buffer
	if err := examine(t.Context(), environment.Settings{Standalone: true, DataDir: t.TempDir()}, true, &out); err != nil {
		t.Fatal(err)
	}
	var said struct {
		OK     bool             `json:"ok"`
		Checks []doctor.Finding `json:"checks"`
	}
	if err := json.Unmarshal(out.Bytes(), &said); err != nil || !said.OK || len(said.Checks) < 6 || said.Checks[0].Check != "database" || said.Checks[0].Status != doctor.Fine {
		t.Fatalf("%v: %s", err, out.String())
	}
}

func TestEverythingRefusesADatabaseThatIsNewerInWords(t *testing.T) {
	settings := environment.Settings{Standalone: true, DataDir: t.TempDir(), Namespace: "workflows", Concurrency: 2}
	if err := migrate(t.Context(), settings, &bytes.Buffer{}); err != nil {
		t.Fatal(err)
	}
	db, err := sqlite.Open(settings.DataDir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = models.Close(db) }()
	base, _, log, _ := program(t, settings)
	modelstest.Eventually(t, "it is ready", func() bool { status, _ := get(t, base+"/readyz"); return status == 200 })
	if err := db.Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, TRUE)").Error; err != nil {
		t.Fatal(err)
	}
	const words = "The database is newer than this program"
	modelstest.Eventually(t, "it notices while it runs", func() bool {
		status, body := get(t, base+"/readyz")
		return status == 503 && strings.Contains(body, words)
	})
	if status, body := get(t, base+"/"); status != 503 || !strings.Contains(body, words) {
		t.Errorf("a page answers %d %s", status, body)
	}
	modelstest.Eventually(t, "the log says it", func() bool { return strings.Contains(log.String(), "newer than this program") })
	if err := migrate(t.Context(), settings, &bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), words) {
		t.Errorf("migrate: %v", err)
	}
	if said := examined(t, settings, false); !strings.Contains(said, words) {
		t.Errorf("doctor: %s", said)
	}
}
