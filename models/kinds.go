package models

import (
	"errors"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

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
