package mailserver

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/worker/document"
)

// settingServer holds it without its password, as JSON.
const settingServer = models.SettingMail + "server"

// Stored is the server that an administrator has entered; without a host there is none.
type Stored struct {
	Host       string `json:"host"`
	Port       int    `json:"port"`
	Protection string `json:"protection"` // see models/address
	User       string `json:"user,omitempty"`
	From       string `json:"from"`

	sealed string // its password; "" where there is none
}

// HasPassword reports whether one is kept.
func (m Stored) HasPassword() bool { return m.sealed != "" }

// Read is the one that is stored.
func Read(ctx context.Context, db *gorm.DB) (Stored, error) {
	found, err := models.SettingsBeginning(ctx, db, models.SettingMail)
	if err != nil || found[settingServer] == "" {
		return Stored{}, err
	}
	var m Stored
	if err := document.Decode([]byte(found[settingServer]), &m); err != nil {
		return Stored{}, fmt.Errorf("read the mail server: %w", err)
	}
	m.sealed = found[models.SettingMailPassword]
	return m, nil
}

// lock reads it for a transaction that changes it: of two, one waits.
func lock(ctx context.Context, tx *gorm.DB, now time.Time) (Stored, error) {
	if _, err := models.HoldSetting(ctx, tx, settingServer, "", now); err != nil {
		return Stored{}, err
	}
	return Read(ctx, tx)
}

// replace stores another one in the place of the one that is locked, and records it; one
// without a host takes it away. The password is stored apart: without a user there is none,
// and fresh says that there is another one.
func replace(ctx context.Context, tx *gorm.DB, before, m Stored, fresh bool, now time.Time) error {
	value := ""
	if m.Host != "" {
		value = string(document.JSON(m))
	}
	if err := models.SetSetting(ctx, tx, settingServer, value, now); err != nil {
		return err
	}
	if m.User == "" {
		if err := models.DeleteSetting(ctx, tx, models.SettingMailPassword); err != nil {
			return err
		}
	}
	after := m.facts()
	if fresh {
		after["password"] = "changed"
	}
	return models.Record(ctx, tx, models.Act{Action: "mail_server.changed", ObjectKind: "mail_server", ObjectName: m.Host, Before: before.facts(), After: after})
}

func (m Stored) facts() map[string]any {
	if m.Host == "" {
		return map[string]any{}
	}
	return map[string]any{"server": m.Host, "port": m.Port, "encryption": m.Protection, "user_name": m.User, "sender": m.From}
}
