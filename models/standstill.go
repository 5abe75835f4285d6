package models

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"workflows/models/columns"
)

// Standstill is why no worker starts anything, though everything is accepted.
type Standstill struct {
	Restored    *Restored
	Maintenance *Maintenance
}

// StandstillOf reads it, in one statement.
func StandstillOf(ctx context.Context, db *gorm.DB) (s Standstill, err error) {
	var stored []Setting
	if err := db.WithContext(ctx).Where("name IN ?", []string{settingRestored, settingMaintenance}).Find(&stored).Error; err != nil {
		return s, fmt.Errorf("ask whether anything may start: %w", Kind(err))
	}
	for _, setting := range stored {
		into := any(&s.Maintenance)
		if setting.Name == settingRestored {
			into = &s.Restored
		}
		if err := json.Unmarshal([]byte(setting.Value), into); err != nil {
			return s, fmt.Errorf("read why nothing starts: %w", err)
		}
	}
	return s, nil
}

// Holds reports whether nothing starts.
func (s Standstill) Holds() bool { return s.Restored != nil || s.Maintenance != nil }

// Cause is why, as the part of a sentence that ends it: "this system was …: nothing starts
// until …."; "" where things start.
func (s Standstill) Cause() string {
	switch {
	case s.Restored != nil:
		return "this system was brought back from a backup: nothing starts until an administrator says how it goes on."
	case s.Maintenance != nil:
		return "work is stopped for maintenance: nothing starts until an administrator ends that."
	}
	return ""
}

// Maintenance says that an administrator has stopped all work. What is sent meanwhile is
// kept, and starts when it is over; planned times count then as after an outage.
type Maintenance struct {
	Since time.Time `json:"since"`
	By    string    `json:"by"`
	Why   string    `json:"why,omitempty"`
}

// longestWhy is how long a reason is, in characters.
const longestWhy = 500

// Sentence tells people that work is stopped.
func (m Maintenance) Sentence() string {
	text := "Work is stopped for maintenance since " + m.Since.UTC().Format("2 January 2006, 15:04 UTC") + ", by " + m.By
	if m.Why != "" {
		text += ": " + strings.TrimRight(m.Why, ".")
	}
	return text + ". What is sent meanwhile is kept, and starts when it is over."
}

// BeginMaintenance stops all work. Where it is stopped already that is a *ConflictError.
func BeginMaintenance(ctx context.Context, db *gorm.DB, m Maintenance) error {
	if m.Why = strings.TrimSpace(columns.Shown(m.Why)); len([]rune(m.Why)) > longestWhy {
		message := fmt.Sprintf("Write at most %d characters.", longestWhy)
		return &InvalidError{Code: "invalid_reason", Message: message, Fields: []FieldError{{Path: "reason", Code: "too_long", Message: message}}}
	}
	text, err := ToJSON(m)
	if err != nil {
		return err
	}
	return Tx(ctx, db, func(tx *gorm.DB) error {
		stopped := tx.WithContext(ctx).Exec("INSERT INTO settings (name, value, updated_at) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING", settingMaintenance, string(text), m.Since)
		if stopped.Error != nil {
			return fmt.Errorf("stop all work: %w", Kind(stopped.Error))
		}
		if stopped.RowsAffected == 0 {
			return &ConflictError{Code: "maintenance", Message: "Work is stopped for maintenance already."}
		}
		return Record(ctx, tx, Act{Action: "maintenance.began", ObjectKind: "maintenance", After: map[string]any{"reason": m.Why}})
	})
}

// EndMaintenance has workers work again. Where work is not stopped that is a *ConflictError.
func EndMaintenance(ctx context.Context, db *gorm.DB) error {
	return Tx(ctx, db, func(tx *gorm.DB) error {
		ended := tx.WithContext(ctx).Exec("DELETE FROM settings WHERE name = ?", settingMaintenance)
		if ended.Error != nil {
			return fmt.Errorf("have workers work again: %w", Kind(ended.Error))
		}
		if ended.RowsAffected == 0 {
			return &ConflictError{Code: "no_maintenance", Message: "Work is not stopped for maintenance."}
		}
		return Record(ctx, tx, Act{Action: "maintenance.ended", ObjectKind: "maintenance"})
	})
}

// HeldByBackup stands as the owner of the lease of runs that were not finished when the
// backup was made that they come from.
const HeldByBackup = "a backup"

// Restored says that a database was filled from a backup, and that nobody has said yet
// how it goes on. Until then no worker works on it: the installation that the backup is
// of may have gone on meanwhile.
type Restored struct {
	MadeAt     time.Time `json:"made_at"` // the backup, by the clock of the database that it is of
	RestoredAt time.Time `json:"restored_at"`
}

// RestoredFrom returns what the database waits with; nil when it waits for nobody.
func RestoredFrom(ctx context.Context, db *gorm.DB) (*Restored, error) {
	stored, err := GetSetting(ctx, db, settingRestored)
	if err != nil || stored == "" {
		return nil, err
	}
	var found Restored
	if err := json.Unmarshal([]byte(stored), &found); err != nil {
		return nil, fmt.Errorf("read from which backup the database is: %w", err)
	}
	return &found, nil
}

// Sentence tells people that the system waits.
func (r Restored) Sentence() string {
	return "This system was brought back from a backup of " + r.MadeAt.UTC().Format("2 January 2006, 15:04 UTC") +
		". Nothing starts until an administrator says how it goes on; what is sent meanwhile is kept."
}

// MarkRestored has the database wait, and notes which runs the backup has brought.
func MarkRestored(ctx context.Context, tx *gorm.DB, r Restored) error {
	text, err := ToJSON(r)
	if err != nil {
		return err
	}
	if err := SetSetting(ctx, tx, settingRestored, string(text), r.RestoredAt); err != nil {
		return err
	}
	err = tx.WithContext(ctx).Exec("UPDATE runs SET lease_owner = ? WHERE status IN ('queued', 'running', 'waiting')", HeldByBackup).Error
	if err != nil {
		return fmt.Errorf("mark the runs of the backup: %w", Kind(err))
	}
	return nil
}

// EndRestored has the database wait no longer; false when somebody else has said so.
func EndRestored(ctx context.Context, tx *gorm.DB) (bool, error) {
	ended := tx.WithContext(ctx).Exec("DELETE FROM settings WHERE name = ?", settingRestored)
	if ended.Error != nil {
		return false, fmt.Errorf("have the restored database go on: %w", Kind(ended.Error))
	}
	return ended.RowsAffected == 1, nil
}
