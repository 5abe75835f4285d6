package models

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// FindSession returns a session's data; false when there is none or it is over.
func FindSession(ctx context.Context, db *gorm.DB, token string, now time.Time) ([]byte, bool, error) {
	session, err := gorm.G[Session](db).Where("token = ? AND expires_at > ?", token, now).Take(ctx)
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("read the session: %w", kind(err))
	}
	return session.Data, true, nil
}

// SaveSession stores a session, over an older state of it.
func SaveSession(ctx context.Context, db *gorm.DB, session Session) error {
	err := gorm.G[Session](db, clause.OnConflict{
		Columns: []clause.Column{{Name: "token"}}, DoUpdates: clause.AssignmentColumns([]string{"data", "expires_at"}),
	}).Create(ctx, &session)
	if err != nil {
		return fmt.Errorf("save the session: %w", kind(err))
	}
	return nil
}

// DeleteSession ends a session; one that does not exist is ended already.
func DeleteSession(ctx context.Context, db *gorm.DB, token string) error {
	if _, err := gorm.G[Session](db).Where("token = ?", token).Delete(ctx); err != nil {
		return fmt.Errorf("end the session: %w", kind(err))
	}
	return nil
}

// DeleteExpiredSessions removes the sessions that are over.
func DeleteExpiredSessions(ctx context.Context, db *gorm.DB, now time.Time) error {
	if _, err := gorm.G[Session](db).Where("expires_at <= ?", now).Delete(ctx); err != nil {
		return fmt.Errorf("remove old sessions: %w", kind(err))
	}
	return nil
}
