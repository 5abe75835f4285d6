package models

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"workflows/models/plain"
)

// Names of settings.
const (
	// SettingSetupToken is the hash of the one-time link with which the first
	// administrator sets up the installation.
	SettingSetupToken = "setup_token"
	// SettingAdminToken is the hash of the ADMIN_TOKEN that was made already, so
	// that a revoked one does not come back at the next start.
	SettingAdminToken = "admin_token_made"
	// SettingZoneData is the newest version of the time-zone data that a worker here has, at
	// its last look: who has an older one plans nothing.
	SettingZoneData = "zone_data"
	// SettingZonesHeeded is the version by which all next times are, or are being, reckoned.
	SettingZonesHeeded = "zones_heeded"
	// SettingMail begins the names of those of the mail server, which worker/mailserver
	// reads together.
	SettingMail         = "mail_server."
	SettingMailPassword = SettingMail + "password"
	// settingRestored says that a backup was put back, and waits; see Restored.
	settingRestored = "restored"
	// settingMaintenance says that work is stopped; see Maintenance.
	settingMaintenance = "maintenance"
)

// PassingSetting reports whether a setting means nothing in a copy of the database.
func PassingSetting(name string) bool {
	return name == SettingSetupToken || name == settingRestored || name == settingMaintenance || name == roomSetting
}

// SealedSettings are those whose values are secrets, sealed by worker/secrets, and what
// people call them.
func SealedSettings() map[string]string {
	return map[string]string{SettingMailPassword: "the mail server’s password"}
}

// GetSetting returns a setting's value, "" when it was never set.
func GetSetting(ctx context.Context, db *gorm.DB, name string) (string, error) {
	setting, err := FindSetting(ctx, db, name)
	return setting.Value, err
}

// FindSetting returns a setting, with no value when it was never set.
func FindSetting(ctx context.Context, db *gorm.DB, name string) (Setting, error) {
	setting, err := plain.Take[Setting](ctx, db.Where("name = ?", name))
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return Setting{Name: name}, nil
	}
	if err != nil {
		return Setting{}, fmt.Errorf("read the setting %s: %w", name, Kind(err))
	}
	return setting, nil
}

// SetSetting stores a setting's value.
func SetSetting(ctx context.Context, db *gorm.DB, name, value string, now time.Time) error {
	err := plain.Create(ctx, db.Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "name"}}, DoUpdates: clause.AssignmentColumns([]string{"value", "updated_at"}),
	}), &Setting{Name: name, Value: value, UpdatedAt: now})
	if err != nil {
		return fmt.Errorf("set the setting %s: %w", name, Kind(err))
	}
	return nil
}

// RaiseSetting stores a setting's value, and when, where it has none that is greater.
func RaiseSetting(ctx context.Context, db *gorm.DB, name, value string, now time.Time) error {
	err := db.WithContext(ctx).Exec(`INSERT INTO settings (name, value, updated_at) VALUES (?, ?, ?)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at WHERE settings.value <= excluded.value`, name, value, now).Error
	if err != nil {
		return fmt.Errorf("raise the setting %s: %w", name, Kind(err))
	}
	return nil
}

// ReplaceSetting stores another value where a setting still has this one.
func ReplaceSetting(ctx context.Context, db *gorm.DB, name, before, after string) error {
	err := db.WithContext(ctx).Model(&Setting{}).Where("name = ? AND value = ?", name, before).Update("value", after).Error
	if err != nil {
		return fmt.Errorf("replace the setting %s: %w", name, Kind(err))
	}
	return nil
}

// TakeSetting removes a setting if it has this value, and reports whether it
// did: of two who try at once, one succeeds.
func TakeSetting(ctx context.Context, db *gorm.DB, name, value string) (bool, error) {
	rows, err := plain.Remove[Setting](ctx, db.Where("name = ? AND value = ?", name, value))
	if err != nil {
		return false, fmt.Errorf("take the setting %s: %w", name, Kind(err))
	}
	return rows == 1, nil
}

// AddSetting stores a setting's value unless it has one.
func AddSetting(ctx context.Context, db *gorm.DB, name, value string, now time.Time) error {
	err := plain.Create(ctx, db.Clauses(clause.OnConflict{DoNothing: true}), &Setting{Name: name, Value: value, UpdatedAt: now})
	if err != nil {
		return fmt.Errorf("add the setting %s: %w", name, Kind(err))
	}
	return nil
}

// HoldSetting stores a setting's value unless it has one, and returns the one that
// it has then. Until the transaction ends nobody else changes or removes it.
func HoldSetting(ctx context.Context, tx *gorm.DB, name, value string, now time.Time) (string, error) {
	err := plain.Create(ctx, tx.Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "name"}}, DoUpdates: clause.AssignmentColumns([]string{"updated_at"}),
	}), &Setting{Name: name, Value: value, UpdatedAt: now})
	if err != nil {
		return "", fmt.Errorf("hold the setting %s: %w", name, Kind(err))
	}
	return GetSetting(ctx, tx, name)
}

// SettingsBeginning returns the values of the settings whose names begin like
// this, by name.
func SettingsBeginning(ctx context.Context, db *gorm.DB, beginning string) (map[string]string, error) {
	found, err := plain.Find[Setting](ctx, db.Where(`name LIKE ? ESCAPE '\'`, EscapeLike(beginning)+"%"))
	if err != nil {
		return nil, fmt.Errorf("read the settings %s…: %w", beginning, Kind(err))
	}
	values := make(map[string]string, len(found))
	for _, setting := range found {
		values[setting.Name] = setting.Value
	}
	return values, nil
}

// DeleteSetting removes a setting, if it exists.
func DeleteSetting(ctx context.Context, db *gorm.DB, name string) error {
	if _, err := plain.Remove[Setting](ctx, db.Where("name = ?", name)); err != nil {
		return fmt.Errorf("remove the setting %s: %w", name, Kind(err))
	}
	return nil
}
