package e2e

import (
	"os"
	"path/filepath"
	"testing"
)

// What a deployment copies and starts. app/weight_test.go names what may not be in
// there at all.
func TestProgramsStayLight(t *testing.T) {
	folder, err := programs()
	if err != nil {
		t.Fatal(err)
	}
	for program, limit := range map[string]float64{"app": 45, "worker": 22} {
		file, err := os.Stat(filepath.Join(folder, program))
		if err != nil {
			t.Fatal(err)
		}
		size := float64(file.Size()) / 1e6
		t.Logf("%s: %.1f MB", program, size)
		if size > limit {
			t.Errorf("%s has %.1f MB, and may have %.0f: go tool nm -size -sort size says of what", program, size, limit)
		}
	}
}
