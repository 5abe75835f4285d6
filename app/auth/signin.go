package auth

import (
	"context"
	"errors"
	"slices"
	"strings"

	"gorm.io/gorm"

	"workflows/app/web"
	"workflows/models"
)

// ErrWrongPassword means that the address and the password do not belong
// together, or that nobody has the address: the two look the same from outside.
var ErrWrongPassword = errors.New("wrong e-mail address or password")

// Check finds the person with this e-mail address and password, tried from an IP
// address. Too many tries from one place, for one account from one place, or for
// one account in all are refused with a 429 that says how long to wait.
func (s *Sessions) Check(ctx context.Context, address, email, password string) (models.User, error) {
	email = strings.ToLower(strings.TrimSpace(email))
	if err := s.throttle.try(ctx, address, email); err != nil {
		return models.User{}, err
	}
	user, err := models.UserByEmail(ctx, s.db, email)
	if err != nil && !errors.Is(err, models.ErrNotFound) {
		return models.User{}, err
	}
	if tooMany := s.throttle.everywhere(ctx, email); tooMany != nil {
		if known, err := s.hasBeenAt(ctx, user, address); err != nil || !known {
			return models.User{}, errors.Join(tooMany, err)
		}
	}
	same, err := s.passwords.Matches(ctx, password, user.PasswordHash)
	if err != nil {
		return models.User{}, err
	}
	if !same {
		// Also of an address that nobody has, without it: it takes as long, so that
		// nobody can tell from outside.
		if err := recordUser(as(ctx, user, address, web.RequestID(ctx)), s.db, "refused", user, nil); err != nil {
			return models.User{}, err
		}
		return models.User{}, ErrWrongPassword
	}
	return user, nil
}

// hasBeenAt reports whether somebody has signed in from there before: from there
// they can go on trying, however often others try elsewhere.
func (s *Sessions) hasBeenAt(ctx context.Context, user models.User, address string) (bool, error) {
	if user.ID == "" {
		return false, nil
	}
	found, err := models.SignInAddresses(ctx, s.db, user.ID)
	return slices.ContainsFunc(found, func(earlier string) bool { return web.Network(earlier) == web.Network(address) }), err
}

// ChangePassword replaces a person's password, if they know the present one.
// Every session of theirs ends, and every link for a new password is void.
func (s *Sessions) ChangePassword(ctx context.Context, address string, user models.User, present, fresh string) (models.User, error) {
	checked, err := s.Check(ctx, address, user.Email, present)
	if err != nil {
		return models.User{}, err
	}
	hash, err := s.passwords.Hash(ctx, fresh)
	if err != nil {
		return models.User{}, err
	}
	err = models.Tx(ctx, s.db, func(tx *gorm.DB) error {
		if err := models.SetPassword(ctx, tx, checked.ID, hash); err != nil {
			return err
		}
		if err := models.EndSessions(ctx, tx, checked.ID, ""); err != nil {
			return err
		}
		if err := models.DeletePasswordLinks(ctx, tx, checked.ID); err != nil {
			return err
		}
		return recordUser(ctx, tx, "password_changed", checked, nil)
	})
	if err != nil {
		return models.User{}, err
	}
	checked.PasswordHash = hash
	s.Forget()
	return checked, nil
}
