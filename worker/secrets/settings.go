package secrets

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"gorm.io/gorm"

	"workflows/models"
)

func settingPlace(name string) string { return "setting/" + name }

// PutSetting stores one of models.SealedSettings, in a transaction.
func (s *Store) PutSetting(ctx context.Context, tx *gorm.DB, name, value string) error {
	s.Redactor.Add(map[string]string{models.SealedSettings()[name]: value})
	if err := s.Keys.hold(ctx, tx, s.now()); err != nil {
		return err
	}
	return models.SetSetting(ctx, tx, name, s.Keys.Seal(settingPlace(name), value), s.now())
}

// OpenSetting reads what PutSetting has sealed. From then on it is redacted.
func (s *Store) OpenSetting(name, sealed string) (string, error) {
	value, err := s.Keys.Open(settingPlace(name), sealed)
	if err != nil {
		return "", fmt.Errorf("use %s: %w", models.SealedSettings()[name], err)
	}
	s.Redactor.Add(map[string]string{models.SealedSettings()[name]: value})
	return value, nil
}

// sealedSetting is one that is stored, and its value if a key opens it.
type sealedSetting struct {
	name, called, sealed, value string
	readable                    bool
}

func (k *Keys) sealedSettings(ctx context.Context, db *gorm.DB) ([]sealedSetting, error) {
	var found []sealedSetting
	called := models.SealedSettings()
	for _, name := range slices.Sorted(maps.Keys(called)) {
		sealed, err := models.GetSetting(ctx, db, name)
		if err != nil {
			return nil, err
		}
		if sealed != "" {
			value, err := k.Open(settingPlace(name), sealed)
			found = append(found, sealedSetting{name, called[name], sealed, value, err == nil})
		}
	}
	return found, nil
}
