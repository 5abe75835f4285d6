package environment

import (
	"strings"

	"workflows/models/address"
)

// Secrets are the parts of the settings that no log and no terminal may show, by
// what they belong to. What a password file or a service file gives to DATABASE_URL
// is among them.
func (s Settings) Secrets() map[string]string {
	found := map[string]string{"ADMIN_PASSWORD": s.AdminPassword, "ADMIN_TOKEN": s.AdminToken}
	for _, part := range strings.Split(s.SecretKeys, ",") {
		id, key, _ := strings.Cut(strings.TrimSpace(part), ":")
		found["SECRET_KEYS "+id] = key
	}
	for name, value := range s.TracesHeaders {
		found["OTEL_EXPORTER_OTLP_HEADERS "+name] = value
	}
	for variable, read := range map[string]func() (address.Server, error){
		"DATABASE_URL": func() (address.Server, error) { return address.Postgres(s.DatabaseURL) },
		"REDIS_URL":    func() (address.Server, error) { return address.Redis(s.RedisURL) },
		"SMTP_URL":     func() (address.Server, error) { return address.Mail(s.SMTPURL) },
	} {
		server, err := read()
		if err != nil {
			continue // refused, or not set
		}
		for i, secret := range server.Secrets() {
			found[variable+strings.Repeat("'", i)] = secret
		}
	}
	return found
}
