package address

import (
	"cmp"
	"net/url"
	"strconv"
	"strings"
)

const (
	notRedis Problem = "It is not the address of a Redis server. Write it as redis://localhost:6379 or rediss://:password@host:6380."
	notMail  Problem = "It is not the address of a mail server. Write it as smtp://user:password@host:587 or smtps://user:password@host:465." // #nosec G101 -- an example for people
)

// Redis reads the address of a Redis server; Database is a number or "".
func Redis(text string) (Server, error) {
	s, err := read(text, notRedis, map[string]int{"redis": 6379, "rediss": 6379})
	if err != nil {
		return Server{}, err
	}
	if number, err := strconv.Atoi(cmp.Or(s.Database, "0")); err != nil || number < 0 {
		return Server{}, notRedis
	}
	return s, nil
}

// Mail reads the address of a mail server.
func Mail(text string) (Server, error) {
	s, err := read(text, notMail, map[string]int{"smtp": 587, "smtps": 465})
	s.Database = "" // a path means nothing there
	return s, err
}

// read is for kinds whose reader is net/url: whoever connects is told what it has
// read. It ends the password at the last @, so that one in it, as in the user names of
// many mail servers, is read rightly.
func read(text string, otherwise Problem, ports map[string]int) (Server, error) {
	scheme, rest, _ := strings.Cut(text, "://")
	scheme = strings.ToLower(scheme)
	if ports[scheme] == 0 {
		return Server{}, otherwise
	}
	_, authority, _, err := split(scheme+"://"+rest, otherwise, scheme)
	if err != nil {
		return Server{}, err
	}
	parsed, err := url.Parse(text)
	switch {
	case err != nil && !readable(authority):
		return Server{}, Unclear
	case err != nil || parsed.Hostname() == "":
		return Server{}, otherwise
	}
	port := ports[scheme]
	if parsed.Port() != "" {
		if port, err = strconv.Atoi(parsed.Port()); err != nil || port < 1 || port > 65535 {
			return Server{}, otherwise
		}
	}
	s := Server{Scheme: scheme, Host: parsed.Hostname(), Port: port, Database: strings.Trim(parsed.Path, "/"), User: parsed.User.Username()}
	s.Password, _ = parsed.User.Password()
	return s, nil
}

// readable reports whether net/url can read the user and the password.
func readable(authority string) bool {
	at := strings.LastIndex(authority, "@")
	_, err := url.Parse("any://" + authority[:at+1] + "host")
	return err == nil
}
