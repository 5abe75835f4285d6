package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/app/standalone"
	"workflows/models"
	"workflows/models/archive"
	"workflows/models/modelstest"
	"workflows/models/sqlite"
	"workflows/worker/environment"
	"workflows/worker/restored"
	"workflows/worker/secrets"
)

// run is a command with a file's name as its user types it, and what it says; an error
// is what it ends with.
func run(t *testing.T, settings environment.Settings, arguments ...string) (said string, err error) {
	t.Helper()
	var out strings.Builder
	err = files(t.Context(), settings, arguments, strings.NewReader(""), &out)
	return out.String(), err
}

func says(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if without, ok := strings.CutPrefix(part, "!"); ok == strings.Contains(text, strings.TrimPrefix(part, "!")) {
			t.Errorf("it says (%v) %q:\n%s", !ok, without, text)
		}
	}
}

func standaloneIn(folder string) environment.Settings {
	return environment.Settings{Standalone: true, DataDir: folder, Namespace: "workflows", Concurrency: 2, BaseURL: "http://127.0.0.1:8080"}
}

// inhabited is a standalone installation with a secret and a run that has not begun.
func inhabited(t *testing.T) environment.Settings {
	t.Helper()
	settings := standaloneIn(t.TempDir())
	if err := migrate(t.Context(), settings, io.Discard); err != nil {
		t.Fatal(err)
	}
	keys, err := standalone.SecretKeys(settings)
	if err != nil {
		t.Fatal(err)
	}
	db, err := sqlite.Open(settings.DataDir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = models.Close(db) }()
	vault, err := secrets.Open(keys)
	if err != nil {
		t.Fatal(err)
	}
	vault.DB = db
	if _, err := vault.Put(t.Context(), "SHOP", "a secret value", "Ada"); err != nil {
		t.Fatal(err)
	}
	now := models.Now()
	w := models.Workflow{ID: models.NewID(), Name: "A", Status: "active", Draft: models.JSON(`{}`), DraftRevision: 1, CreatedAt: now, UpdatedAt: now}
	rung := now.Add(time.Hour) // as if its hint were on the way: no worker takes it meanwhile
	r := models.Run{RungAt: &rung, ID: models.NewID(), WorkflowID: w.ID, VersionID: models.NewID(), Version: 1, WorkflowName: "A", Status: "queued", TriggerType: "manual", Trigger: models.JSON(`{}`), Queue: "default", QueuedAt: now}
	for _, row := range []any{&w, &r} {
		if err := db.Create(row).Error; err != nil {
			t.Fatal(err)
		}
	}
	return settings
}

