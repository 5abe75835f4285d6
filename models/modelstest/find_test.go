package modelstest_test

import (
	"os"
	"path/filepath"
	"testing"

	"workflows/models/modelstest"
)

func TestOnlyWhatCanBeExecutedIsFound(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("PATH", folder)
	path := filepath.Join(folder, "some-server")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if found := modelstest.Find("some-server"); found != "" {
		t.Errorf("found %s", found)
	}
	if err := os.Chmod(path, 0o755); err != nil {
		t.Fatal(err)
	}
	if found := modelstest.Find("some-server"); found != path {
		t.Errorf("found %q", found)
	}
}
