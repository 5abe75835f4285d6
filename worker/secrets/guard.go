package secrets

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"workflows/models"
)

// settingKey is the beginning of the settings that keep which keys this
// database has seen: the rest is the key's id, the value its fingerprint.
const settingKey = "secret_key:"

// WrongKeyError says which of SECRET_KEYS does not fit the database.
type WrongKeyError struct{ Message string }

func (e *WrongKeyError) Error() string { return e.Message }

// Guard refuses keys with which stored secrets could not be read, as a
// *WrongKeyError, and notes the first key before it encrypts anything: a second
// process with another key of that name is refused then.
func (k *Keys) Guard(ctx context.Context, db *gorm.DB, now time.Time) error {
	if err := k.Fits(ctx, db); err != nil {
		return err
	}
	if err := models.AddSetting(ctx, db, settingKey+k.first, k.byID[k.first].fingerprint, now); err != nil {
		return err
	}
	return k.Fits(ctx, db) // another process may have come first
}

// Fits compares the keys with those that the database has seen; it changes
// nothing. Keys that do not fit are a *WrongKeyError.
func (k *Keys) Fits(ctx context.Context, db *gorm.DB) error {
	noted, err := models.SettingsBeginning(ctx, db, settingKey)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(noted)) {
		id := strings.TrimPrefix(name, settingKey)
		configured, known := k.byID[id]
		switch {
		case !known:
			return &WrongKeyError{fmt.Sprintf("SECRET_KEYS lacks the key %q, with which this database's secrets are encrypted. Put it back: older keys stand behind the new one, separated by a comma. %s", id, lostKey)}
		case configured.fingerprint != noted[name]:
			return &WrongKeyError{fmt.Sprintf("The key %q in SECRET_KEYS is not the one with which this database's secrets are encrypted. Put the old one back; a new key needs a name of its own in front of it: SECRET_KEYS=new:…,%s:… %s", id, id, lostKey)}
		}
	}
	return nil
}

const lostKey = "If the old key is lost for good, “go run ./app forget-keys” deletes the secrets that nobody can read any more."

// Forget deletes what cannot be decrypted with these keys, and that the database
// has seen others. It returns the names of the secrets that are gone.
func (s *Store) Forget(ctx context.Context) ([]string, error) {
	var gone []string
	err := models.Tx(ctx, s.DB, func(tx *gorm.DB) error {
		gone = nil
		rows, err := models.ListSecrets(ctx, tx)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if _, err := s.Keys.Open(place(row.Name), row.Sealed); err == nil {
				continue
			}
			if err := Delete(ctx, tx, row.Name); err != nil {
				return err
			}
			gone = append(gone, row.Name)
		}
		noted, err := models.SettingsBeginning(ctx, tx, settingKey)
		if err != nil {
			return err
		}
		var lost []string
		for name, fingerprint := range noted {
			if s.Keys.byID[strings.TrimPrefix(name, settingKey)].fingerprint == fingerprint {
				continue
			}
			if err := models.DeleteSetting(ctx, tx, name); err != nil {
				return err
			}
			lost = append(lost, strings.TrimPrefix(name, settingKey))
		}
		if len(lost) == 0 {
			return nil
		}
		slices.Sort(lost)
		return models.Record(ctx, tx, models.Act{Action: "secrets.keys_forgotten", ObjectKind: "secret", Before: map[string]any{"keys": lost}})
	})
	return gone, err
}

// forget ends the need for keys that encrypt nothing any more.
func (k *Keys) forget(ctx context.Context, tx *gorm.DB) error {
	for id := range k.byID {
		if id == k.first {
			continue
		}
		if err := models.DeleteSetting(ctx, tx, settingKey+id); err != nil {
			return err
		}
	}
	return nil
}

// Rotate encrypts with the first key what an older one has encrypted, all of it or
// nothing, and reports how much that was. Then the older keys can leave
// SECRET_KEYS. There are at most models.MaxSecrets, which takes a moment.
func (s *Store) Rotate(ctx context.Context) (int, error) {
	count := 0
	err := models.Tx(ctx, s.DB, func(tx *gorm.DB) (err error) {
		if count, err = s.resealAll(ctx, tx); err != nil {
			return err
		}
		if err := s.Keys.forget(ctx, tx); err != nil {
			return err
		}
		return models.Record(ctx, tx, models.Act{Action: "secrets.rotated", ObjectKind: "secret", After: map[string]any{"key": s.Keys.first, "encrypted_again": count}})
	})
	if err != nil {
		return 0, err
	}
	return count, nil
}

func (s *Store) resealAll(ctx context.Context, tx *gorm.DB) (int, error) {
	rows, err := models.ListSecrets(ctx, tx)
	if err != nil {
		return 0, err
	}
	count := 0
	for _, row := range rows {
		sealed, err := s.reseal(row.Name, row.Sealed)
		if err != nil {
			return 0, err
		}
		previous := row.PreviousSealed
		if previous != "" {
			if previous, err = s.reseal(row.Name, previous); err != nil {
				return 0, err
			}
		}
		if sealed == row.Sealed && previous == row.PreviousSealed {
			continue
		}
		if err := models.ResealSecret(ctx, tx, row, sealed, previous); err != nil {
			return 0, err
		}
		count++
	}
	return count, nil
}

// reseal encrypts with the first key, unless it does already.
func (s *Store) reseal(name, sealed string) (string, error) {
	if KeyOf(sealed) == s.Keys.first {
		return sealed, nil
	}
	value, err := s.Keys.Open(place(name), sealed)
	if err != nil {
		return "", fmt.Errorf("encrypt the secret %s again: %w", name, err)
	}
	return s.Keys.Seal(place(name), value), nil
}
