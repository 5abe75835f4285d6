package address

import (
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

const (
	notPostgres  Problem = "It is not the address of a PostgreSQL database. Write it as postgres://user:password@host:port/database."
	badParameter Problem = "PostgreSQL's parameters in it cannot be used. Check the ports, and what stands behind the question mark (such as sslmode, or the files that it names)."
)

// Postgres reads the address of a PostgreSQL database as pgx does: also several
// hosts, a socket's folder (?host=/var/run/postgresql), a service, a password file.
// The other form of such addresses, host=… user=…, is not taken: one is enough to
// read rightly.
func Postgres(text string) (Server, error) {
	scheme, authority, rest, err := split(text, notPostgres, "postgres", "postgresql")
	if err != nil {
		return Server{}, err
	}
	// libpq, and pgx with it, end the password at the first @, most others at the last.
	if strings.Count(authority, "@") > 1 {
		return Server{}, Unclear
	}
	_, query, _ := strings.Cut(rest, "?")
	if host := authority[strings.LastIndex(authority, "@")+1:]; host == "" && !strings.Contains(query, "host=") {
		return Server{}, notPostgres
	}
	config, err := pgconn.ParseConfig(text)
	if err != nil {
		return Server{}, badParameter // its own text quotes the address
	}
	s := Server{Scheme: scheme, Host: config.Host, Port: int(config.Port), Database: config.Database, User: config.User, Password: config.Password}
	for _, other := range config.Fallbacks { // the same host comes again with and without TLS
		at := net.JoinHostPort(other.Host, strconv.Itoa(int(other.Port)))
		if at != s.Dial() && !slices.Contains(s.further, at) {
			s.further = append(s.further, at)
		}
	}
	if values, err := url.ParseQuery(query); err == nil {
		s.secrets = append(values["sslpassword"], values["password"]...)
	}
	return s, nil
}
