package models

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"workflows/models/plain"
)

// KeptToken is what a server of tokens gave, known by a hash of who asked it for what.
// It is encrypted by worker/secrets, bound to that.
type KeptToken struct {
	ID     string `gorm:"primaryKey"`
	Sealed string // "" while none was given
	// Revision counts the tokens that were kept one after the other.
	Revision int
	// RenewedBy is who is getting a new one; nobody else may until RenewedUntil.
	RenewedBy    string
	RenewedUntil *time.Time
	UsedAt       time.Time
}

const (
	// MaxKeptTokens is how many are kept; of more, those are forgotten that were not used
	// for the longest time.
	MaxKeptTokens = 10_000
	// tokensStay is how long a token that nobody uses stays beyond what has ended: a run
	// once a year must find it.
	tokensStay = 400 * 24 * time.Hour
)

// TakeKeptToken lets one caller at a time, by the database's clock, get a new token in the
// place of one that is kept, which it returns. It is false while it is another's turn.
func TakeKeptToken(ctx context.Context, db *gorm.DB, id, by string, length time.Duration) (KeptToken, bool, error) {
	now, err := DatabaseNow(ctx, db)
	if err != nil {
		return KeptToken{}, false, err
	}
	var taken []KeptToken
	err = db.WithContext(ctx).Raw(`INSERT INTO kept_tokens (id, renewed_by, renewed_until, used_at) VALUES (?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET renewed_by = excluded.renewed_by, renewed_until = excluded.renewed_until, used_at = excluded.used_at
		WHERE kept_tokens.renewed_until IS NULL OR kept_tokens.renewed_until <= excluded.used_at
		RETURNING id, sealed, revision, renewed_by, renewed_until, used_at`, id, by, now.Add(length), now).Scan(&taken).Error
	if err != nil {
		return KeptToken{}, false, fmt.Errorf("take a token's turn: %w", Kind(err))
	}
	if len(taken) == 0 {
		return KeptToken{}, false, nil
	}
	return taken[0], true, nil
}

// KeepToken stores a new token in the place of the one that was taken, and ends the turn.
// It is false, and stores nothing, where another was stored in the meantime: that is the
// newer one.
func KeepToken(ctx context.Context, tx *gorm.DB, taken KeptToken, sealed string) (bool, error) {
	kept := tx.WithContext(ctx).Model(&KeptToken{}).Where("id = ? AND revision = ?", taken.ID, taken.Revision).
		Updates(map[string]any{"sealed": sealed, "revision": taken.Revision + 1, "renewed_by": "", "renewed_until": nil})
	if kept.Error != nil {
		return false, fmt.Errorf("keep a token: %w", Kind(kept.Error))
	}
	return kept.RowsAffected == 1, nil
}

// LeaveKeptToken ends a turn without a new token, if it is still the taker's.
func LeaveKeptToken(ctx context.Context, db *gorm.DB, taken KeptToken) error {
	err := db.WithContext(ctx).Model(&KeptToken{}).Where("id = ? AND renewed_by = ?", taken.ID, taken.RenewedBy).
		Updates(map[string]any{"renewed_by": "", "renewed_until": nil}).Error
	if err != nil {
		return fmt.Errorf("leave a token's turn: %w", Kind(err))
	}
	return nil
}

// TouchKeptToken notes that a token is in use.
func TouchKeptToken(ctx context.Context, db *gorm.DB, id string) error {
	now, err := DatabaseNow(ctx, db)
	if err != nil {
		return err
	}
	if err := db.WithContext(ctx).Model(&KeptToken{}).Where("id = ?", id).Update("used_at", now).Error; err != nil {
		return fmt.Errorf("note that a token is in use: %w", Kind(err))
	}
	return nil
}

// KeptTokensAfter returns tokens that were given, in the order of their ids, some at a time.
func KeptTokensAfter(ctx context.Context, db *gorm.DB, id string) ([]KeptToken, error) {
	found, err := plain.Find[KeptToken](ctx, db.Where("id > ? AND sealed <> ''", id).Order("id").Limit(500))
	if err != nil {
		return nil, fmt.Errorf("list the tokens: %w", Kind(err))
	}
	return found, nil
}

// ResealKeptToken replaces how a token is encrypted, "" is by none at all, unless another has
// been kept since it was read.
func ResealKeptToken(ctx context.Context, tx *gorm.DB, token KeptToken, sealed string) error {
	err := tx.WithContext(ctx).Model(&KeptToken{}).Where("id = ? AND sealed = ?", token.ID, token.Sealed).Update("sealed", sealed).Error
	if err != nil {
		return fmt.Errorf("encrypt a token again: %w", Kind(err))
	}
	return nil
}

// ClearKeptTokens removes at most limit tokens that nobody has used since more than a year
// before a time, or that are beyond MaxKeptTokens.
func ClearKeptTokens(ctx context.Context, db *gorm.DB, before time.Time, limit int) (int64, error) {
	cleared := db.WithContext(ctx).Exec(`DELETE FROM kept_tokens WHERE id IN (
		SELECT id FROM kept_tokens WHERE used_at < ? OR id IN (SELECT id FROM kept_tokens ORDER BY used_at DESC, id LIMIT ? OFFSET ?) LIMIT ?)`,
		before.Add(-tokensStay), limit, MaxKeptTokens, limit)
	if cleared.Error != nil {
		return 0, fmt.Errorf("forget tokens that nobody uses: %w", Kind(cleared.Error))
	}
	return cleared.RowsAffected, nil
}
