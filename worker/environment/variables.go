package environment

import (
	"encoding/base64"
	"net/mail"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"workflows/models/address"
)

// Shortest password and token that an administrator may be given.
const (
	minPassword = 12
	minToken    = 32
)

var (
	namespacePattern = regexp.MustCompile(`^[A-Za-z0-9_.-]+$`)
	keyPattern       = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
	subPathPattern   = regexp.MustCompile(`^(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*/?$`)
)

// address reads PORT and BASE_URL. Without a PORT only this machine can reach
// the pages, since nobody has said that others should.
func (r *reader) address() (listen, base string) {
	listen, base = "127.0.0.1:8080", "http://127.0.0.1:8080"
	if r.text("PORT", "") != "" {
		port := strconv.Itoa(r.number("PORT", 8080, 1, 65535))
		listen, base = ":"+port, "http://localhost:"+port
	}
	given := r.text("BASE_URL", "")
	if given == "" {
		return listen, base
	}
	parsed, err := url.Parse(given)
	if err != nil || (parsed.Scheme != "http" && parsed.Scheme != "https") || parsed.Hostname() == "" ||
		parsed.User != nil || strings.ContainsAny(given, "?#") {
		r.wrong("BASE_URL", "https://workflows.example.com", "It is not the address of a website: http:// or https://, a host, and at most a sub-path behind it.")
		return listen, base
	}
	if !subPathPattern.MatchString(parsed.EscapedPath()) {
		r.wrong("BASE_URL", "https://example.com/flows", "What follows the host cannot be a sub-path: it has single slashes, letters, digits, dashes, underscores and dots, and no part begins with a dot.")
		return listen, base
	}
	return listen, parsed.Scheme + "://" + parsed.Host + strings.TrimSuffix(parsed.Path, "/")
}

func (r *reader) databaseURL() string {
	value := r.text("DATABASE_URL", "")
	if value == "" {
		return ""
	}
	if _, err := address.Postgres(value); err != nil {
		// The value stays set, so that a typing error never starts an empty standalone database.
		r.wrong("DATABASE_URL", "postgres://user:password@localhost:5432/workflows?sslmode=disable", "%s", err)
	}
	return value
}

func (r *reader) redisURL(standalone bool) string {
	otherwise := "redis://localhost:6379"
	if standalone {
		otherwise = ""
	}
	value := r.text("REDIS_URL", otherwise)
	if value == "" {
		return ""
	}
	if _, err := address.Redis(value); err != nil {
		r.wrong("REDIS_URL", "redis://localhost:6379", "%s", err)
		return otherwise
	}
	return value
}

func (r *reader) namespace() string {
	value := r.text("REDIS_NAMESPACE", "workflows")
	if len(value) > 64 || !namespacePattern.MatchString(value) {
		r.wrong("REDIS_NAMESPACE", "workflows", "%q may have letters, digits, dots, dashes and underscores only, at most 64.", value)
		return "workflows"
	}
	return value
}

// secretKeys checks the form only; the keys are used by the store of secrets.
func (r *reader) secretKeys() string {
	value := r.text("SECRET_KEYS", "")
	if value == "" {
		return ""
	}
	seen := map[string]bool{}
	for _, part := range strings.Split(value, ",") {
		id, text, _ := strings.Cut(strings.TrimSpace(part), ":")
		key, err := base64.StdEncoding.DecodeString(text)
		if err != nil || len(key) != 32 || len(id) > 32 || !keyPattern.MatchString(id) || seen[id] {
			r.wrong("SECRET_KEYS", "k1:$(openssl rand -base64 32)", "Each key is a name of its own, a colon and 32 random bytes in base64; keys are separated by commas.")
			return ""
		}
		seen[id] = true
	}
	return value
}

func (r *reader) administrator() (email, password string) {
	email, password = strings.ToLower(r.text("ADMIN_EMAIL", "")), r.text("ADMIN_PASSWORD", "")
	if email == "" && password == "" {
		return "", ""
	}
	if parsed, err := mail.ParseAddress(email); err != nil || parsed.Address != email {
		r.wrong("ADMIN_EMAIL", "anna@example.com", "It is not an e-mail address; ADMIN_EMAIL and ADMIN_PASSWORD are set together.")
		return "", ""
	}
	if utf8.RuneCountInString(password) < minPassword {
		r.wrong("ADMIN_PASSWORD", "four-plain-words-do", "It needs %d characters or more; ADMIN_EMAIL and ADMIN_PASSWORD are set together.", minPassword)
		return "", ""
	}
	return email, password
}

func (r *reader) adminToken() string {
	value := r.text("ADMIN_TOKEN", "")
	if value != "" && utf8.RuneCountInString(value) < minToken {
		r.wrong("ADMIN_TOKEN", "$(openssl rand -hex 32)", "It needs %d characters or more.", minToken)
		return ""
	}
	return value
}

// traces reads where to and with what: the headers are NAME=VALUE, separated by commas, the
// values encoded as in addresses (opentelemetry.io/docs/specs/otel/protocol/exporter).
func (r *reader) traces() (endpoint string, headers map[string]string) {
	endpoint = r.text("OTEL_EXPORTER_OTLP_ENDPOINT", "")
	parsed, err := url.Parse(endpoint)
	if endpoint != "" && (err != nil || (parsed.Scheme != "http" && parsed.Scheme != "https") || parsed.Hostname() == "" || parsed.User != nil || strings.ContainsAny(endpoint, "?#")) {
		r.wrong("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318", "It is not the address of a collector that takes OTLP over HTTP: http:// or https://, and a host.")
		endpoint = ""
	}
	for pair := range strings.SplitSeq(r.text("OTEL_EXPORTER_OTLP_HEADERS", ""), ",") {
		if pair = strings.TrimSpace(pair); pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		value, err := url.PathUnescape(strings.TrimSpace(value))
		if name = strings.TrimSpace(name); err != nil || !keyPattern.MatchString(name) || strings.ContainsAny(value, "\r\n") {
			r.wrong("OTEL_EXPORTER_OTLP_HEADERS", "x-api-key=abc,x-team=ops", "Each header is a name, = and a value encoded as in addresses; headers are separated by commas.")
			return endpoint, nil
		}
		if headers == nil {
			headers = map[string]string{}
		}
		headers[name] = value
	}
	return endpoint, headers
}

func (r *reader) mail() (server, from string) {
	server, from = r.text("SMTP_URL", ""), r.text("MAIL_FROM", "")
	if server != "" {
		if _, err := address.Mail(server); err != nil {
			r.wrong("SMTP_URL", "smtp://user:password@mail.example.com:587", "%s", err)
			server = ""
		}
	}
	if _, err := mail.ParseAddress(from); err != nil && (from != "" || server != "") {
		r.wrong("MAIL_FROM", "Workflows <workflows@example.com>", "It is not an e-mail address; mail needs one to be sent from.")
		from = ""
	}
	return server, from
}
