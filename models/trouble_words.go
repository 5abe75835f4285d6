package models

import (
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"
)

// Sentence tells whoever asked for something why it was not done, without saying
// where the database is.
func (t Trouble) Sentence() string {
	switch t {
	case Full:
		return "This was not stored: the disk of the database is full. Have room made on it, then send it again."
	case ReadOnly:
		return "This was not stored: the database takes no changes at present. Try again in a moment; if it stays so, tell your administrator."
	case Failing:
		return "This was not stored: the disk of the database cannot be used. Tell your administrator, then send it again."
	case Busy, Crowded:
		return "The database is busy. Try again in a moment."
	}
	return "A server that is needed cannot be reached now. Try again in a moment."
}

// Explain tells whoever keeps the system, in a sentence or two, why its database
// does not work and what to do; "" where that is not what err says. Nothing of err's
// own text is in it.
func Explain(db *gorm.DB, err error) string {
	postgres := IsPostgres(db)
	where := "the data folder"
	if postgres {
		where = "the database at " + Address(db)
	}
	trouble := TroubleOf(err)
	if trouble == NoTrouble && !errors.Is(err, ErrUnavailable) {
		return ""
	}
	switch trouble {
	case Full:
		return fmt.Sprintf("The disk of %s is full, or what we may use of it: nothing is stored and no run goes on. Make room there; everything goes on by itself then.", where)
	case ReadOnly:
		return fmt.Sprintf("%s takes no changes: it is read-only, or a standby. Nothing is stored and no run goes on until it takes them again.", capital(where))
	case Failing:
		return fmt.Sprintf("The disk of %s cannot be read or written. Look at the disk, its quota and its rights; everything goes on by itself then.", where)
	case Busy:
		return fmt.Sprintf("%s is busy: somebody else holds what is needed. It goes on by itself.", capital(where))
	case Crowded:
		return fmt.Sprintf("%s has no connection or no memory left for us. End what uses them up, or raise its limits.", capital(where))
	case Closed:
		return closed(db, err)
	}
	if !postgres {
		return "The embedded database in the data folder cannot be used. Check the folder's disk and rights."
	}
	return fmt.Sprintf("The database cannot be reached at %s. Start it, or correct DATABASE_URL.", Address(db))
}

func capital(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

// closed says why a PostgreSQL that answers does not let us in.
func closed(db *gorm.DB, err error) string {
	where := "PostgreSQL answers at " + Address(db)
	var answer *pgconn.PgError
	if !errors.As(err, &answer) {
		return where + ", but its encryption cannot be used. Correct sslmode and sslrootcert in DATABASE_URL, or the server's certificate."
	}
	switch answer.Code {
	case "3D000":
		server, _ := read(db) // it was read when the database was opened
		name := server.Database
		return fmt.Sprintf("%s, but has no database %s. Make it: createdb %s", where, name, name)
	case "28P01":
		return where + ", but does not know this user with this password. Correct them in DATABASE_URL."
	case "28000":
		return where + ", but does not let this user in. Correct the user in DATABASE_URL, or allow it in pg_hba.conf."
	case "42704", "22023":
		return where + ", but does not know a parameter in DATABASE_URL, or not its value. Take out what stands there behind the question mark and is not PostgreSQL's own, such as pgbouncer or schema."
	case "42501":
		return where + ", but this user may not connect to the database. Have the right given (GRANT CONNECT), or correct DATABASE_URL."
	}
	return fmt.Sprintf("%s, but does not let us in (SQLSTATE %s). Correct DATABASE_URL.", where, answer.Code)
}