func TestABackupIsMadeWhileTheProgramRunsAndStartsElsewhere(t *testing.T) {
	from := inhabited(t)
	base, _, _, stop := program(t, from)
	modelstest.Eventually(t, "it is ready", func() bool { status, _ := get(t, base+"/readyz"); return status == http.StatusOK })
	file := filepath.Join(t.TempDir(), "a.backup")
	said, err := run(t, from, "backup", file)
	if err != nil {
		t.Fatal(err)
	}
	says(t, said, "Written to "+file+" and read back: 1 workflow, 1 run, 1 secret", "The keys are not in it", "(k1)", filepath.Join(from.DataDir, "secret_keys"))
	if _, err := run(t, from, "restore", file); err == nil || !strings.Contains(err.Error(), "another copy of this program runs on "+from.DataDir) {
		t.Errorf("into a folder in use: %v", err)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if _, err := run(t, from, "restore", file); err == nil || !strings.Contains(err.Error(), "The database is not empty (workflows") {
		t.Errorf("over what is there: %v", err)
	}

	to := standaloneIn(filepath.Join(t.TempDir(), "new"))
	said, err = run(t, to, "restore", file, "--dry-run")
	if err != nil {
		t.Fatal(err)
	}
	says(t, said, "is whole, and can be restored. Nothing has been changed.", "from an embedded database, and holds 1 workflow, 1 run, 1 secret", "there are none", "Under way then: 1 run (1 not begun", "No planned time has passed since.", "a new database in "+to.DataDir)
	if _, err := os.Stat(to.DataDir); err == nil {
		t.Error("a dry run has made the folder")
	}
	said, err = run(t, to, "restore", file)
	if err != nil {
		t.Fatal(err)
	}
	says(t, said, "Restored from "+file+" into "+to.DataDir, "need the keys named k1, and there are none", "nothing starts until an administrator says how it goes on, at http://127.0.0.1:8080/restored")

	// Without the keys it does not start, and with them it waits.
	keys, err := os.ReadFile(filepath.Join(from.DataDir, "secret_keys"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(to.DataDir, "secret_keys"), keys, 0o600); err != nil {
		t.Fatal(err)
	}
	says(t, examined(t, to, true), "warning   restored", "Nothing starts until an administrator says how it goes on", "/restored", "!schedules ")
	_, _, log, _ := program(t, to)
	modelstest.Eventually(t, "the worker waits", func() bool { return strings.Contains(log.String(), "until an administrator says") })
	db := openedBeside(t, to)
	if err := restored.GoOn(t.Context(), db, restored.End, "Ada"); err != nil {
		t.Fatal(err)
	}
	modelstest.Eventually(t, "the worker works", func() bool { return strings.Contains(log.String(), "worker started") })
	says(t, examined(t, to, true), "ok        schedules", "!restored")
}

func openedBeside(t *testing.T, settings environment.Settings) *gorm.DB {
	t.Helper()
	db, err := openDatabase(settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = models.Close(db) })
	return db
}

func TestKeysAreInABackupOnlyWhereSomebodyAsksForThem(t *testing.T) {
	from := inhabited(t)
	keys, err := standalone.SecretKeys(from)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	without, with := filepath.Join(folder, "without"), filepath.Join(folder, "with")
	if _, err := run(t, from, "backup", without); err != nil {
		t.Fatal(err)
	}
	said, err := run(t, from, "backup", with, "--with-keys")
	if err != nil {
		t.Fatal(err)
	}
	says(t, said, "It holds SECRET_KEYS", "!"+keys)
	for name, want := range map[string]string{without: "", with: keys} {
		if got := header(t, name).Keys; got != want {
			t.Errorf("%s has %d bytes of keys", name, len(got))
		}
	}

	// They go where the standalone program looks for them.
	to := standaloneIn(t.TempDir())
	said, err = run(t, to, "restore", with)
	if err != nil {
		t.Fatal(err)
	}
	says(t, said, "which "+filepath.Join(to.DataDir, "secret_keys")+" has: 1 of 1 can be read", "!"+keys)
	if kept, err := standalone.KeptKeys(to); err != nil || kept != keys {
		t.Errorf("the keys are not kept: %v", err)
	}
	// Other keys there are not replaced.
	other := standaloneIn(t.TempDir())
	if _, err := standalone.SecretKeys(other); err != nil {
		t.Fatal(err)
	}
	if _, err := run(t, other, "restore", with); err == nil || !strings.Contains(err.Error(), "holds other keys") {
		t.Errorf("%v", err)
	}
	// Those of the environment count, whatever the file has.
	wrong := standaloneIn(t.TempDir())
	wrong.SecretKeys = secrets.NewKey("k2")
	if said, err := run(t, wrong, "restore", with, "--dry-run"); err != nil || !strings.Contains(said, `SECRET_KEYS lacks the key "k1"`) {
		t.Errorf("%v: %s", err, said)
	}
	if _, err := run(t, wrong, "backup", filepath.Join(folder, "nothing"), "--with-keys"); err == nil || !strings.Contains(err.Error(), "There is no database in") {
		t.Errorf("%v", err)
	}
	from.SecretKeys = secrets.NewKey("k1")
	if _, err := run(t, from, "backup", filepath.Join(folder, "wrong"), "--with-keys"); err == nil || !strings.Contains(err.Error(), "is not the one") {
		t.Errorf("with keys that open nothing: %v", err)
	}
}

func header(t *testing.T, name string) archive.Summary {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	summary, err := archive.Read(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	return summary
}

func TestABackupOfTheEmbeddedDatabaseGoesIntoPostgreSQLAndBack(t *testing.T) {
	_, url := modelstest.Postgres(t) // whose own connection was never used
	from := inhabited(t)
	keys, err := standalone.SecretKeys(from)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	first, second := filepath.Join(folder, "1"), filepath.Join(folder, "2")
	if _, err := run(t, from, "backup", first, "--with-keys"); err != nil {
		t.Fatal(err)
	}
	server := environment.Settings{DatabaseURL: url, BaseURL: "https://flows.example.com"}
	said, err := run(t, server, "restore", first)
	if err != nil {
		t.Fatal(err)
	}
	says(t, said, "into postgres://", "Set them for all processes before the start: SECRET_KEYS="+keys, "https://flows.example.com/restored")
	server.SecretKeys = keys
	said, err = run(t, server, "backup", second)
	if err != nil {
		t.Fatal(err)
	}
	says(t, said, "1 workflow, 1 run, 1 secret", "keep a copy of SECRET_KEYS elsewhere")
	back := standaloneIn(t.TempDir())
	back.SecretKeys = keys
	said, err = run(t, back, "restore", second)
	if err != nil {
		t.Fatal(err)
	}
	says(t, said, "from PostgreSQL, and holds", "which SECRET_KEYS has: 1 of 1 can be read")
}

func TestEachTroubleWithABackupIsOneSentence(t *testing.T) {
	settings := inhabited(t)
	folder := t.TempDir()
	whole, text, cut := filepath.Join(folder, "whole"), filepath.Join(folder, "text"), filepath.Join(folder, "cut")
	if _, err := run(t, settings, "backup", whole); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{text: []byte("hello"), cut: data[:len(data)-9]} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for command, want := range map[string]string{
		"backup":                          "Write: backup FILE",
		"backup a b":                      "Write: backup FILE",
		"backup " + whole + " --wrong":    "Write: backup FILE",
		"restore":                         "or restore FILE [--dry-run]",
		"backup " + whole:                 whole + " is there already. Choose another name, or say --replace.",
		"backup " + folder + "/no/where":  "There is no " + folder + "/no/where, or not the folder",
		"backup " + folder + " --replace": folder + " is no file.",
		"restore " + folder:               folder + " is no file.",
		"restore " + folder + "/none":     "There is no " + folder + "/none",
		"restore " + text:                 text + " cannot be restored: it is no backup of this system.",
		"restore " + cut:                  cut + " cannot be restored: it is cut off",
		"restore " + cut + " --dry-run":   cut + " cannot be restored: it is cut off",
		"restore " + whole + " --dry-run": "into " + settings.DataDir + " it cannot be put: The database is not empty",
	} {
		_, err := run(t, settings, strings.Fields(command)...)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, and not %q", command, err, want)
		}
	}
	if _, err := run(t, standaloneIn(t.TempDir()), "backup", filepath.Join(folder, "x")); err == nil || !strings.Contains(err.Error(), "There is no database in") {
		t.Errorf("without a database: %v", err)
	}
	away := environment.Settings{DatabaseURL: "postgres://user:canary@127.0.0.1:1/none"}
	for _, command := range []string{"backup", "restore"} {
		name := whole
		if command == "backup" {
			name = filepath.Join(folder, "x")
		}
		if _, err := run(t, away, command, name); err == nil || !strings.Contains(err.Error(), "The database cannot be reached at postgres://127.0.0.1:1/none") {
			t.Errorf("%s without a server: %v", command, err)
		}
	}
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	for _, command := range [][]string{{"backup", filepath.Join(folder, "x")}, {"restore", whole}} {
		if err := files(stopped, settings, command, strings.NewReader(""), io.Discard); err == nil || err.Error() != "Stopped before the end: nothing has been changed." {
			t.Errorf("%s, interrupted: %v", command[0], err)
		}
	}
	said := inWords(t.Context(), errors.Join(errors.New("write"), syscall.ENOSPC), whole, nil)
	if !strings.Contains(said.Error(), "The disk of "+whole+" is full.") {
		t.Error(said)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) != 3 {
		t.Errorf("it left %v, %v", left, err)
	}
}
