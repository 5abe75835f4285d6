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

// FindSession returns a session's data; false when there is none or it is over.
func FindSession(ctx context.Context, db *gorm.DB, token string, now time.Time) ([]byte, bool, error) {
	session, err := plain.Take[Session](ctx, db.Where("token = ? AND expires_at > ?", token, now))
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("read the session: %w", Kind(err))
	}
	return session.Data, true, nil
}

// SaveSession stores a session, over an older state of it.
func SaveSession(ctx context.Context, db *gorm.DB, session Session) error {
	err := plain.Create(ctx, db.Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "token"}}, DoUpdates: clause.AssignmentColumns([]string{"data", "expires_at", "id", "user_id", "address", "agent", "began_at", "seen_at"}),
	}), &session)
	if err != nil {
		return fmt.Errorf("save the session: %w", Kind(err))
	}
	return nil
}

// SessionSeen notes in a session's data when it was last used; ErrNotFound when it
// was ended.
func SessionSeen(ctx context.Context, db *gorm.DB, session Session) error {
	return Changed("note the session", db.WithContext(ctx).Model(&Session{}).Where("token = ?", session.Token).
		Updates(map[string]any{"data": session.Data, "seen_at": session.SeenAt}))
}

// DeleteSession ends a session; one that does not exist is ended already.
func DeleteSession(ctx context.Context, db *gorm.DB, token string) error {
	if _, err := plain.Remove[Session](ctx, db.Where("token = ?", token)); err != nil {
		return fmt.Errorf("end the session: %w", Kind(err))
	}
	return nil
}

// SessionsOf lists the sessions of a person that are not over, the last seen first:
// those that end in time and were used within idle.
func SessionsOf(ctx context.Context, db *gorm.DB, userID string, now time.Time, idle time.Duration) ([]Session, error) {
	found, err := plain.Find[Session](ctx, db.Where("user_id = ? AND expires_at > ? AND seen_at >= ?", userID, now, now.Add(-idle)).Order("seen_at DESC").Limit(200))
	if err != nil {
		return nil, fmt.Errorf("list the sessions: %w", Kind(err))
	}
	return found, nil
}

// SessionOf returns one session of a person.
func SessionOf(ctx context.Context, db *gorm.DB, userID, id string) (Session, error) {
	found, err := plain.Take[Session](ctx, db.Where("user_id = ? AND id = ?", userID, id))
	if err != nil {
		return Session{}, fmt.Errorf("find the session: %w", Kind(err))
	}
	return found, nil
}

// EndSession ends one session of a person.
func EndSession(ctx context.Context, db *gorm.DB, userID, id string) error {
	return Changed("end the session", db.WithContext(ctx).Where("user_id = ? AND id = ?", userID, id).Delete(&Session{}))
}

// EndSessions ends all sessions of a person but one; "" spares none.
func EndSessions(ctx context.Context, db *gorm.DB, userID, but string) error {
	if err := db.WithContext(ctx).Where("user_id = ? AND id <> ?", userID, but).Delete(&Session{}).Error; err != nil {
		return fmt.Errorf("end the sessions: %w", Kind(err))
	}
	return nil
}

// DeleteEndedSessions removes the sessions that are over, by their end or because
// they were not used within idle.
func DeleteEndedSessions(ctx context.Context, db *gorm.DB, now time.Time, idle time.Duration) error {
	if _, err := plain.Remove[Session](ctx, db.Where("expires_at <= ? OR seen_at < ?", now, now.Add(-idle))); err != nil {
		return fmt.Errorf("remove old sessions: %w", Kind(err))
	}
	return nil
}
