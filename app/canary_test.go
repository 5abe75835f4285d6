package main

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"

	"workflows/models/modelstest"
	"workflows/worker/environment"
	"workflows/worker/secrets"
)

// Each part of each secret here holds this word, which nothing else does.
const passwordCanary = "xcanaryx"

// hostile are addresses that PostgreSQL, or what stands in its place, fails in one
// way each.
func hostile(t *testing.T) map[string]string {
	t.Helper()
	closed, err := modelstest.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	other, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Close() })
	go func() {
		for {
			connection, err := other.Accept()
			if err != nil {
				return
			}
			fmt.Fprint(connection, "HTTP/1.1 400 Bad Request\r\n\r\n")
			_ = connection.Close()
		}
	}()
	secret := "u:" + passwordCanary + "%40" + passwordCanary + "@"
	addresses := map[string]string{
		"refused":      fmt.Sprintf("postgres://%s127.0.0.1:%d/db", secret, closed),
		"several":      fmt.Sprintf("postgres://%s127.0.0.1:%d,127.0.0.1:%d/db", secret, closed, closed),
		"socket":       "postgres://" + secret + "/db?host=/nowhere",
		"other server": "postgres://" + secret + other.Addr().String() + "/db?sslmode=disable",
		"other TLS":    "postgres://" + secret + other.Addr().String() + "/db?sslmode=require&sslpassword=" + passwordCanary,
		"query":        fmt.Sprintf("postgres://127.0.0.1:%d/db?user=u&password=%s", closed, passwordCanary),
	}
	if modelstest.Find("postgres") == "" {
		return addresses
	}
	_, url := modelstest.Postgres(t)
	host := url[strings.Index(url, "@")+1 : strings.LastIndex(url, "/")]
	addresses["no such user"] = "postgres://" + secret + host + "/postgres?sslmode=disable"
	secret = "test:" + passwordCanary + "@"
	addresses["no such database"] = "postgres://" + secret + host + "/nowhere?sslmode=disable"
	addresses["parameter"] = "postgres://" + secret + host + "/postgres?sslmode=disable&pgbouncer=true"
	addresses["no encryption"] = "postgres://" + secret + host + "/postgres?sslmode=require"
	return addresses
}

func TestNoPasswordOfTheConfigurationIsShownWhateverFails(t *testing.T) {
	for name, database := range hostile(t) {
		t.Run(name, func(t *testing.T) {
			settings, problems := environment.Load(func(variable string) (string, bool) {
				value, ok := map[string]string{
					"DATABASE_URL": database, "REDIS_URL": "redis://:" + passwordCanary + "@127.0.0.1:1", "SECRET_KEYS": secrets.NewKey("k1"),
					"SMTP_URL": "smtp://u:" + passwordCanary + "@127.0.0.1:1", "MAIL_FROM": "a@example.com",
					"ADMIN_EMAIL": "a@example.com", "ADMIN_PASSWORD": passwordCanary + passwordCanary, "ADMIN_TOKEN": strings.Repeat(passwordCanary, 5),
				}[variable]
				return value, ok
			})
			if len(problems) > 0 {
				t.Fatal(environment.Explain(problems))
			}
			base, out, log, stop := program(t, settings)
			modelstest.Eventually(t, "the page says what is wrong", func() bool {
				_, body := get(t, base+"/")
				return strings.Contains(body, "PostgreSQL answers") || strings.Contains(body, "cannot be reached")
			})
			var shown strings.Builder
			for _, path := range []string{"/", "/login", "/readyz", "/healthz", "/api/v1/health", "/metrics", "/api/v1/runs", "/hooks/x"} {
				_, body := get(t, base+path)
				shown.WriteString(body)
			}
			if !strings.Contains(shown.String(), "DATABASE_URL") && !strings.Contains(shown.String(), "createdb") {
				t.Errorf("no page says what to do: %s", shown.String())
			}
			for _, asJSON := range []bool{false, true} {
				var said bytes.Buffer
				if err := examine(t.Context(), settings, asJSON, &said); !errors.Is(err, errUnwell) {
					t.Errorf("the doctor found %v", err)
				}
				shown.WriteString(said.String())
			}
			var ended bytes.Buffer
			environment.Complain(migrate(t.Context(), settings, &ended), &ended, secrets.Knowing(nil).Writer)
			if err := stop(); err != nil {
				t.Error(err)
			}
			for _, text := range []string{shown.String(), out.String(), log.String(), ended.String()} {
				if at := strings.Index(text, passwordCanary); at >= 0 {
					t.Errorf("a password is shown: %s", text[max(0, at-200):min(len(text), at+100)])
				}
			}
		})
	}
}
