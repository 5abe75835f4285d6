package secrets_test

import (
	"errors"
	"strings"
	"testing"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/worker/secrets"
)

// keys parses SECRET_KEYS of these entries.
func keys(t *testing.T, entries ...string) *secrets.Keys {
	t.Helper()
	parsed, err := secrets.ParseKeys(strings.Join(entries, ","))
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func TestWhatIsSealedOpensOnlyInItsPlace(t *testing.T) {
	k := keys(t, secrets.NewKey("k1"))
	sealed := k.Seal("secret/A", "value")
	if strings.Contains(sealed, "value") || secrets.KeyOf(sealed) != "k1" {
		t.Errorf("sealed as %q", sealed)
	}
	if again := k.Seal("secret/A", "value"); again == sealed {
		t.Error("the same value is sealed to the same text twice")
	}
	if value, err := k.Open("secret/A", sealed); err != nil || value != "value" {
		t.Errorf("opened as %q, %v", value, err)
	}
	for name, c := range map[string]struct{ place, sealed string }{
		"another place":              {"secret/B", sealed},
		"a changed text":             {"secret/A", sealed[:len(sealed)-2] + "AA"},
		"another key":                {"secret/A", keys(t, secrets.NewKey("k2")).Seal("secret/A", "value")},
		"a new key of the same name": {"secret/A", keys(t, secrets.NewKey("k1")).Seal("secret/A", "value")},
		"nothing":                    {"secret/A", ""},
		"too short":                  {"secret/A", "v1.k1.AAAA"},
	} {
		if value, err := k.Open(c.place, c.sealed); !errors.Is(err, secrets.ErrUnreadable) {
			t.Errorf("%s opened as %q, %v", name, value, err)
		}
	}
}

func TestOldKeysDecryptAndTheFirstEncrypts(t *testing.T) {
	older, newer := secrets.NewKey("k1"), secrets.NewKey("k2")
	sealed := keys(t, older).Seal("p", "value")
	both := keys(t, newer, older)
	if value, err := both.Open("p", sealed); err != nil || value != "value" {
		t.Errorf("opened as %q, %v", value, err)
	}
	if secrets.KeyOf(both.Seal("p", "x")) != "k2" {
		t.Error("an older key encrypts")
	}
}

func TestKeysThatAreNoneAreRefusedWithoutRepeatingThem(t *testing.T) {
	good := secrets.NewKey("k1")
	for _, text := range []string{"", "k1", "k1:canary", ":" + strings.TrimPrefix(good, "k1:"), good + "," + good, "a.b:" + strings.TrimPrefix(good, "k1:")} {
		if _, err := secrets.ParseKeys(text); err == nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestWrongKeyIsRefusedInPlainWords(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		ctx, now := t.Context(), models.Now()
		first, second, impostor := secrets.NewKey("k1"), secrets.NewKey("k2"), secrets.NewKey("k1")
		guard := func(entries ...string) error { return keys(t, entries...).Guard(ctx, db, now) }
		if err := guard(first); err != nil {
			t.Fatal(err)
		}
		store := &secrets.Store{DB: db, Keys: keys(t, first), Redactor: &secrets.Redactor{}}
		if _, err := store.Put(ctx, "SHOP", "canary-value", ""); err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]struct {
			entries []string
			says    string
		}{
			"another key of the same name": {[]string{impostor}, "is not the one"},
			"only a new key":               {[]string{second}, `lacks the key "k1"`},
		} {
			err := guard(c.entries...)
			if wrong := (*secrets.WrongKeyError)(nil); !errors.As(err, &wrong) || !strings.Contains(wrong.Message, c.says) {
				t.Errorf("%s: %v", name, err)
			}
			if err := guard(first); err != nil {
				t.Errorf("after %s was refused, the right one is too: %v", name, err)
			}
		}
		// Rotated: the new one in front, everything encrypted again, the old one gone.
		if err := guard(second, first); err != nil {
			t.Fatal(err)
		}
		if err := guard(second); err == nil {
			t.Error("the old key is not needed although it encrypts a secret")
		}
		store.Keys = keys(t, second, first)
		if count, err := store.Rotate(ctx); err != nil || count != 1 {
			t.Errorf("encrypted again: %d, %v", count, err)
		}
		if err := guard(second); err != nil {
			t.Errorf("after the rotation: %v", err)
		}
		store.Keys = keys(t, second)
		if values, err := store.Values(ctx, []string{"SHOP"}); err != nil || values["SHOP"] != "canary-value" {
			t.Errorf("after the rotation: %v, %v", values, err)
		}
		// Lost: what nobody can read is given up, and the installation starts again.
		store.Keys = keys(t, impostor)
		if gone, err := store.Forget(ctx); err != nil || len(gone) != 1 || gone[0] != "SHOP" {
			t.Errorf("forgotten: %v, %v", gone, err)
		}
		if err := guard(impostor); err != nil {
			t.Errorf("after the key was given up: %v", err)
		}
	})
}

func TestRotationThatCannotBeRecordedChangesNothing(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		first, second := secrets.NewKey("k1"), secrets.NewKey("k2")
		store := &secrets.Store{DB: db, Keys: keys(t, first), Redactor: &secrets.Redactor{}}
		if err := store.Keys.Guard(t.Context(), db, models.Now()); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"A", "B"} {
			if _, err := store.Put(t.Context(), name, "canary-value", ""); err != nil {
				t.Fatal(err)
			}
		}
		modelstest.RefuseAudit(t, db)
		store.Keys = keys(t, second, first)
		if count, err := store.Rotate(t.Context()); err == nil || count != 0 {
			t.Errorf("encrypted again: %d, %v", count, err)
		}
		if err := keys(t, first).Fits(t.Context(), db); err != nil {
			t.Errorf("afterwards the old key does not do any more: %v", err)
		}
		store.Keys = keys(t, first)
		if values, err := store.Values(t.Context(), []string{"A", "B"}); err != nil || len(values) != 2 {
			t.Errorf("with the old key: %d, %v", len(values), err)
		}
	})
}
