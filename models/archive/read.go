package archive

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"slices"

	"workflows/models"
)

// longestLine bounds a row: a payload has 16 MB, and each of its characters six at most.
const longestLine = 256 << 20

// longestHeader bounds what is read of a file that may be anything.
const longestHeader = 64 << 10

// taker is given what a backup holds, in its order.
type taker interface {
	table(ctx context.Context, name string, of []column) error
	row(ctx context.Context, values []any) error
}

// Read reads a backup from its beginning to its end and says what it holds. A file of
// which anything is wrong is a *FileError.
func Read(ctx context.Context, in io.Reader) (Summary, error) { return scan(ctx, in, nothing{}) }

// nothing looks at each row and takes none.
type nothing struct{}

func (nothing) table(context.Context, string, []column) error { return nil }
func (nothing) row(context.Context, []any) error              { return nil }

// scan reads a backup and gives to the taker what it holds. Only when scan has returned
// without an error is it known that all of it is as it was written.
func scan(ctx context.Context, in io.Reader, to taker) (Summary, error) {
	r := &reader{file: bufio.NewReaderSize(in, 64<<10), sum: sha256.New(), summary: Summary{Rows: map[string]int64{}}}
	if err := r.header(); err != nil {
		return Summary{}, err
	}
	for {
		if err := ctx.Err(); err != nil {
			return Summary{}, context.Cause(ctx)
		}
		done, err := r.next(ctx, to)
		if err != nil {
			return Summary{}, err
		}
		if done {
			return r.summary, r.nothingElse()
		}
	}
}

type reader struct {
	file    *bufio.Reader
	lines   *bufio.Reader
	sum     hash.Hash
	summary Summary
	current string // table
	of      []column
}

func (r *reader) header() error {
	packed, err := gzip.NewReader(r.file)
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, gzip.ErrHeader):
		return &FileError{notABackup}
	case err != nil:
		return fmt.Errorf("read the file: %w", err)
	}
	packed.Multistream(false)
	r.lines = bufio.NewReaderSize(packed, 64<<10)
	line, err := r.line(longestHeader)
	var wrong *FileError
	if err != nil && !errors.As(err, &wrong) {
		return err
	}
	if err != nil && bytes.HasPrefix(line, []byte(`{"workflow_system_backup"`)) {
		return err
	}
	if err != nil || json.Unmarshal(line, &r.summary.Header) != nil || r.summary.Format < 1 {
		return &FileError{notABackup}
	}
	known, err := models.KnownSchema()
	if err != nil {
		return err
	}
	if r.summary.Format > format || r.summary.Schema > known {
		return newerFile(r.summary.Schema, known)
	}
	r.sum.Write(line)
	return nil
}

// line reads one with its end, of at most so many bytes.
func (r *reader) line(longest int) ([]byte, error) {
	var line []byte
	for {
		part, err := r.lines.ReadSlice('\n')
		if len(line)+len(part) > longest {
			return line, &FileError{damaged}
		}
		line = append(line, part...)
		switch {
		case err == nil:
			return line, nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return line, fault(err)
		}
	}
}

// fault says what an error in reading tells of the file.
func fault(err error) error {
	var corrupt flate.CorruptInputError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return &FileError{cutOff}
	case errors.As(err, &corrupt), errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader):
		return &FileError{damaged}
	}
	return fmt.Errorf("read the file: %w", err)
}

// next reads one line; done after the last one.
func (r *reader) next(ctx context.Context, to taker) (done bool, err error) {
	line, err := r.line(longestLine)
	if err != nil {
		return false, err
	}
	if line[0] == '[' {
		if r.current == "" {
			return false, &FileError{damaged}
		}
		values, err := decodeRow(r.of, line)
		if err != nil {
			return false, err
		}
		r.sum.Write(line)
		r.summary.Rows[r.current]++
		return false, to.row(ctx, values)
	}
	if end := (endLine{}); json.Unmarshal(line, &end) == nil && end.SHA256 != "" {
		if end.SHA256 != hex.EncodeToString(r.sum.Sum(nil)) || !maps.Equal(end.Rows, r.summary.Rows) {
			return false, &FileError{damaged}
		}
		return true, nil
	}
	var table tableLine
	if json.Unmarshal(line, &table) != nil || !slices.Contains(carried, table.Table) {
		return false, &FileError{damaged}
	}
	if _, twice := r.summary.Rows[table.Table]; twice {
		return false, &FileError{damaged}
	}
	r.sum.Write(line)
	r.current, r.of, r.summary.Rows[table.Table] = table.Table, table.Columns, 0
	return false, to.table(ctx, table.Table, table.Columns)
}

// nothingElse makes sure that the file ends where the backup does, and that gzip's own
// sum is right.
func (r *reader) nothingElse() error {
	if rest, err := io.ReadAll(io.LimitReader(r.lines, 1)); err != nil {
		return fault(err)
	} else if len(rest) > 0 {
		return &FileError{damaged}
	}
	if rest, err := r.file.Peek(1); len(rest) > 0 {
		return &FileError{damaged}
	} else if !errors.Is(err, io.EOF) {
		return fmt.Errorf("read the file: %w", err)
	}
	return nil
}
