package auth

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"workflows/app/web"
	"workflows/models"
)

// NewSetupToken makes the one-time token with which the first administrator
// sets up the installation, and "" when there is a user already. Only the newest
// token holds: what was printed at an earlier start is void.
func NewSetupToken(ctx context.Context, db *gorm.DB, now time.Time) (string, error) {
	exists, err := models.AnyUser(ctx, db)
	if err != nil || exists {
		return "", err
	}
	token := newSecret()
	if err := models.SetSetting(ctx, db, models.SettingSetupToken, fingerprint(token), now); err != nil {
		return "", err
	}
	return token, nil
}

// SetupToken reports whether token is the one that was printed and is still
// to be used.
func SetupToken(ctx context.Context, db *gorm.DB, token string) (bool, error) {
	kept, err := models.GetSetting(ctx, db, models.SettingSetupToken)
	if err != nil || kept == "" || kept != fingerprint(token) {
		return false, err
	}
	exists, err := models.AnyUser(ctx, db)
	return err == nil && !exists, err
}

// SetUp makes the first administrator and uses the token up, in one
// transaction. ErrForbidden means that the token is not, or no longer, good.
func (s *Sessions) SetUp(ctx context.Context, address, token string, user *models.User, password string) error {
	hash, err := s.passwords.Hash(ctx, password)
	if err != nil {
		return err
	}
	user.PasswordHash, user.Role = hash, string(Administrator)
	return models.Tx(ctx, s.db, func(tx *gorm.DB) error {
		taken, err := models.TakeSetting(ctx, tx, models.SettingSetupToken, fingerprint(token))
		if err != nil {
			return err
		}
		exists, err := models.AnyUser(ctx, tx)
		if err != nil {
			return err
		}
		if !taken || exists {
			return fmt.Errorf("set up: %w", models.ErrForbidden)
		}
		if err := models.CreateUser(ctx, tx, user); err != nil {
			return err
		}
		return recordUser(as(ctx, *user, address, web.RequestID(ctx)), tx, "created", *user, map[string]any{"role": user.Role, "by": "the set-up link"})
	})
}

// First is whom and what the environment asks for at the first start; empty
// fields ask for nothing.
type First struct{ Email, Password, Token string }

// MakeFirst makes what ADMIN_EMAIL, ADMIN_PASSWORD and ADMIN_TOKEN ask
// for, once: a user only while there is none, a token only if this very token
// was never made, so that a revoked one stays revoked. They are recorded as made
// by the configuration.
func MakeFirst(ctx context.Context, db *gorm.DB, first First, now time.Time) error {
	ctx = models.WithActor(ctx, models.Actor{Kind: models.ActorSystem, Name: "the configuration"})
	if first.Email != "" && first.Password != "" {
		if err := makeFirstUser(ctx, db, first, now); err != nil {
			return err
		}
	}
	if first.Token == "" {
		return nil
	}
	hash := fingerprint(first.Token)
	return models.Tx(ctx, db, func(tx *gorm.DB) error {
		made, err := models.GetSetting(ctx, tx, models.SettingAdminToken)
		if err != nil || made == hash {
			return err
		}
		if _, err := models.TokenByHash(ctx, tx, hash, now); err == nil {
			return nil
		}
		if err := models.SetSetting(ctx, tx, models.SettingAdminToken, hash, now); err != nil {
			return err
		}
		token := models.APIToken{ID: models.NewID(), Name: "ADMIN_TOKEN", Hash: hash, Scopes: "*", CreatedBy: "the environment", CreatedAt: now}
		if err := models.CreateToken(ctx, tx, &token); err != nil {
			return err
		}
		return recordToken(ctx, tx, "created", token, nil, tokenFacts(token))
	})
}

func makeFirstUser(ctx context.Context, db *gorm.DB, first First, now time.Time) error {
	exists, err := models.AnyUser(ctx, db)
	if err != nil || exists {
		return err
	}
	hash, err := NewPasswords().Hash(ctx, first.Password)
	if err != nil {
		return err
	}
	return models.Tx(ctx, db, func(tx *gorm.DB) error {
		if exists, err := models.AnyUser(ctx, tx); err != nil || exists {
			return err
		}
		user := models.User{ID: models.NewID(), Email: first.Email, PasswordHash: hash, Role: string(Administrator), CreatedAt: now}
		if err := models.CreateUser(ctx, tx, &user); err != nil {
			return err
		}
		return recordUser(ctx, tx, "created", user, map[string]any{"role": user.Role, "by": "ADMIN_EMAIL"})
	})
}
