package auth

import (
	"context"
	"errors"
	"strings"

	"workflows/models"
)

// ErrWrongPassword means that the address and the password do not belong
// together, or that nobody has the address: the two look the same from outside.
var ErrWrongPassword = errors.New("wrong e-mail address or password")

// Check finds the person with this address and password. Too many tries from
// one place or for one account are refused with a 429 that says how long to wait.
func (s *Sessions) Check(ctx context.Context, address, email, password string) (models.User, error) {
	email = strings.ToLower(strings.TrimSpace(email))
	if err := s.throttle.try(ctx, address, email); err != nil {
		return models.User{}, err
	}
	user, err := models.UserByEmail(ctx, s.db, email)
	if err != nil && !errors.Is(err, models.ErrNotFound) {
		return models.User{}, err
	}
	same, err := s.passwords.Matches(ctx, password, user.PasswordHash)
	if err != nil {
		return models.User{}, err
	}
	if !same {
		return models.User{}, ErrWrongPassword
	}
	return user, nil
}

// ChangePassword replaces a person's password, if they know the present one.
// Every other session of theirs ends.
func (s *Sessions) ChangePassword(ctx context.Context, address string, user models.User, present, fresh string) (models.User, error) {
	checked, err := s.Check(ctx, address, user.Email, present)
	if err != nil {
		return models.User{}, err
	}
	hash, err := s.passwords.Hash(ctx, fresh)
	if err != nil {
		return models.User{}, err
	}
	if err := models.SetPassword(ctx, s.db, checked.ID, hash); err != nil {
		return models.User{}, err
	}
	checked.PasswordHash = hash
	s.Forget()
	return checked, nil
}
