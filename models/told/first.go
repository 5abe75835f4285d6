package told

import (
	"context"
	"strings"
	"time"

	"gorm.io/gorm"

	"workflows/models"
)

// Names of the settings of First, which are read together.
const (
	settingFirst      = "first_told."
	settingFirstMaker = settingFirst + "maker"
	settingFirstEmail = settingFirst + "email" // with blanks between them
)

// First is who is told of a new workflow's failures until somebody chooses otherwise.
type First struct {
	Maker bool     // whoever makes it
	Email []string // and these
}

// FirstOf reads it; before anybody has chosen it is whoever makes a workflow.
func FirstOf(ctx context.Context, db *gorm.DB) (First, error) {
	found, err := models.SettingsBeginning(ctx, db, settingFirst)
	return First{Maker: found[settingFirstMaker] != "no", Email: strings.Fields(found[settingFirstEmail])}, err
}

// ChangeFirst stores it. Workflows that exist stay as they are.
func ChangeFirst(ctx context.Context, db *gorm.DB, f First, now time.Time) error {
	maker := "yes"
	if !f.Maker {
		maker = "no"
	}
	return models.Tx(ctx, db, func(tx *gorm.DB) error {
		before, err := FirstOf(ctx, tx)
		if err != nil {
			return err
		}
		if err := models.SetSetting(ctx, tx, settingFirstMaker, maker, now); err != nil {
			return err
		}
		if err := models.SetSetting(ctx, tx, settingFirstEmail, strings.Join(f.Email, " "), now); err != nil {
			return err
		}
		return models.Record(ctx, tx, models.Act{Action: "first_told.changed", ObjectKind: "first_told", Before: before.facts(), After: f.facts()})
	})
}

func (f First) facts() map[string]any {
	return map[string]any{"whoever_makes_it": f.Maker, "addresses": f.Email}
}
