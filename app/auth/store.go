package auth

import (
	"context"
	"fmt"
	"time"

	"github.com/alexedwards/scs/v2"
	"gorm.io/gorm"

	"workflows/models"
)

// store keeps scs's sessions in the database.
type store struct {
	db  *gorm.DB
	now func() time.Time
}

type storeKey int

const (
	txKey storeKey = iota
	seenKey
)

// within has what scs does with the context done in this transaction.
func within(ctx context.Context, tx *gorm.DB) context.Context {
	return context.WithValue(ctx, txKey, tx)
}

// seenAgain has a commit only bring a session up to date: models.ErrNotFound when
// it is not there any more, so that one that was ended does not come back.
func seenAgain(ctx context.Context) context.Context { return context.WithValue(ctx, seenKey, true) }

func (s *store) in(ctx context.Context) *gorm.DB {
	if tx, ok := ctx.Value(txKey).(*gorm.DB); ok {
		return tx
	}
	return s.db
}

func (s *store) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	return models.FindSession(ctx, s.in(ctx), token, s.now())
}

func (s *store) CommitCtx(ctx context.Context, token string, data []byte, expires time.Time) error {
	row := models.Session{Token: token, Data: data, ExpiresAt: expires.UTC().Truncate(time.Microsecond)}
	_, values, err := scs.GobCodec{}.Decode(data)
	if err != nil {
		return fmt.Errorf("read the session: %w", err)
	}
	text := func(name string) string {
		value, _ := values[name].(string)
		return value
	}
	moment := func(name string) *time.Time {
		seconds, _ := values[name].(int64)
		at := time.Unix(seconds, 0).UTC()
		return &at
	}
	row.ID, row.UserID, row.Address, row.Agent = text("id"), text("user"), text("address"), text("agent")
	row.BeganAt, row.SeenAt = moment("began"), moment("seen")
	if ctx.Value(seenKey) != nil {
		return models.SessionSeen(ctx, s.in(ctx), row)
	}
	return models.SaveSession(ctx, s.in(ctx), row)
}

func (s *store) DeleteCtx(ctx context.Context, token string) error {
	return models.DeleteSession(ctx, s.in(ctx), token)
}

// The three below complete scs.Store; scs calls those above where they exist.

func (s *store) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

func (s *store) Commit(token string, data []byte, expires time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expires)
}

func (s *store) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }
