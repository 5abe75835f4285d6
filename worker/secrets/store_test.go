package secrets_test

import (
	"bytes"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/worker/secrets"
)

// vault is a process with these SECRET_KEYS on this database.
func vault(t *testing.T, db *gorm.DB, entries ...string) *secrets.Store {
	t.Helper()
	return &secrets.Store{DB: db, Keys: keys(t, entries...), Redactor: &secrets.Redactor{}, Log: slog.New(slog.DiscardHandler)}
}

func put(t *testing.T, s *secrets.Store, name string, values ...string) {
	t.Helper()
	for _, value := range values {
		if _, err := s.Put(t.Context(), name, value, "anna"); err != nil {
			t.Fatal(err)
		}
	}
}

// lost has a text of a secret opened by nobody, as after the loss of its key.
func lost(t *testing.T, db *gorm.DB, name string, change func(*models.Secret)) {
	t.Helper()
	rows, err := models.SecretsByName(t.Context(), db, []string{name})
	if err != nil || len(rows) != 1 {
		t.Fatal(rows, err)
	}
	row := rows[0]
	change(&row)
	if done, err := models.ResealSecret(t.Context(), db, rows[0], row); err != nil || !done {
		t.Fatal(done, err)
	}
}

func stored(t *testing.T, db *gorm.DB, name string) models.Secret {
	t.Helper()
	rows, err := models.SecretsByName(t.Context(), db, []string{name})
	if err != nil || len(rows) != 1 {
		t.Fatal(rows, err)
	}
	return rows[0]
}

// learned is what a process that begins now takes out of texts.
func learned(t *testing.T, db *gorm.DB, log *bytes.Buffer, entries ...string) *secrets.Redactor {
	t.Helper()
	s := vault(t, db, entries...)
	s.Log = slog.New(slog.NewTextHandler(log, nil))
	if err := s.Learn(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s.Redactor
}

func TestAPreviousValueThatNobodyCanReadStopsNothing(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		ctx := t.Context()
		k1, k2 := secrets.NewKey("k1"), secrets.NewKey("k2")
		put(t, vault(t, db, k1), "HOOK", "value-one")
		both := vault(t, db, k2, k1)
		put(t, both, "HOOK", "value-two")
		put(t, both, "OTHER", "another-value")
		lone := vault(t, db, k2) // k1 is lost
		if accepted, err := lone.Accepted(ctx, "HOOK"); err != nil || !slices.Equal(accepted, []string{"value-two"}) {
			t.Errorf("signatures are checked with %v, %v", accepted, err)
		}
		if lone.Redactor.Text("value-two") == "value-two" {
			t.Error("what signatures are checked with is not taken out")
		}
		var log bytes.Buffer
		redactor := learned(t, db, &log, k2)
		if clean := redactor.Text("value-two another-value"); clean != "[secret HOOK] [secret OTHER]" {
			t.Errorf("a process that begins now writes %q", clean)
		}
		if !strings.Contains(log.String(), "HOOK") || strings.Contains(log.String(), "OTHER") {
			t.Errorf("the log says %s", log.String())
		}
		if gone, err := lone.Forget(ctx); err != nil || len(gone) != 0 {
			t.Errorf("giving up the lost key: %v, %v", gone, err)
		}
		if row := stored(t, db, "HOOK"); row.PreviousSealed != "" || row.PreviousUntil != nil {
			t.Errorf("what nobody can read is kept: %+v", row)
		}
		if err := lone.Keys.Guard(ctx, db, models.Now()); err != nil {
			t.Error(err)
		}
	})
}

func TestASecretThatNobodyCanReadDoesNotHideTheOthers(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		k1, k2 := secrets.NewKey("k1"), secrets.NewKey("k2")
		s := vault(t, db, k1)
		put(t, s, "A", "value-one")
		put(t, s, "B", "value-of-b")
		lost(t, db, "A", func(row *models.Secret) { row.Sealed = "v1.k0." })
		var log bytes.Buffer
		if clean := learned(t, db, &log, k1).Text("value-of-b"); clean != "[secret B]" {
			t.Errorf("a process that begins now writes %q", clean)
		}
		both := vault(t, db, k2, k1)
		_, err := both.Rotate(t.Context())
		if said := (*models.ConflictError)(nil); !errors.As(err, &said) || !strings.Contains(said.Message, "A") {
			t.Errorf("the rotation says %v", err)
		}
		if id := secrets.KeyOf(stored(t, db, "B").Sealed); id != "k2" {
			t.Errorf("the one that can be read is still encrypted with %s", id)
		}
		// Entered again, as people are asked to.
		put(t, both, "A", "value-two")
		if row := stored(t, db, "A"); row.PreviousSealed != "" || row.PreviousUntil != nil {
			t.Errorf("what nobody can read became the value before: %+v", row)
		}
		if _, err := both.Rotate(t.Context()); err != nil {
			t.Error(err)
		}
		if accepted, err := both.Accepted(t.Context(), "A"); err != nil || !slices.Equal(accepted, []string{"value-two"}) {
			t.Errorf("signatures are checked with %v, %v", accepted, err)
		}
	})
}

