// Package address reads where servers are, as DATABASE_URL, REDIS_URL and SMTP_URL
// say it, and knows what of that may be shown: never a password.
//
// Each kind of address has one reader, the one that connects. Before it reads a
// text, a text is refused in which others, or people, would find the host elsewhere:
// a part of a password would be taken for the host and shown.
//
// It imports nothing of ours, and its errors are sentences for people that repeat
// nothing of what was read.
package address

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Server is where one server is.
type Server struct {
	Scheme string
	// Host is its name or IP address, or the folder of a PostgreSQL's socket.
	Host string
	Port int
	// Database is a name, or the number of a Redis as it was written; "" when the
	// address names none.
	Database       string
	User, Password string

	further []string // other hosts of a PostgreSQL, with their ports
	secrets []string // passwords for other purposes
}

// String is what may be shown to anybody: how, host, port and database.
func (s Server) String() string {
	if strings.HasPrefix(s.Host, "/") {
		return fmt.Sprintf("%s:///%s?host=%s&port=%d", s.Scheme, url.PathEscape(s.Database), s.Host, s.Port)
	}
	shown := s.Scheme + "://" + strings.Join(append([]string{s.Dial()}, s.further...), ",")
	if s.Database != "" {
		shown += "/" + url.PathEscape(s.Database)
	}
	return shown
}

// Dial is the host and port to connect to.
func (s Server) Dial() string { return net.JoinHostPort(s.Host, strconv.Itoa(s.Port)) }

// Secrets are the passwords of the address. One that is also a name in it, as in
// postgres:postgres, hides nothing, and is shown wherever the name is.
func (s Server) Secrets() []string {
	names := []string{"", s.Scheme, s.Host, s.Database, s.User}
	return slices.DeleteFunc(append([]string{s.Password}, s.secrets...), func(secret string) bool { return slices.Contains(names, secret) })
}

// Problem is why an address cannot be used, in a sentence for people.
type Problem string

func (p Problem) Error() string { return string(p) }

// Unclear is the problem of an address that can be read in several ways.
const Unclear Problem = "It can be read in more than one way. A password with @ : / ? # % or a space is written percent-encoded (@ as %40, # as %23, % as %25)."

// split checks that only one reading of an address is possible, and returns what
// stands between the scheme and the path, and what comes after that.
func split(text string, otherwise Problem, schemes ...string) (scheme, authority, rest string, err error) {
	scheme, rest, found := strings.Cut(text, "://")
	if !found || !slices.Contains(schemes, scheme) {
		return "", "", "", otherwise
	}
	authority = rest
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		authority, rest = rest[:end], rest[end:]
	} else {
		rest = ""
	}
	if strings.ContainsAny(rest, "@#") || strings.ContainsFunc(text, unicode.IsSpace) || !escaped(text) {
		return "", "", "", Unclear
	}
	return scheme, authority, rest, nil
}

// escaped reports whether each % begins a byte in two hexadecimal digits.
func escaped(text string) bool {
	_, err := url.PathUnescape(text)
	return err == nil
}
