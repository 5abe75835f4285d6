// Package outward is where the text of an error leaves the program: for a log, a
// terminal, the doctor. What libraries write into their errors may hold what they were
// given, an address with its password or a value, so each kind that does is told in
// words of ours. Pages and answers do not even get this: they have sentences.
//
// It imports nothing of ours.
package outward

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// Error is what may be said of an error: its own text, with ours in the place of
// what a library has put into it.
func Error(err error) string {
	if err == nil {
		return ""
	}
	text := err.Error()
	for _, inner := range within(err) {
		if said, known := ours(inner); known {
			text = strings.ReplaceAll(text, inner.Error(), said)
		}
	}
	return text
}

// within lists an error and all that it wraps, the outermost first, but nothing
// below one that is told in our words.
func within(err error) []error {
	list := []error{err}
	if _, known := ours(err); known {
		return list
	}
	switch wrapping := err.(type) {
	case interface{ Unwrap() error }:
		if inner := wrapping.Unwrap(); inner != nil {
			list = append(list, within(inner)...)
		}
	case interface{ Unwrap() []error }:
		for _, inner := range wrapping.Unwrap() {
			list = append(list, within(inner)...)
		}
	}
	return list
}

// ours tells the kinds of error that repeat what they were given.
func ours(err error) (string, bool) {
	switch e := err.(type) {
	case *url.Error: // quotes the address, with what its query holds
		if e.Op == "parse" { // and so does what it wraps
			return "the address is not written right", true
		}
		return fmt.Sprintf("%s %s: %s", e.Op, host(e.URL), Error(e.Err)), true
	case url.EscapeError, url.InvalidHostError:
		return "the address is not written right", true
	case *pgconn.ParseConfigError: // quotes the address, as far as it finds the password in it
		return "the address of PostgreSQL cannot be used", true
	case *pgconn.ConnectError:
		return "connect to PostgreSQL: " + Error(errors.Unwrap(e)), true
	case *pgconn.PgError:
		if strings.HasPrefix(e.Code, "22") { // quotes the value that it refuses
			return "PostgreSQL has refused a value (SQLSTATE " + e.Code + ")", true
		}
	case *strconv.NumError:
		return e.Func + ": " + Error(e.Err), true
	}
	return "", false
}

// host is what may be said of a web address.
func host(address string) string {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Host == "" {
		return "an address"
	}
	return parsed.Scheme + "://" + parsed.Host
}
