package standalone_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"workflows/app/standalone"
	"workflows/models"
	"workflows/worker/environment"
)

func TestDataFolderIsPrivateAndUsedByOneProgram(t *testing.T) {
	settings := environment.Settings{DataDir: filepath.Join(t.TempDir(), "deep", "data")}
	first, err := standalone.Start(settings)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(settings.DataDir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder is %v, %v", info.Mode(), err)
	}
	_, err = standalone.Start(settings)
	if !errors.Is(err, standalone.ErrInUse) || !strings.Contains(err.Error(), settings.DataDir) {
		t.Errorf("a second program got %v", err)
	}
	first.Close()
	second, err := standalone.Start(settings)
	if err != nil {
		t.Fatalf("after the first has ended: %v", err)
	}
	defer second.Close()
	if second.SecretKeys != first.SecretKeys || !strings.HasPrefix(second.SecretKeys, "k1:") {
		t.Errorf("the keys %q became %q", first.SecretKeys, second.SecretKeys)
	}
	if info, err := os.Stat(filepath.Join(settings.DataDir, "secret_keys")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the keys' file is %v, %v", info, err)
	}
}

func TestDataOutlivesTheProgram(t *testing.T) {
	settings := environment.Settings{DataDir: t.TempDir(), SecretKeys: "mine"}
	first, err := standalone.Start(settings)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := models.Migrate(t.Context(), first.DB); err != nil {
		t.Fatal(err)
	}
	if err := models.SetSetting(t.Context(), first.DB, "a", "b", models.Now()); err != nil {
		t.Fatal(err)
	}
	first.Close()
	second, err := standalone.Start(settings)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	if value, err := models.GetSetting(t.Context(), second.DB, "a"); value != "b" || err != nil {
		t.Errorf("read %q, %v", value, err)
	}
	if second.SecretKeys != "mine" {
		t.Errorf("the configured keys became %q", second.SecretKeys)
	}
}

func TestFolderThatCannotBeMadeIsExplained(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := standalone.Start(environment.Settings{DataDir: filepath.Join(file, "data")}); err == nil || !strings.Contains(err.Error(), "DATA_DIR") {
		t.Errorf("got %v", err)
	}
}
