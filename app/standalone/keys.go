package standalone

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"workflows/worker/environment"
)

// SecretKeys are the configured ones, else those that were made for this folder
// at its first start. They encrypt stored secrets, so they are never replaced.
func SecretKeys(settings environment.Settings) (string, error) {
	keys, err := KeptKeys(settings)
	if err != nil || keys != "" {
		return keys, err
	}
	key := make([]byte, 32)
	rand.Read(key) // never fails
	keys = "k1:" + base64.StdEncoding.EncodeToString(key)
	return keys, KeepKeys(settings, keys)
}

// KeptKeys are SecretKeys without making any: "" where there are none.
func KeptKeys(settings environment.Settings) (string, error) {
	if settings.SecretKeys != "" {
		return settings.SecretKeys, nil
	}
	data, err := os.ReadFile(keysFile(settings)) // #nosec G304 -- in DATA_DIR, which the administrator sets
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read the secret keys: %w", err)
	}
	return strings.TrimSpace(string(data)), nil
}

// KeepKeys makes keys those of this folder, which has none yet.
func KeepKeys(settings environment.Settings, keys string) error {
	if err := os.WriteFile(keysFile(settings), []byte(keys+"\n"), 0o600); err != nil {
		return fmt.Errorf("keep the secret keys: %w", err)
	}
	return nil
}

func keysFile(settings environment.Settings) string {
	return filepath.Join(settings.DataDir, "secret_keys")
}
