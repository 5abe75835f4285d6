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

// Needed are the names of the keys that a database has seen: those that its secrets need.
func Needed(ctx context.Context, db *gorm.DB) ([]string, error) {
	noted, err := models.SettingsBeginning(ctx, db, settingKey)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, name := range slices.Sorted(maps.Keys(noted)) {
		ids = append(ids, strings.TrimPrefix(name, settingKey))
	}
	return ids, nil
}

// Unreadable are the names of the secrets, of the sealed settings and of the addresses of
// calendars that these keys do not open, and how many there are of all.
func (k *Keys) Unreadable(ctx context.Context, db *gorm.DB) (names []string, all int, err error) {
	rows, err := models.ListSecrets(ctx, db)
	if err != nil {
		return nil, 0, err
	}
	for _, row := range rows {
		if _, err := k.Open(place(row.Name), row.Sealed); err != nil {
			names = append(names, row.Name)
		}
	}
	settings, err := k.sealedSettings(ctx, db)
	if err != nil {
		return nil, 0, err
	}
	for _, setting := range settings {
		if !setting.readable {
			names = append(names, setting.called)
		}
	}
	addresses, err := k.addresses(ctx, db)
	for _, address := range addresses {
		if !address.readable {
			names = append(names, address.called)
		}
	}
	return names, len(rows) + len(settings) + len(addresses), err
}

const lostKey = "If the old key is lost for good, “go run ./app forget-keys” deletes the secrets that nobody can read any more."

// hold notes the first key in a transaction that encrypts with it: a rotation that
// would end the need for it waits for the transaction, or has been and is undone.
func (k *Keys) hold(ctx context.Context, tx *gorm.DB, now time.Time) error {
	noted, err := models.HoldSetting(ctx, tx, settingKey+k.first, k.byID[k.first].fingerprint, now)
	if err == nil && noted != k.byID[k.first].fingerprint {
		return &models.ConflictError{Code: "wrong_key", Message: "The secret was not stored: this process still has an old key named “" + k.first + "” in SECRET_KEYS. Restart it."}
	}
	return err
}

// Forget deletes what cannot be decrypted with these keys, and that the database
// has seen others. It returns the names of the secrets that are gone.
func (s *Store) Forget(ctx context.Context) ([]string, error) {
	var gone []string
	err := models.Tx(ctx, s.DB, func(tx *gorm.DB) error {
		gone = nil
		noted, err := models.SettingsBeginning(ctx, tx, settingKey)
		if err != nil {
			return err
		}
		var lost []string
		for _, name := range slices.Sorted(maps.Keys(noted)) {
			id := strings.TrimPrefix(name, settingKey)
			if s.Keys.byID[id].fingerprint == noted[name] {
				continue
			}
			if err := models.DeleteSetting(ctx, tx, name); err != nil {
				return err
			}
			lost = append(lost, id)
		}
		if len(lost) > 0 {
			if err := models.Record(ctx, tx, models.Act{Action: "secret.keys_forgotten", ObjectKind: "secret", Before: map[string]any{"keys": lost}}); err != nil {
				return err
			}
		}
		if err := s.forgetTokens(ctx, tx); err != nil {
			return err
		}
		if gone, err = s.forgetAddresses(ctx, tx); err != nil {
			return err
		}
		settings, err := s.Keys.sealedSettings(ctx, tx)
		if err != nil {
			return err
		}
		for _, setting := range settings {
			if setting.readable {
				continue
			}
			if _, err := models.TakeSetting(ctx, tx, setting.name, setting.sealed); err != nil {
				return err
			}
			if err := models.Record(ctx, tx, models.Act{Action: "secret.deleted", ObjectKind: "secret", ObjectName: setting.called}); err != nil {
				return err
			}
			gone = append(gone, setting.called)
		}
		rows, err := models.ListSecrets(ctx, tx)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if _, err := s.Keys.Open(place(row.Name), row.Sealed); err != nil {
				if err := Delete(ctx, tx, row.Name); err != nil {
					return err
				}
				gone = append(gone, row.Name)
				continue
			}
			kept := row
			if !s.dropUseless(&kept) {
				continue
			}
			// Not done means that it was changed just now, with a key that is there.
			if _, err := models.ResealSecret(ctx, tx, row, kept); err != nil {
				return err
			}
		}
		return nil
	})
	return gone, err
}

// dropUseless takes a value before away that is past or that nobody can read, and
// reports whether there was one.
func (s *Store) dropUseless(row *models.Secret) bool {
	if row.PreviousSealed == "" {
		return false
	}
	if _, ok := s.previous(*row); ok {
		return false
	}
	row.PreviousSealed, row.PreviousUntil = "", nil
	return true
}
