package environment

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/joho/godotenv"
)

// FileError says what is wrong with a .env file, in a sentence for people that names
// the line and repeats nothing of it: any line may hold a password.
type FileError struct {
	File    string
	Line    int // from 1; 0 is the file as a whole
	Message string
}

func (e *FileError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.File, e.Message)
	}
	return fmt.Sprintf("%s, line %d: %s", e.File, e.Line, e.Message)
}

// File adds a .env file to lookup: what lookup knows already wins, and a file
// that is not there adds nothing. An error is a *FileError.
func File(path string, lookup func(string) (string, bool)) (func(string) (string, bool), error) {
	data, err := os.ReadFile(path) // #nosec G304 -- the .env of whoever starts the program
	if errors.Is(err, fs.ErrNotExist) {
		return lookup, nil
	}
	name := filepath.Base(path)
	if err != nil {
		return nil, &FileError{name, 0, "It cannot be read. Give this user the right to read it, or move it away."}
	}
	lines := strings.Split(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n")
	values, err := godotenv.Unmarshal(strings.Join(lines, "\n") + "\n") // without a line end it passes over a last word
	if err != nil {                                                     // its text repeats everything from the bad line to the end
		return nil, badLine(name, lines)
	}
	for i, line := range lines {
		if variable, value, ok := foremanReads(line); ok && ours(variable) && last(lines[i:], variable) && strings.TrimSpace(value) != strings.TrimSpace(values[variable]) {
			return nil, &FileError{name, i + 1, "Programs read the value of " + variable + " in different ways: foreman as it stands, others without a note behind it and with $ and backslashes replaced. Put it in single quotes, with nothing behind them, and notes in lines of their own."}
		}
	}
	return func(name string) (string, bool) {
		if value, found := lookup(name); found {
			return value, true
		}
		value, found := values[name]
		return value, found
	}, nil
}
