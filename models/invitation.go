package models

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"workflows/models/plain"
)

// PutInvitation stores a link, in the place of an older one for the same address.
func PutInvitation(ctx context.Context, tx *gorm.DB, i *Invitation) error {
	err := plain.Create(ctx, tx.Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "email"}}, DoUpdates: clause.AssignmentColumns([]string{"id", "hash", "role", "user_id", "invited_by", "invited_by_id", "created_at", "expires_at"}),
	}), i)
	if err != nil {
		return fmt.Errorf("store the invitation: %w", Kind(err))
	}
	return nil
}

// InvitationByHash finds the link with this hash that has not expired.
func InvitationByHash(ctx context.Context, db *gorm.DB, hash string, now time.Time) (Invitation, error) {
	found, err := plain.Take[Invitation](ctx, db.Where("hash = ? AND expires_at > ?", hash, now))
	if err != nil {
		return Invitation{}, fmt.Errorf("find the invitation: %w", Kind(err))
	}
	return found, nil
}

// LinkStands reports whether the link that an address was to be sent by a message is good still: it
// was not withdrawn, used or replaced since. Ids sort by time.
func LinkStands(ctx context.Context, db *gorm.DB, email, messageID string, now time.Time) (stands bool, err error) {
	err = db.WithContext(ctx).Raw("SELECT EXISTS (SELECT 1 FROM invitations WHERE email = ? AND id < ? AND expires_at > ?)", email, messageID, now).Scan(&stands).Error
	if err != nil {
		return false, fmt.Errorf("look whether a link stands: %w", Kind(err))
	}
	return stands, nil
}

// ListInvitations returns the links that have not expired, newest first.
func ListInvitations(ctx context.Context, db *gorm.DB, now time.Time) ([]Invitation, error) {
	found, err := plain.Find[Invitation](ctx, db.Where("expires_at > ?", now).Order("id DESC").Limit(500))
	if err != nil {
		return nil, fmt.Errorf("list the invitations: %w", Kind(err))
	}
	return found, nil
}

// DeletePasswordLinks makes the links void with which a person could choose a new
// password.
func DeletePasswordLinks(ctx context.Context, tx *gorm.DB, userID string) error {
	if _, err := plain.Remove[Invitation](ctx, tx.Where("user_id = ?", userID)); err != nil {
		return fmt.Errorf("withdraw the links for a password: %w", Kind(err))
	}
	return nil
}

// DeleteInvitationsBy makes the unused links of somebody void.
func DeleteInvitationsBy(ctx context.Context, tx *gorm.DB, userID string) error {
	if _, err := plain.Remove[Invitation](ctx, tx.Where("invited_by_id = ?", userID)); err != nil {
		return fmt.Errorf("withdraw the invitations: %w", Kind(err))
	}
	return nil
}

// TakeInvitation uses a link up, and reports whether it did: of two who try at
// once, one succeeds.
func TakeInvitation(ctx context.Context, tx *gorm.DB, id, hash string) (bool, error) {
	rows, err := plain.Remove[Invitation](ctx, tx.Where("id = ? AND hash = ?", id, hash))
	if err != nil {
		return false, fmt.Errorf("use the invitation: %w", Kind(err))
	}
	return rows == 1, nil
}

// DeleteInvitation withdraws a link.
func DeleteInvitation(ctx context.Context, tx *gorm.DB, id string) (Invitation, error) {
	if !ValidID(id) {
		return Invitation{}, ErrNotFound
	}
	found, err := plain.Take[Invitation](ctx, tx.Where("id = ?", id))
	if err != nil {
		return Invitation{}, fmt.Errorf("find the invitation: %w", Kind(err))
	}
	return found, Changed("withdraw the invitation", tx.WithContext(ctx).Where("id = ?", id).Delete(&Invitation{}))
}
