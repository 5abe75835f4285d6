package models

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
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
	// ErrUnavailable means that a server which is needed cannot be reached now.
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

// LimitError means that there is no place now for what was asked, and when to try
// again.
type LimitError struct {
	Code       string
	Message    string // one plain sentence
	RetryAfter time.Duration
}

func (e *LimitError) Error() string { return e.Message }

// kind maps what the drivers report to our kinds; other errors pass unchanged.
func kind(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, gorm.ErrRecordNotFound), errors.Is(err, sql.ErrNoRows):
		return ErrNotFound
	case unreachable(err):
		return errors.Join(ErrUnavailable, err)
	}
	return err
}

// unreachable reports whether the server, not the statement, is the trouble.
// The classes are PostgreSQL's: 08 connection, 53 resources, 57P shutdown; 25006
// is a server that takes no writes, as after a failover.
func unreachable(err error) bool {
	var network net.Error
	var refused *pgconn.ConnectError
	if errors.As(err, &refused) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) {
		return true
	}
	// A connection that was cut during a statement.
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || pgconn.SafeToRetry(err) {
		return true
	}
	if errors.As(err, &network) && !errors.Is(err, context.Canceled) {
		return true
	}
	var answer *pgconn.PgError
	if errors.As(err, &answer) {
		return answer.Code == "25006" || strings.HasPrefix(answer.Code, "08") || strings.HasPrefix(answer.Code, "53") || strings.HasPrefix(answer.Code, "57P")
	}
	return strings.Contains(err.Error(), "database is locked")
}

// Unique reports whether err is the violation of a unique index.
func Unique(err error) bool {
	var answer *pgconn.PgError
	if errors.As(err, &answer) {
		return answer.Code == "23505"
	}
	return errors.Is(err, gorm.ErrDuplicatedKey) || (err != nil && strings.Contains(err.Error(), "UNIQUE constraint failed"))
}
