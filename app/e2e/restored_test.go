package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/models/sqlite"
)

// command runs a program once, as a person at a terminal does, and returns what it says.
func command(t *testing.T, dir string, arguments ...string) string {
	t.Helper()
	folder, err := programs()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	run := exec.CommandContext(ctx, filepath.Join(folder, "app"), arguments...)
	run.Dir, run.Env = dir, []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir}
	said, err := run.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v\n%s", arguments, err, said)
	}
	return string(said)
}

func TestAPersonBringsASystemBackAndHasItGoOn(t *testing.T) {
	t.Parallel()
	s := standalone(t, "ADMIN_TOKEN="+adminToken, "ADMIN_EMAIL=anna@example.com", "ADMIN_PASSWORD="+ownPassword)
	a := &api{t, s.base}
	publish := func(name, step string, config object, triggers ...object) string {
		return a.call("POST", "/workflows", object{
			"publish": true, "format": 1, "name": name, "triggers": triggers, "steps": []object{{"id": "a", "type": step, "config": config}},
		}, 201)["id"].(string)
	}
	hired := publish("New employee", "approval", object{"question": "Is the laptop ordered?", "expires_after": "72h"})
	publish("Import "+nasty, "set_values", object{"values": object{"x": 1}}, object{"id": "often", "type": "schedule", "every": "1h"})
	var run string
	for range 3 {
		run = a.call("POST", "/workflows/"+hired+"/runs", object{"input": object{}}, 202)["id"].(string)
		modelstest.Eventually(t, "it asks", func() bool { return a.call("GET", "/runs/"+run, nil, 200)["waiting_for"] == "approval" })
	}
	file := filepath.Join(t.TempDir(), "workflows.backup")
	command(t, s.web.dir, "backup", file, "--with-keys")
	if err := s.web.stop(); err != nil {
		t.Fatal(err)
	}

	dir, port := t.TempDir(), freePort(t)
	command(t, dir, "restore", file)
	daysLater(t, filepath.Join(dir, "data"))
	back := &system{base: fmt.Sprintf("http://127.0.0.1:%d", port)}
	back.web = launch(t, "app", dir, fmt.Sprintf("PORT=%d", port), "BASE_URL="+back.base)
	back.ready(t)
	a = &api{t, back.base}
	b := open(t, back.base)
	b.visit("/login")
	b.signIn()
	b.sees("Nothing starts until an administrator says how it goes on")
	b.shot("restored-overview")
	b.follow("See what waits")
	b.sees("3 runs: 3 waiting.")
	b.sees("48 planned times of 1 schedule.")
	b.clean("restored")
	b.withoutScripts()
	b.visit("/restored")
	b.follow("Go on")
	b.sees("The system goes on")
	if now := a.call("GET", "/runs/"+run, nil, 200); now["status"] != "cancelled" {
		t.Errorf("the run is %v", now["status"])
	}
	fresh := a.call("POST", "/workflows/"+hired+"/runs", object{"input": object{}}, 202)["id"].(string)
	modelstest.Eventually(t, "what starts now is worked on", func() bool { return a.call("GET", "/runs/"+fresh, nil, 200)["waiting_for"] == "approval" })
}

// daysLater has the schedules of a database stand as they do two days after a backup.
func daysLater(t *testing.T, folder string) {
	t.Helper()
	db, err := sqlite.Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = models.Close(db) }()
	earlier := func(column string) any { return gorm.Expr(column+" - ?", (48 * time.Hour).Microseconds()) }
	err = db.Table("schedules").Where("1 = 1").Updates(map[string]any{
		"accounted_until": earlier("accounted_until"), "anchor_at": earlier("anchor_at"), "next_fire_at": earlier("next_fire_at"), "next_at": earlier("next_at"),
	}).Error
	if err != nil {
		t.Fatal(err)
	}
}