func TestRotationDropsAPreviousValueThatIsOfNoUse(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		k1, k2 := secrets.NewKey("k1"), secrets.NewKey("k2")
		s := vault(t, db, k1)
		for _, name := range []string{"EXPIRED", "UNREADABLE", "GOOD"} {
			put(t, s, name, "value-one", "value-two")
		}
		past := models.Now().Add(-time.Minute)
		lost(t, db, "EXPIRED", func(row *models.Secret) { row.PreviousUntil = &past })
		lost(t, db, "UNREADABLE", func(row *models.Secret) { row.PreviousSealed = "v1.k0.AAAA" })
		var log bytes.Buffer
		if clean := learned(t, db, &log, k1).Text("value-one"); clean == "value-one" || log.Len() == 0 {
			t.Errorf("%q, %q", clean, log.String())
		}
		both := vault(t, db, k2, k1)
		if count, err := both.Rotate(t.Context()); err != nil || count != 3 {
			t.Errorf("encrypted again: %d, %v", count, err)
		}
		for _, name := range []string{"EXPIRED", "UNREADABLE"} {
			if row := stored(t, db, name); row.PreviousSealed != "" || row.PreviousUntil != nil {
				t.Errorf("%s still has a value before: %+v", name, row)
			}
		}
		if accepted, err := vault(t, db, k2).Accepted(t.Context(), "GOOD"); err != nil || !slices.Equal(accepted, []string{"value-two", "value-one"}) {
			t.Errorf("signatures are checked with %v, %v", accepted, err)
		}
		if err := keys(t, k2).Guard(t.Context(), db, models.Now()); err != nil {
			t.Error(err)
		}
	})
}

func TestAPreviousValueWithoutAnEndIsNotAccepted(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		s := vault(t, db, secrets.NewKey("k1"))
		put(t, s, "HOOK", "value-one", "value-two")
		lost(t, db, "HOOK", func(row *models.Secret) { row.PreviousUntil = nil })
		if accepted, err := s.Accepted(t.Context(), "HOOK"); err != nil || !slices.Equal(accepted, []string{"value-two"}) {
			t.Errorf("signatures are checked with %v, %v", accepted, err)
		}
	})
}

// A process with the old SECRET_KEYS that still runs after the rotation stores a
// secret: the next start must say that the old key is needed.
func TestASecretStoredWithAnOldKeyAfterTheRotationIsNotLostSilently(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		ctx, now := t.Context(), models.Now()
		k1, k2 := secrets.NewKey("k1"), secrets.NewKey("k2")
		web := vault(t, db, k1)
		put(t, web, "A", "value-one")
		rotating := vault(t, db, k2, k1)
		if err := rotating.Keys.Guard(ctx, db, now); err != nil {
			t.Fatal(err)
		}
		if _, err := rotating.Rotate(ctx); err != nil {
			t.Fatal(err)
		}
		if err := keys(t, k2).Guard(ctx, db, now); err != nil {
			t.Fatalf("after the rotation the old key is needed still: %v", err)
		}
		put(t, web, "B", "written-with-k1") // not restarted yet
		if err := keys(t, k2).Guard(ctx, db, now); err == nil {
			t.Error("a process without the key of a stored secret starts without a complaint")
		}
		if count, err := rotating.Rotate(ctx); err != nil || count != 1 {
			t.Errorf("encrypted again: %d, %v", count, err)
		}
		if err := keys(t, k2).Guard(ctx, db, now); err != nil {
			t.Error(err)
		}
		if values, err := vault(t, db, k2).Values(ctx, []string{"A", "B"}); err != nil || values["B"] != "written-with-k1" || values["A"] != "value-one" {
			t.Errorf("the values are %v, %v", values, err)
		}
	})
}

func TestAKeyThatIsNotTheNotedOneStoresNothing(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		put(t, vault(t, db, secrets.NewKey("k1")), "A", "value-one")
		_, err := vault(t, db, secrets.NewKey("k1")).Put(t.Context(), "B", "value-of-b", "")
		if !errors.Is(err, models.ErrConflict) {
			t.Errorf("got %v", err)
		}
		if rows, err := models.ListSecrets(t.Context(), db); err != nil || len(rows) != 1 {
			t.Errorf("%d secrets, %v", len(rows), err)
		}
	})
}

func TestEachRotationIsInTheAuditLogWithWhatItDid(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		k1, k2 := secrets.NewKey("k1"), secrets.NewKey("k2")
		put(t, vault(t, db, k1), "A", "value-one", "value-two")
		if _, err := vault(t, db, k2, k1).Rotate(t.Context()); err != nil {
			t.Fatal(err)
		}
		events, _, err := models.ListAuditEvents(t.Context(), db, models.AuditFilter{Action: "secret.rotated", Limit: 10})
		if err != nil || len(events) != 1 || !strings.Contains(string(events[0].After), `"encrypted_again":1`) && !strings.Contains(string(events[0].After), `"encrypted_again": 1`) {
			t.Errorf("the audit log says %+v, %v", events, err)
		}
	})
}

