package query

import (
	"maps"
	"net"
	"net/url"
	"slices"
	"strings"
)

// Address says where a database lies and who asks.
type Address struct {
	isPostgres                 bool
	host, port, name           string
	user, password, encryption string
}

const addressForm = "Store it again under Settings, Secrets: it looks like postgres://user:password@db.example.com:5432/shop, or begins with mysql:// or mariadb://. In user name and password write @ as %40, : as %3A, / as %2F, ? as %3F, # as %23 and % as %25."

// ParseAddress reads the value of a secret; what is wrong with it is said without it.
func ParseAddress(value string) (Address, error) {
	parsed, err := url.Parse(strings.TrimSpace(value))
	if err != nil || parsed.Hostname() == "" || parsed.Opaque != "" {
		return Address{}, permanent("invalid_connection", "The secret holds no address of a database. "+addressForm)
	}
	a := Address{host: parsed.Hostname(), port: parsed.Port(), name: strings.Trim(parsed.Path, "/"), user: parsed.User.Username()}
	a.password, _ = parsed.User.Password()
	switch parsed.Scheme {
	case "postgres", "postgresql":
		a.isPostgres = true
	case "mysql", "mariadb":
	default:
		return Address{}, permanent("invalid_connection", "The secret holds an address of another kind than PostgreSQL, MySQL and MariaDB. "+addressForm)
	}
	if a.name == "" || strings.ContainsAny(a.host, ",/") {
		return Address{}, permanent("invalid_connection", "The address in the secret needs one server and the name of a database. "+addressForm)
	}
	if a.port == "" {
		a.port = map[bool]string{true: "5432", false: "3306"}[a.isPostgres]
	}
	return a.encrypted(parsed.Query())
}

// encrypted reads the only parameter that is known: files of this machine, other
// servers and the like are nothing that a secret may name.
func (a Address) encrypted(parameters url.Values) (Address, error) {
	name := map[bool]string{true: "sslmode", false: "tls"}[a.isPostgres]
	allowed := map[bool][]string{true: {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}, false: {"false", "preferred", "skip-verify", "true"}}[a.isPostgres]
	for given := range maps.Keys(parameters) {
		if given != name || !slices.Contains(allowed, parameters.Get(name)) {
			return a, permanent("invalid_connection", "The address in the secret has a parameter that is not known. Only "+name+" is: "+strings.Join(allowed, ", ")+".")
		}
	}
	if a.encryption = parameters.Get(name); a.encryption == "" {
		a.encryption = allowed[map[bool]int{true: 2, false: 1}[a.isPostgres]]
	}
	return a, nil
}

func (a Address) target() string { return net.JoinHostPort(a.host, a.port) }
