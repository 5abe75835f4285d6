package models

import (
	"context"
	"crypto/tls"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
)

// Trouble is why a database does not do what it is asked for, where that is not the
// statement's fault. All of it passes: what was asked for may be asked for again.
type Trouble int

// The troubles, with what the drivers call them.
const (
	NoTrouble Trouble = iota
	Away              // it cannot be reached, is starting or is shutting down
	Closed            // it answers, and does not let us in
	Full              // its disk is full, or the part of it that it may use
	ReadOnly          // it takes no changes, as a standby after a failover
	Failing           // its disk cannot be read or written
	Busy              // somebody else holds what is needed, or it takes too long
	Crowded           // it has no more connections or memory
)

// Answers reports whether a database in this trouble can be reached all the same.
func (t Trouble) Answers() bool {
	return t == Full || t == ReadOnly || t == Failing || t == Busy
}

// TroubleOf says which trouble an error tells of. It is the one place that knows
// the codes of both databases and of the operating system.
func TroubleOf(err error) Trouble {
	if err == nil {
		return NoTrouble
	}
	var answer *pgconn.PgError
	if errors.As(err, &answer) {
		var connecting *pgconn.ConnectError
		return troubleOfPostgres(answer, errors.As(err, &connecting))
	}
	var embedded interface{ Code() int } // SQLite's, with what it calls an extended code
	if errors.As(err, &embedded) {
		return troubleOfSQLite(embedded.Code() & 0xff)
	}
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return Full
	case errors.Is(err, syscall.EROFS):
		return ReadOnly
	case errors.Is(err, syscall.EIO):
		return Failing
	case untrusted(err):
		return Closed
	case away(err):
		return Away
	}
	return NoTrouble
}

// The classes are PostgreSQL's: 08 connection, 53 resources, 57P shutdown. What its
// own disk tells it is only partly a code of its own: a disk that is read-only becomes
// a lack of rights, a quota an internal error.
func troubleOfPostgres(answer *pgconn.PgError, connecting bool) Trouble {
	code := answer.Code
	disk := slices.Contains([]string{"md.c", "fd.c", "xlog.c", "buffile.c", "smgr.c"}, answer.File)
	switch {
	case code == "53100", disk && code == "XX000" && strings.Contains(answer.Message, "quota"):
		return Full
	case code == "25006", disk && code == "42501":
		return ReadOnly
	case code == "58030", disk && code == "XX000":
		return Failing
	case code == "57014", code == "55P03", code == "25P03":
		return Busy
	case strings.HasPrefix(code, "53"):
		return Crowded
	case strings.HasPrefix(code, "08"), strings.HasPrefix(code, "57P"):
		return Away
	case connecting: // a wrong password, an unknown database, an unknown parameter
		return Closed
	}
	return NoTrouble
}

func troubleOfSQLite(code int) Trouble {
	switch code {
	case 5, 6: // SQLITE_BUSY, SQLITE_LOCKED
		return Busy
	case 8: // SQLITE_READONLY
		return ReadOnly
	case 10: // SQLITE_IOERR; a quota is one too
		return Failing
	case 13: // SQLITE_FULL
		return Full
	case 14: // SQLITE_CANTOPEN
		return Away
	}
	return NoTrouble
}

// untrusted reports whether a server was there and encryption came to nothing.
func untrusted(err error) bool {
	var connecting *pgconn.ConnectError
	var certificate *tls.CertificateVerificationError
	if !errors.As(err, &connecting) {
		return false
	}
	return errors.As(err, &certificate) || strings.Contains(err.Error(), "server refused TLS connection") // the library has no error of its own for it
}

// away reports whether the server, not the statement, is the trouble.
func away(err error) bool {
	var network net.Error
	var refused *pgconn.ConnectError
	if errors.As(err, &refused) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) {
		return true
	}
	// A connection that was cut during a statement.
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || pgconn.SafeToRetry(err) {
		return true
	}
	return errors.As(err, &network) && !errors.Is(err, context.Canceled)
}
