package auth_test

import (
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"testing"

	"workflows/app/auth"
	"workflows/app/web"
	"workflows/models"
	"workflows/models/modelstest"
)

const right = "four plain words do"

func newSessions(t *testing.T) *auth.Sessions {
	t.Helper()
	db := modelstest.SQLite(t)
	s, err := auth.NewSessions(auth.Options{DB: db, Log: slog.New(slog.DiscardHandler), Now: models.Now})
	if err != nil {
		t.Fatal(err)
	}
	hash, err := auth.NewPasswords().Hash(t.Context(), right)
	if err != nil {
		t.Fatal(err)
	}
	anna := models.User{ID: models.NewID(), Email: "anna@example.com", PasswordHash: hash, Role: string(auth.Viewer), CreatedAt: models.Now()}
	if err := models.CreateUser(t.Context(), db, &anna); err != nil {
		t.Fatal(err)
	}
	ctx := models.WithActor(t.Context(), models.Actor{Kind: models.ActorPerson, ID: anna.ID, Address: "198.51.100.7"})
	if err := models.Record(ctx, db, models.Act{Action: "user.signed_in", ObjectKind: "user", ObjectID: anna.ID}); err != nil {
		t.Fatal(err)
	}
	return s
}

func tooOften(err error) bool {
	var failure *web.Failure
	return errors.As(err, &failure) && failure.Status == 429 && failure.RetryAfter > 0
}

func TestNobodyCanKeepAPersonOut(t *testing.T) {
	s := newSessions(t)
	refused := 0
	for range 12 {
		if tooOften(s.Try(t.Context(), "203.0.113.9", "anna@example.com")) {
			refused++
		}
	}
	if refused != 2 {
		t.Errorf("of twelve tries from one place %d were refused", refused)
	}
	if _, err := s.Check(t.Context(), "198.51.100.8", "anna@example.com", right); err != nil {
		t.Errorf("from another place the right password is refused: %v", err)
	}
	for i := range 200 {
		_ = s.Try(t.Context(), fmt.Sprintf("203.0.113.%d", 10+i/8), "anna@example.com")
	}
	if _, err := s.Check(t.Context(), "192.0.2.44", "anna@example.com", right); !tooOften(err) {
		t.Errorf("guessing from many places goes on: %v", err)
	}
	if _, err := s.Check(t.Context(), "198.51.100.7", "anna@example.com", right); err != nil {
		t.Errorf("where they have signed in before, the right password is refused: %v", err)
	}
}

func TestANetworkOfIPv6IsOnePlace(t *testing.T) {
	s := newSessions(t)
	refused := 0
	for i := range 40 {
		if tooOften(s.Try(t.Context(), fmt.Sprintf("2001:db8:0:1::%x", i), fmt.Sprintf("a%d@example.com", i))) {
			refused++
		}
	}
	if refused < 9 {
		t.Errorf("of forty tries from one network %d were refused", refused)
	}
	if err := s.Try(t.Context(), "2001:db8:0:2::1", "a@example.com"); err != nil {
		t.Errorf("another network is refused: %v", err)
	}
}

func TestLimitsRememberNothingOfWhatWasTyped(t *testing.T) {
	s := newSessions(t)
	held := func() int64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	try := func(from, to int) {
		for i := from; i < to; i++ {
			if err := s.Try(t.Context(), fmt.Sprintf("203.0.113.%d", i/20), fmt.Sprint(i)+strings.Repeat("a", 250_000)); err != nil {
				t.Fatal(err)
			}
		}
	}
	try(0, 20)
	before := held()
	try(20, 120)
	if grown := held() - before; grown > 5<<20 { // the addresses alone are 25 MB
		t.Errorf("a hundred tries hold %d kB", grown>>10)
	}
	runtime.KeepAlive(s)
}