func TestAnEndedPreviousValueDoesNotComeBack(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		s := vault(t, db, secrets.NewKey("k1"))
		put(t, s, "HOOK", "value-one", "value-two")
		read := stored(t, db, "HOOK") // a rotation reads
		if err := s.EndPrevious(t.Context(), "HOOK"); err != nil {
			t.Fatal(err)
		}
		if done, err := models.ResealSecret(t.Context(), db, read, read); err != nil || done { // and writes
			t.Errorf("it was written over what has changed: %v, %v", done, err)
		}
		if row := stored(t, db, "HOOK"); row.PreviousSealed != "" {
			t.Error("the ended value is back")
		}
	})
}

func TestStoringTheSameValueAgainKeepsTheDayOfGrace(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		s := vault(t, db, secrets.NewKey("k1"))
		start := models.Now()
		s.Now = func() time.Time { return start }
		put(t, s, "HOOK", "value-one", "value-two")
		until := stored(t, db, "HOOK").PreviousUntil
		s.Now = func() time.Time { return start.Add(time.Hour) }
		put(t, s, "HOOK", "value-two") // pressed twice
		if accepted, err := s.Accepted(t.Context(), "HOOK"); err != nil || !slices.Equal(accepted, []string{"value-two", "value-one"}) {
			t.Errorf("signatures are checked with %v, %v", accepted, err)
		}
		if again := stored(t, db, "HOOK").PreviousUntil; again == nil || !again.Equal(*until) {
			t.Errorf("the value before is accepted until %v, not %v", again, until)
		}
		s.Now = func() time.Time { return start.Add(25 * time.Hour) }
		put(t, s, "HOOK", "value-two")
		if row := stored(t, db, "HOOK"); row.PreviousSealed != "" || row.PreviousUntil != nil {
			t.Errorf("a value that is past is kept: %+v", row)
		}
	})
}

func TestASecretIsCalledByANameOf63CharactersAtMost(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		store := vault(t, db, secrets.NewKey("k1"))
		if _, err := store.Put(t.Context(), strings.Repeat("A", 63), "x", ""); err != nil {
			t.Error(err)
		}
		for _, name := range []string{strings.Repeat("A", 64), "1A", "_A", "A-B", "Ä", ""} {
			_, err := store.Put(t.Context(), name, "x", "")
			if invalid := (*models.InvalidError)(nil); !errors.As(err, &invalid) || len(invalid.Fields) != 1 || invalid.Fields[0].Path != "name" {
				t.Errorf("%q: %v", name, err)
			}
		}
	})
}

func TestABlankValueIsNone(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		for _, value := range []string{" ", "\n\t ", "\u00a0\u2003"} {
			_, err := vault(t, db, secrets.NewKey("k1")).Put(t.Context(), "A", value, "")
			if invalid := (*models.InvalidError)(nil); !errors.As(err, &invalid) || len(invalid.Fields) != 1 || invalid.Fields[0].Path != "value" {
				t.Errorf("%q: %v", value, err)
			}
		}
	})
}

// Whatever the order in which two processes come: once no older key is noted, the
// first one opens everything.
func TestWhoStoresDuringARotationLosesNothing(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		ctx := t.Context()
		k1, k2 := secrets.NewKey("k1"), secrets.NewKey("k2")
		web, rotating := vault(t, db, k1), vault(t, db, k2, k1)
		names := []string{"A", "B", "C", "D"}
		for round := range 8 {
			var both sync.WaitGroup
			for _, name := range names[:round%len(names)+1] {
				both.Go(func() {
					if _, err := web.Put(ctx, name, "value-of-"+name, ""); err != nil {
						t.Error(err)
					}
				})
			}
			both.Go(func() {
				if _, err := rotating.Rotate(ctx); err != nil {
					t.Error(err)
				}
			})
			both.Wait()
			if keys(t, k2).Guard(ctx, db, models.Now()) != nil {
				continue // the start is refused as long as k1 is missing
			}
			if _, err := vault(t, db, k2).Values(ctx, names); err != nil {
				t.Fatalf("round %d: the old key is not asked for, and %v", round, err)
			}
		}
	})
}

func TestSecretsOfOneNameThatAreNewEachGetTheirOwn(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		s, key := vault(t, db, secrets.NewKey("k1")), "CHAT"
		put(t, s, key, "the first value")
		var all sync.WaitGroup
		for _, value := range []string{"a second value", "a third value", "a fourth value"} {
			all.Go(func() {
				if _, err := s.PutNew(t.Context(), key, value, "anna"); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		seen := map[string]bool{}
		for _, name := range []string{"CHAT", "CHAT_2", "CHAT_3", "CHAT_4"} {
			row := stored(t, db, name)
			value, err := s.Keys.Open("secret/"+name, row.Sealed)
			if err != nil || seen[value] || row.PreviousSealed != "" {
				t.Errorf("%s holds %q, %v", name, value, err)
			}
			seen[value] = true
		}
	})
}
