package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"gorm.io/gorm"
)

// Why a file is not written.
var (
	// ErrExists means that the file is there already, and nobody said to replace it.
	ErrExists = errors.New("there is a file of this name")
	// ErrNoFile means that the name is that of a folder, a device or a link.
	ErrNoFile = errors.New("this is no file")
)

// WriteFile writes a backup to a new file, or in the place of one. It is written beside
// under another name, read back and checked, and gets its name then: under that name
// there is a whole backup or none. Only its owner may read it.
func WriteFile(ctx context.Context, db *gorm.DB, name string, replace bool, o Options) (Summary, int64, error) {
	if err := free(name, replace); err != nil {
		return Summary{}, 0, err
	}
	file, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*.part") // which only its owner may read
	if err != nil {
		return Summary{}, 0, err
	}
	defer func() {
		_ = file.Close()
		_ = os.Remove(file.Name()) // which has another name once all is well
	}()
	written, err := Write(ctx, db, file, o)
	if err != nil {
		return Summary{}, 0, err
	}
	if err := file.Sync(); err != nil {
		return Summary{}, 0, err
	}
	size, err := file.Seek(0, io.SeekCurrent)
	if err != nil {
		return Summary{}, 0, err
	}
	if err := readBack(ctx, file, written); err != nil {
		return Summary{}, 0, err
	}
	if err := free(name, replace); err != nil { // somebody else was quicker
		return Summary{}, 0, err
	}
	if err := os.Rename(file.Name(), name); err != nil {
		return Summary{}, 0, err
	}
	return written, size, syncFolder(filepath.Dir(name))
}

func free(name string, replace bool) error {
	found, err := os.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !found.Mode().IsRegular():
		return ErrNoFile
	case !replace:
		return ErrExists
	}
	return nil
}

func readBack(ctx context.Context, file io.ReadSeeker, written Summary) error {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	read, err := Read(ctx, file)
	if err != nil {
		return fmt.Errorf("read back what was written: %w", err)
	}
	if read.Header != written.Header {
		return fmt.Errorf("read back what was written: %w", &FileError{damaged})
	}
	return nil
}

// syncFolder makes the new name survive a power cut.
func syncFolder(name string) error {
	folder, err := os.Open(name) // #nosec G304 -- the folder that whoever runs the command names
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Sync()
}
