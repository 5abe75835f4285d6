package secrets

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"gorm.io/gorm"

	"workflows/models"
)

// Rotate encrypts with the first key what an older one has encrypted, tokens that are
// kept among them, and reports how many secrets that were. Then the older keys can leave SECRET_KEYS. All of it
// is one transaction, its audit record with it. What nobody can read is left as it
// is, and is a *models.ConflictError once the others are done.
func (s *Store) Rotate(ctx context.Context) (int, error) {
	count := 0
	var unreadable []string
	err := models.Tx(ctx, s.DB, func(tx *gorm.DB) error {
		count, unreadable = 0, nil
		older := slices.DeleteFunc(slices.Sorted(maps.Keys(s.Keys.byID)), func(id string) bool { return id == s.Keys.first })
		if err := s.Keys.hold(ctx, tx, s.now()); err != nil {
			return err
		}
		// First of all, in one order: whoever still encrypts with one of these keys has
		// committed before this, and is listed below, or waits and notes the key again.
		for _, id := range older {
			if err := models.DeleteSetting(ctx, tx, settingKey+id); err != nil {
				return err
			}
		}
		rows, err := models.ListSecrets(ctx, tx)
		if err != nil {
			return err
		}
		needed := map[string]bool{}
		for _, row := range rows {
			changed, err := s.reseal(ctx, tx, &row)
			if err != nil {
				return err
			}
			if changed {
				count++
			}
			for _, sealed := range []string{row.Sealed, row.PreviousSealed} {
				needed[KeyOf(sealed)] = true
			}
			if _, err := s.Keys.Open(place(row.Name), row.Sealed); err != nil {
				unreadable = append(unreadable, row.Name)
			}
		}
		settings, err := s.Keys.sealedSettings(ctx, tx)
		if err != nil {
			return err
		}
		for _, setting := range settings {
			switch {
			case !setting.readable:
				needed[KeyOf(setting.sealed)] = true
				unreadable = append(unreadable, setting.called)
			case KeyOf(setting.sealed) != s.Keys.first:
				if err := models.ReplaceSetting(ctx, tx, setting.name, setting.sealed, s.Keys.Seal(settingPlace(setting.name), setting.value)); err != nil {
					return err
				}
				count++
			}
		}
		addresses, lost, err := s.resealAddresses(ctx, tx)
		if err != nil {
			return err
		}
		count += addresses
		for _, address := range lost {
			needed[KeyOf(address.sealed)] = true
			unreadable = append(unreadable, address.called)
		}
		tokens, err := s.resealTokens(ctx, tx)
		if err != nil {
			return err
		}
		for _, id := range older {
			if needed[id] {
				if err := models.AddSetting(ctx, tx, settingKey+id, s.Keys.byID[id].fingerprint, s.now()); err != nil {
					return err
				}
			}
		}
		after := map[string]any{"key": s.Keys.first, "encrypted_again": count}
		if tokens > 0 {
			after["tokens_encrypted_again"] = tokens
		}
		if len(unreadable) > 0 {
			after["unreadable"] = unreadable
		}
		return models.Record(ctx, tx, models.Act{Action: "secret.rotated", ObjectKind: "secret", After: after})
	})
	if err != nil {
		return 0, err
	}
	if len(unreadable) > 0 {
		named := strings.Join(unreadable[:min(len(unreadable), 10)], ", ")
		return count, &models.ConflictError{Code: "unreadable_secret", Message: fmt.Sprintf("Not everything is encrypted again (%d were): no key in SECRET_KEYS can read %s. Store them again or delete them, then encrypt again.", count, named)}
	}
	return count, nil
}

// Due tells what a rotation would do: how many of these secrets, of the sealed settings and
// of the addresses of calendars an older key than the first encrypts, in their value or the one before, and
// which older keys must stay in SECRET_KEYS until then, by name.
func (s *Store) Due(ctx context.Context, rows []models.Secret) (count int, older []string, err error) {
	noted, err := models.SettingsBeginning(ctx, s.DB, settingKey)
	if err != nil {
		return 0, nil, err
	}
	for id := range s.Keys.byID {
		if _, asked := noted[settingKey+id]; asked && id != s.Keys.first {
			older = append(older, id)
		}
	}
	slices.Sort(older)
	for _, row := range rows {
		if KeyOf(row.Sealed) != s.Keys.first || row.PreviousSealed != "" && KeyOf(row.PreviousSealed) != s.Keys.first {
			count++
		}
	}
	settings, err := s.Keys.sealedSettings(ctx, s.DB)
	if err != nil {
		return count, older, err
	}
	for _, setting := range settings {
		if KeyOf(setting.sealed) != s.Keys.first {
			count++
		}
	}
	addresses, err := s.Keys.addresses(ctx, s.DB)
	for _, address := range addresses {
		if KeyOf(address.sealed) != s.Keys.first {
			count++
		}
	}
	return count, older, err
}

// reseal encrypts a secret's values with the first key, unless they are already,
// and reports whether it had to. Row is as it is stored then. A person who stores
// the secret or ends its value before at this moment comes first.
func (s *Store) reseal(ctx context.Context, tx *gorm.DB, row *models.Secret) (bool, error) {
	for range 5 {
		after := *row
		s.dropUseless(&after)
		for _, sealed := range []*string{&after.Sealed, &after.PreviousSealed} {
			if *sealed == "" || KeyOf(*sealed) == s.Keys.first {
				continue
			}
			if value, err := s.Keys.Open(place(row.Name), *sealed); err == nil {
				*sealed = s.Keys.Seal(place(row.Name), value)
			}
		}
		if after.Sealed == row.Sealed && after.PreviousSealed == row.PreviousSealed {
			return false, nil
		}
		done, err := models.ResealSecret(ctx, tx, *row, after)
		if err != nil {
			return false, err
		}
		if done {
			*row = after
			return true, nil
		}
		now, err := models.SecretsByName(ctx, tx, []string{row.Name})
		if err != nil {
			return false, err
		}
		if len(now) == 0 {
			*row = models.Secret{Name: row.Name}
			return false, nil
		}
		*row = now[0]
	}
	return false, fmt.Errorf("encrypt the secret %s again: %w", row.Name, models.ErrConflict)
}
