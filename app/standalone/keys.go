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
	if settings.SecretKeys != "" {
		return settings.SecretKeys, nil
	}
	file := filepath.Join(settings.DataDir, "secret_keys")
	data, err := os.ReadFile(file) // #nosec G304 -- in DATA_DIR, which the administrator sets
	if err == nil {
		return strings.TrimSpace(string(data)), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read the secret keys: %w", err)
	}
	key := make([]byte, 32)
	rand.Read(key) // never fails
	keys := "k1:" + base64.StdEncoding.EncodeToString(key)
	if err := os.WriteFile(file, []byte(keys+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("keep the secret keys: %w", err)
	}
	return keys, nil
}
