// Package standalone is everything that `go run ./app` needs when nothing is
// configured: a data folder that one program uses at a time, an embedded
// database in it, and an embedded Redis in memory.
package standalone

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/sqlite"
	"workflows/worker/environment"
)

// Servers are the embedded ones.
type Servers struct {
	DB       *gorm.DB
	RedisURL string
	// SecretKeys are those of the settings, or were made once for this folder.
	SecretKeys string

	closers []func()
}

// Start opens the data folder and starts both servers. They end with Close.
func Start(settings environment.Settings) (*Servers, error) {
	if err := os.MkdirAll(settings.DataDir, 0o700); err != nil {
		return nil, fmt.Errorf("the folder %s cannot be made: choose another one with DATA_DIR: %w", settings.DataDir, err)
	}
	s := &Servers{}
	if err := s.start(settings); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (s *Servers) start(settings environment.Settings) error {
	if err := s.lock(settings.DataDir); err != nil {
		return err
	}
	keys, err := SecretKeys(settings)
	if err != nil {
		return err
	}
	s.SecretKeys = keys
	s.DB, err = sqlite.Open(settings.DataDir)
	if err != nil {
		return err
	}
	s.closers = append(s.closers, func() { _ = models.Close(s.DB) })
	address, stop, err := StartRedis(context.Background())
	if err != nil {
		return err
	}
	s.RedisURL = address
	s.closers = append(s.closers, stop)
	return nil
}

// ErrInUse means that another program runs on the same data folder.
var ErrInUse = errors.New("DATA_DIR is in use")

// lock makes sure that one program uses the folder: two would each ring an
// embedded Redis of their own.
func (s *Servers) lock(folder string) error {
	release, err := Claim(folder)
	if err == nil {
		s.closers = append(s.closers, release)
	}
	return err
}

// Claim takes the folder for this program until release is called. Where another one
// has it, the error is an ErrInUse.
func Claim(folder string) (release func(), err error) {
	guard := flock.New(filepath.Join(folder, "in-use"), flock.SetPermissions(0o600))
	held, err := guard.TryLock()
	if err != nil {
		return nil, fmt.Errorf("the folder %s cannot be used: choose another one with DATA_DIR: %w", folder, err)
	}
	if !held {
		return nil, fmt.Errorf("%w: another copy of this program runs on %s. Stop it, or choose another folder with DATA_DIR", ErrInUse, folder)
	}
	return func() { _ = guard.Unlock() }, nil
}

// Close ends both servers and gives the folder free.
func (s *Servers) Close() {
	for i := len(s.closers) - 1; i >= 0; i-- {
		s.closers[i]()
	}
	s.closers = nil
}
