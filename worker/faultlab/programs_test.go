//go:build faultlab

package faultlab

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"workflows/models/modelstest"
)

func TestMain(m *testing.M) {
	code := modelstest.AtOnce(m, 6).Run() // most of their time the scenarios wait
	printTable()
	removeFolders()
	os.Exit(code)
}

var folders struct {
	mu   sync.Mutex
	made []string
}

func newFolder(pattern string) (string, error) {
	folder, err := os.MkdirTemp("", pattern)
	if err != nil {
		return "", err
	}
	folders.mu.Lock()
	defer folders.mu.Unlock()
	folders.made = append(folders.made, folder)
	return folder, nil
}

func removeFolders() {
	folders.mu.Lock()
	defer folders.mu.Unlock()
	for _, folder := range folders.made {
		_ = os.RemoveAll(folder)
	}
}

// programs builds web and worker, with failpoints, once for all scenarios.
var programs = sync.OnceValues(func() (string, error) { return build() })

// skewedPrograms are the same with a clock that LAB_CLOCK_OFFSET (whole seconds)
// sets wrong: the standard library's time.Now itself, for nothing else reaches all
// that looks at the clock.
var skewedPrograms = sync.OnceValues(func() (string, error) {
	overlay, err := clockOverlay()
	if err != nil {
		return "", err
	}
	return build("-overlay", overlay)
})

func build(flags ...string) (string, error) {
	folder, err := newFolder("faultlab-bin-")
	if err != nil {
		return "", err
	}
	args := append([]string{"build", "-tags", "failpoints,nomsgpack", "-o", folder}, flags...)
	compile := exec.Command("go", append(args, "workflows/app", "workflows/worker")...)
	compile.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := compile.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build the programs: %w\n%s", err, out)
	}
	return folder, nil
}

const (
	clockLine   = "\tsec, nsec, mono := runtimeNow()\n"
	clockOffset = `
var labOffset, labOffsetRead = int64(0), false

func labClock() int64 {
	if !labOffsetRead {
		text, _ := syscall.Getenv("LAB_CLOCK_OFFSET")
		sign := int64(1)
		for _, r := range text {
			if r == '-' {
				sign = -1
				continue
			}
			labOffset = labOffset*10 + int64(r-'0')
		}
		labOffset *= sign
		labOffsetRead = true
	}
	return labOffset
}
`
)

// clockOverlay writes a copy of the standard library's time.go whose Now is off.
func clockOverlay() (string, error) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return "", fmt.Errorf("find the standard library: %w", err)
	}
	original := filepath.Join(strings.TrimSpace(string(root)), "src", "time", "time.go")
	text, err := os.ReadFile(original)
	if err != nil {
		return "", err
	}
	changed := strings.Replace(string(text), clockLine, clockLine+"\tsec += labClock()\n", 1)
	if changed == string(text) {
		return "", fmt.Errorf("time.Now of %s is written otherwise than this lab knows", runtime.Version())
	}
	changed = strings.Replace(changed, "import (\n", "import (\n\t\"syscall\"\n", 1) + clockOffset
	folder, err := newFolder("faultlab-clock-")
	if err != nil {
		return "", err
	}
	copied := filepath.Join(folder, "time.go")
	if err := os.WriteFile(copied, []byte(changed), 0o644); err != nil {
		return "", err
	}
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{original: copied}})
	if err != nil {
		return "", err
	}
	file := filepath.Join(folder, "overlay.json")
	return file, os.WriteFile(file, overlay, 0o644)
}
