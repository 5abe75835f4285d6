package models

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"workflows/models/plain"
)

// TokenByHash finds the API token with this hash that has not expired.
func TokenByHash(ctx context.Context, db *gorm.DB, hash string, now time.Time) (APIToken, error) {
	token, err := plain.Take[APIToken](ctx, db.Where("hash = ? AND (expires_at IS NULL OR expires_at > ?)", hash, now))
	if err != nil {
		return APIToken{}, fmt.Errorf("read the token: %w", Kind(err))
	}
	return token, nil
}

// GetToken returns one API token.
func GetToken(ctx context.Context, db *gorm.DB, id string) (APIToken, error) {
	if !ValidID(id) {
		return APIToken{}, ErrNotFound
	}
	token, err := plain.Take[APIToken](ctx, db.Where("id = ?", id))
	if err != nil {
		return APIToken{}, fmt.Errorf("read the token: %w", Kind(err))
	}
	return token, nil
}

// ListTokens returns all API tokens, newest first.
func ListTokens(ctx context.Context, db *gorm.DB) ([]APIToken, error) {
	tokens, err := plain.Find[APIToken](ctx, db.Order("id DESC").Limit(500))
	if err != nil {
		return nil, fmt.Errorf("list the tokens: %w", Kind(err))
	}
	return tokens, nil
}

// CreateToken adds an API token.
func CreateToken(ctx context.Context, db *gorm.DB, token *APIToken) error {
	err := plain.Create(ctx, db, token)
	if Unique(err) {
		return &ConflictError{Code: "token_exists", Message: "This token exists already."}
	}
	if err != nil {
		return fmt.Errorf("create the token: %w", Kind(err))
	}
	return nil
}

// DeleteToken revokes an API token.
func DeleteToken(ctx context.Context, db *gorm.DB, id string) error {
	if !ValidID(id) {
		return ErrNotFound
	}
	return Changed("revoke the token", db.WithContext(ctx).Where("id = ?", id).Delete(&APIToken{}))
}

// TouchToken notes that a token was used; callers do so once a minute at most.
func TouchToken(ctx context.Context, db *gorm.DB, id string, now time.Time) error {
	return Changed("note the token's use", db.WithContext(ctx).Model(&APIToken{}).Where("id = ?", id).Update("last_used_at", now))
}
