package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"workflows/models"
	"workflows/worker/environment"
)

func examine(t *testing.T, settings environment.Settings, well bool) string {
	t.Helper()
	var out bytes.Buffer
	if err := doctor(t.Context(), settings, false, &out); (err == nil) != well || err != nil && !errors.Is(err, errUnwell) {
		t.Fatalf("%v\n%s", err, out.String())
	}
	return out.String()
}

func TestDoctorFindsAStandaloneInstallationWell(t *testing.T) {
	settings := environment.Settings{Standalone: true, DataDir: t.TempDir()}
	if said := examine(t, settings, true); !strings.Contains(said, "the first start makes it") {
		t.Errorf("before the first start: %s", said)
	}
	if left, err := os.ReadDir(settings.DataDir); err != nil || len(left) > 0 {
		t.Fatalf("the doctor has made %v, %v", left, err)
	}
	if err := migrate(t.Context(), settings, &bytes.Buffer{}); err != nil {
		t.Fatal(err)
	}
	said := examine(t, settings, true)
	for _, line := range []string{"database", "clocks", "schedules", "redis", "workers", "time zones", "secret key", "mail"} {
		if !strings.Contains(said, "ok        "+line) {
			t.Errorf("nothing good is said of %s:\n%s", line, said)
		}
	}
}

func TestDoctorSaysWhatIsWrongAndWhatToDo(t *testing.T) {
	folder := t.TempDir()
	db, err := models.Open(models.Source{Dir: folder})
	if err != nil {
		t.Fatal(err)
	}
	if err := models.Ping(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	if err := models.Close(db); err != nil {
		t.Fatal(err)
	}
	if said := examine(t, environment.Settings{Standalone: true, DataDir: folder}, false); !strings.Contains(said, "go run ./app migrate") {
		t.Errorf("without tables: %s", said)
	}

	gone := environment.Settings{DatabaseURL: "postgres://user:canary@127.0.0.1:1/none", RedisURL: "redis://:canary@127.0.0.1:1", Namespace: "w", SMTPURL: "smtp://user:canary@127.0.0.1:1"}
	said := examine(t, gone, false)
	for _, words := range []string{"problem   database    It cannot be reached at", "problem   redis       It cannot be reached at", "problem   secret key", "warning   mail        The mail server 127.0.0.1:1 cannot be reached"} {
		if !strings.Contains(said, words) {
			t.Errorf("it does not say %q:\n%s", words, said)
		}
	}
	if strings.Contains(said, "canary") {
		t.Errorf("it shows a password:\n%s", said)
	}
}

func TestDoctorTellsPrograms(t *testing.T) {
	var out bytes.Buffer
	if err := doctor(t.Context(), environment.Settings{Standalone: true, DataDir: t.TempDir()}, true, &out); err != nil {
		t.Fatal(err)
	}
	var said struct {
		OK     bool      `json:"ok"`
		Checks []finding `json:"checks"`
	}
	if err := json.Unmarshal(out.Bytes(), &said); err != nil || !said.OK || len(said.Checks) < 6 || said.Checks[0].Check != "database" || said.Checks[0].Status != fine {
		t.Fatalf("%v: %s", err, out.String())
	}
}
