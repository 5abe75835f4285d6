package schedule

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestTheVersionOfTheZonesIsThatOfTheMachineOrOfGo(t *testing.T) {
	root, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	script, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(root)), "lib", "time", "update.bash"))
	if err != nil {
		t.Fatal(err)
	}
	_, code, _ := strings.Cut(string(script), "\nCODE=")
	if code, _, _ = strings.Cut(code, "\n"); code < embeddedZones {
		t.Errorf("Go has %s, not %s", code, embeddedZones)
	}

	folder := t.TempDir()
	if err := os.MkdirAll(filepath.Join(folder, "Europe", "Berlin"), 0o700); err != nil {
		t.Fatal(err)
	}
	if got := zoneDataIn("/nowhere"); got.Version != embeddedZones || !strings.HasPrefix(got.Source, "in the program (go") {
		t.Errorf("without a folder it is %+v", got)
	}
	if got := zoneDataIn("/nowhere", folder); got != (ZoneData{Source: folder}) || got.Old(time.Now()) {
		t.Errorf("without a version it is %+v", got)
	}
	if err := os.WriteFile(filepath.Join(folder, "tzdata.zi"), []byte("# version 2019c\nRule"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := zoneDataIn(folder); got.Version != "2019c" || !got.Old(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)) || got.Old(time.Date(2021, 12, 31, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("with a version it is %+v", got)
	}
}
