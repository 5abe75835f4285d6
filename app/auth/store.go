package auth

import (
	"context"
	"time"

	"gorm.io/gorm"

	"workflows/models"
)

// store keeps scs's sessions in the database.
type store struct {
	db  *gorm.DB
	now func() time.Time
}

func (s *store) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	return models.FindSession(ctx, s.db, token, s.now())
}

func (s *store) CommitCtx(ctx context.Context, token string, data []byte, expires time.Time) error {
	return models.SaveSession(ctx, s.db, models.Session{Token: token, Data: data, ExpiresAt: expires.UTC().Truncate(time.Microsecond)})
}

func (s *store) DeleteCtx(ctx context.Context, token string) error {
	return models.DeleteSession(ctx, s.db, token)
}

// The three below complete scs.Store; scs calls those above where they exist.

func (s *store) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

func (s *store) Commit(token string, data []byte, expires time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expires)
}

func (s *store) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }
