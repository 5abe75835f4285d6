package runs

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/plain"
)

// RunLink shows one run to whoever has it, until its end. Of its token only a hash is kept.
type RunLink struct {
	ID        string `gorm:"primaryKey"`
	RunID     string
	Hash      string
	MadeByID  string // with the account the link goes too
	MadeBy    string // as people are called
	CreatedAt time.Time
	ExpiresAt time.Time
	Opened    int64 // how often
	OpenedAt  *time.Time
}

const (
	// MaxRunLinks is how many links of a run there are at once.
	MaxRunLinks = 20
	// settingRunLinks is "off" where nobody makes such links, and those that were made show nothing.
	settingRunLinks = "run_links"
	linksOff        = "off"
)

// RunLinksOff reports whether an administrator has switched such links off.
func RunLinksOff(ctx context.Context, db *gorm.DB) (bool, error) {
	value, err := models.GetSetting(ctx, db, settingRunLinks)
	return value == linksOff, err
}

// SwitchRunLinks switches them off, or on again: then those that have not ended show their runs
// once more.
func SwitchRunLinks(ctx context.Context, db *gorm.DB, off bool, now time.Time) error {
	return models.Tx(ctx, db, func(tx *gorm.DB) error {
		before, err := RunLinksOff(ctx, tx)
		if err != nil || before == off {
			return err
		}
		if off {
			err = models.SetSetting(ctx, tx, settingRunLinks, linksOff, now)
		} else {
			err = models.DeleteSetting(ctx, tx, settingRunLinks)
		}
		if err != nil {
			return err
		}
		return models.Record(ctx, tx, models.Act{Action: "run_links.switched", ObjectKind: "run_links", Before: map[string]any{"allowed": !before}, After: map[string]any{"allowed": !off}})
	})
}

// MakeRunLink stores a link to a run. That there are too many already, or that they are switched
// off, is a conflict.
func MakeRunLink(ctx context.Context, db *gorm.DB, link *RunLink) error {
	return models.Tx(ctx, db, func(tx *gorm.DB) error {
		off, err := RunLinksOff(ctx, tx)
		if err != nil {
			return err
		}
		if off {
			return &models.ConflictError{Code: "links_off", Message: "An administrator has switched links to runs off."}
		}
		run, err := Get(ctx, tx, link.RunID)
		if err != nil {
			return err
		}
		there, err := RunLinks(ctx, tx, link.RunID, link.CreatedAt)
		if err != nil {
			return err
		}
		if len(there) >= MaxRunLinks {
			return &models.ConflictError{Code: "too_many_links", Message: fmt.Sprintf("There are %d links to this run already. Take one back first.", MaxRunLinks)}
		}
		if err := plain.Create(ctx, tx, link); err != nil {
			return fmt.Errorf("store the link: %w", models.Kind(err))
		}
		return models.Record(ctx, tx, models.Act{Action: "run.link_made", ObjectKind: "run", ObjectID: run.ID, ObjectName: run.WorkflowName, After: map[string]any{"expires_at": link.ExpiresAt}})
	})
}

// RunLinks are the links of a run that have not ended, the newest first.
func RunLinks(ctx context.Context, db *gorm.DB, runID string, now time.Time) ([]RunLink, error) {
	found, err := plain.Find[RunLink](ctx, db.Where("run_id = ? AND expires_at > ?", runID, now).Order("id DESC").Limit(MaxRunLinks+1))
	if err != nil {
		return nil, fmt.Errorf("list the links of the run: %w", models.Kind(err))
	}
	return found, nil
}

// RunLinkBy finds the link with this hash: models.ErrNotFound where there is none, its end has
// come, or all are switched off. Counted notes that it was opened.
func RunLinkBy(ctx context.Context, db *gorm.DB, hash string, counted bool, now time.Time) (RunLink, error) {
	link, err := plain.Take[RunLink](ctx, db.Where("hash = ? AND expires_at > ?", hash, now))
	if err != nil {
		return RunLink{}, fmt.Errorf("find the link: %w", models.Kind(err))
	}
	off, err := RunLinksOff(ctx, db)
	if err != nil {
		return RunLink{}, err
	}
	if off {
		return RunLink{}, fmt.Errorf("find the link: %w", models.ErrNotFound)
	}
	if !counted {
		return link, nil
	}
	err = db.WithContext(ctx).Model(&RunLink{}).Where("id = ?", link.ID).Updates(map[string]any{"opened": gorm.Expr("opened + 1"), "opened_at": now}).Error
	if err != nil {
		return RunLink{}, fmt.Errorf("note that the link was opened: %w", models.Kind(err))
	}
	return link, nil
}

// EndRunLink takes a link of a run back.
func EndRunLink(ctx context.Context, db *gorm.DB, runID, id string) error {
	if !models.ValidID(runID) || !models.ValidID(id) {
		return models.ErrNotFound
	}
	return models.Tx(ctx, db, func(tx *gorm.DB) error {
		run, err := Get(ctx, tx, runID)
		if err != nil {
			return err
		}
		link, err := plain.Take[RunLink](ctx, tx.Where("id = ? AND run_id = ?", id, runID))
		if err != nil {
			return fmt.Errorf("find the link: %w", models.Kind(err))
		}
		if err := models.Changed("take the link back", tx.WithContext(ctx).Where("id = ?", id).Delete(&RunLink{})); err != nil {
			return err
		}
		return models.Record(ctx, tx, models.Act{Action: "run.link_ended", ObjectKind: "run", ObjectID: run.ID, ObjectName: run.WorkflowName, Before: map[string]any{"made_by": link.MadeBy, "expires_at": link.ExpiresAt, "opened": link.Opened}})
	})
}

// ClearRunLinks removes at most limit links that ended before a time.
func ClearRunLinks(ctx context.Context, db *gorm.DB, before time.Time, limit int) (int64, error) {
	cleared := db.WithContext(ctx).Exec("DELETE FROM run_links WHERE id IN (SELECT id FROM run_links WHERE expires_at < ? LIMIT ?)", before, limit)
	if cleared.Error != nil {
		return 0, fmt.Errorf("remove links that have ended: %w", models.Kind(cleared.Error))
	}
	return cleared.RowsAffected, nil
}
