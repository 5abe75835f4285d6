package outward_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"workflows/models/outward"
)

func TestTextsOfLibrariesLoseWhatTheyWereGiven(t *testing.T) {
	broken := strings.Replace("postgres://u:can%zzary@h:PORT/x", "PORT", "canary", 1)
	_, parsing := url.Parse(broken)
	_, escaping := url.ParseQuery("canary=%zzcanary")
	_, calling := http.Get("http://127.0.0.1:1/canary?token=canary")
	_, reading := pgconn.ParseConfig("postgres://u:p@h:1x/canary?sslmode=canary")
	_, number := strconv.Atoi("canary")
	config, err := pgconn.ParseConfig("postgres://canary:canary@127.0.0.1:1/canary")
	if err != nil {
		t.Fatal(err)
	}
	_, connecting := pgconn.ConnectConfig(t.Context(), config)
	refused := &pgconn.PgError{Code: "22P02", Message: `invalid input syntax for type json: "canary"`}
	for _, inner := range []error{parsing, escaping, calling, reading, number, connecting, refused} {
		if inner == nil {
			t.Fatal("nothing has failed")
		}
		whole := fmt.Errorf("while we tried: %w", errors.Join(errors.New("first"), fmt.Errorf("deeper: %w", inner)))
		said := outward.Error(whole)
		if strings.Contains(said, "canary") || !strings.HasPrefix(said, "while we tried: first") {
			t.Errorf("%T: %s", inner, said)
		}
	}
	if said := outward.Error(fmt.Errorf("x: %w", calling)); !strings.Contains(said, "http://127.0.0.1:1: ") || !strings.Contains(said, "refused") {
		t.Errorf("it does not say what was tried and what happened: %s", said)
	}
	if said := outward.Error(errors.New("our own")); said != "our own" || outward.Error(nil) != "" {
		t.Error(said)
	}
}
