package environment

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/joho/godotenv"
)

// File adds a .env file to lookup: what lookup knows already wins, and a file
// that is not there adds nothing.
func File(path string, lookup func(string) (string, bool)) (func(string) (string, bool), error) {
	values, err := godotenv.Read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return lookup, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return func(name string) (string, bool) {
		if value, found := lookup(name); found {
			return value, true
		}
		value, found := values[name]
		return value, found
	}, nil
}
