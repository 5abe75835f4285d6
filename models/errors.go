package models

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"
)

// The kinds of error that callers tell apart with errors.Is.
var (
	// ErrNotFound means that there is no such row.
	ErrNotFound = errors.New("not found")
	// ErrConflict means that the row has changed or that its state forbids the action.
	ErrConflict = errors.New("conflict")
	// ErrForbidden means that this person or token may not do it.
	ErrForbidden = errors.New("forbidden")
	// ErrUnavailable means that a server which is needed cannot be reached now, or
	// not used: TroubleOf says why, where it is the database.
	ErrUnavailable = errors.New("unavailable")
)

// FieldError is one thing wrong with what somebody sent, at its field.
type FieldError struct {
	Path    string `json:"path"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// InvalidError says what is wrong with the fields of a request.
type InvalidError struct {
	Code    string // invalid_definition, invalid_input …
	Message string // one plain sentence
	Fields  []FieldError
}

func (e *InvalidError) Error() string { return e.Message }

// ConflictError is an ErrConflict with a sentence for people.
type ConflictError struct {
	Code    string
	Message string
}

func (e *ConflictError) Error() string { return e.Message }

// Is makes errors.Is(err, ErrConflict) hold.
func (e *ConflictError) Is(target error) bool { return target == ErrConflict }

// StrangerError means that a caller did not prove who it is.
type StrangerError struct {
	Code    string // signature_missing, signature_wrong, signature_stale …
	Message string // one plain sentence; it never repeats what was sent
}

func (e *StrangerError) Error() string { return e.Message }

// LimitError means that there is no place now for what was asked, and when to try
// again.
type LimitError struct {
	Code       string
	Message    string // one plain sentence
	RetryAfter time.Duration
}

func (e *LimitError) Error() string { return e.Message }

// UnavailableError is an ErrUnavailable with a sentence for people.
type UnavailableError struct{ Message string }

func (e *UnavailableError) Error() string { return e.Message }

// Is makes errors.Is(err, ErrUnavailable) hold.
func (e *UnavailableError) Is(target error) bool { return target == ErrUnavailable }

// Kind maps what the drivers report to our kinds; other errors pass unchanged.
func Kind(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, gorm.ErrRecordNotFound), errors.Is(err, sql.ErrNoRows):
		return ErrNotFound
	case TroubleOf(err) != NoTrouble:
		return errors.Join(ErrUnavailable, err)
	}
	return err
}

// Changed turns the result of an update of one row into an error.
func Changed(doing string, result *gorm.DB) error {
	switch {
	case result.Error != nil:
		return fmt.Errorf("%s: %w", doing, Kind(result.Error))
	case result.RowsAffected == 0:
		return fmt.Errorf("%s: %w", doing, ErrNotFound)
	}
	return nil
}

// Unique reports whether err is the violation of a unique index.
func Unique(err error) bool {
	var answer *pgconn.PgError
	if errors.As(err, &answer) {
		return answer.Code == "23505"
	}
	return errors.Is(err, gorm.ErrDuplicatedKey) || (err != nil && strings.Contains(err.Error(), "UNIQUE constraint failed"))
}

// Unreachable reports whether err says that the database is the trouble, rather
// than that a statement was wrong.
func Unreachable(err error) bool { return TroubleOf(err) != NoTrouble }

// Refused reports whether the database has refused what was written for its
// content, so that writing the same again can never succeed. The classes are
// PostgreSQL's: 22 data, 23 constraint, 42 statement, 54 limit.
func Refused(err error) bool {
	if Unreachable(err) {
		return false
	}
	var answer *pgconn.PgError
	if errors.As(err, &answer) {
		return slices.Contains([]string{"22", "23", "42", "54"}, answer.Code[:2])
	}
	return err != nil && (strings.Contains(err.Error(), "constraint failed") || strings.Contains(err.Error(), "too big"))
}
