package models

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"
)

// Names of the settings of the house. The picture stands apart, so that not every page
// reads it.
const (
	settingHouse        = "house."
	settingHouseName    = settingHouse + "name"
	settingHouseLogo    = settingHouse + "logo" // the picture's mark
	settingHousePicture = "house_picture"       // its type, a comma, and itself in base64
)

// House is whose installation this is, as people without an account see it.
type House struct {
	Name string
	// Logo is a mark of the logo's content; "" where there is none.
	Logo string
}

// Logo is a picture, and its content type.
type Logo struct {
	Type string
	Data []byte
}

// HouseOf reads whose installation this is.
func HouseOf(ctx context.Context, db *gorm.DB) (House, error) {
	found, err := SettingsBeginning(ctx, db, settingHouse)
	return House{Name: found[settingHouseName], Logo: found[settingHouseLogo]}, err
}

// HouseLogo reads the logo; ErrNotFound where there is none.
func HouseLogo(ctx context.Context, db *gorm.DB) (Logo, error) {
	stored, err := GetSetting(ctx, db, settingHousePicture)
	if err != nil {
		return Logo{}, err
	}
	kind, text, found := strings.Cut(stored, ",")
	if !found {
		return Logo{}, ErrNotFound
	}
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return Logo{}, fmt.Errorf("read the logo: %w", err)
	}
	return Logo{Type: kind, Data: data}, nil
}

// ChangeHouse names the house, "" without a name, and replaces its logo unless that is
// nil; one without data takes it away.
func ChangeHouse(ctx context.Context, db *gorm.DB, name string, logo *Logo, now time.Time) error {
	return Tx(ctx, db, func(tx *gorm.DB) error {
		before, err := HouseOf(ctx, tx)
		if err != nil {
			return err
		}
		if err := SetSetting(ctx, tx, settingHouseName, name, now); err != nil {
			return err
		}
		if logo != nil {
			if err := setLogo(ctx, tx, *logo, now); err != nil {
				return err
			}
		}
		after, err := HouseOf(ctx, tx)
		if err != nil || after == before {
			return err
		}
		return Record(ctx, tx, Act{Action: "house.changed", ObjectKind: "house", ObjectName: after.Name, Before: before.facts(), After: after.facts()})
	})
}

func (h House) facts() map[string]any { return map[string]any{"name": h.Name, "logo": h.Logo} }

func setLogo(ctx context.Context, tx *gorm.DB, logo Logo, now time.Time) error {
	if len(logo.Data) == 0 {
		if err := DeleteSetting(ctx, tx, settingHousePicture); err != nil {
			return err
		}
		return DeleteSetting(ctx, tx, settingHouseLogo)
	}
	if err := SetSetting(ctx, tx, settingHousePicture, logo.Type+","+base64.StdEncoding.EncodeToString(logo.Data), now); err != nil {
		return err
	}
	sum := sha256.Sum256(append([]byte(logo.Type), logo.Data...))
	return SetSetting(ctx, tx, settingHouseLogo, hex.EncodeToString(sum[:8]), now)
}
