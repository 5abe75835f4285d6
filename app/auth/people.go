package auth

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"workflows/app/web"
	"workflows/models"
)

// InvitationLifetime is how long a link for a new account, or for a new password,
// can be used.
const InvitationLifetime = 7 * 24 * time.Hour

// Invite makes a link with which somebody makes an account with this role. It is
// returned once and not kept; an older one for the same address is void.
func (s *Sessions) Invite(ctx context.Context, email string, role Role, by string) (string, error) {
	email = strings.ToLower(strings.TrimSpace(email))
	if problem := CheckEmail(email); problem != "" {
		return "", invalidField("email", "invalid_value", problem)
	}
	if !slices.Contains(Roles(), role) {
		return "", invalidField("role", "invalid_value", "Choose what they may do.")
	}
	if _, err := models.UserByEmail(ctx, s.db, email); err == nil {
		return "", invalidField("email", "taken", "Somebody with this e-mail address has an account already.")
	} else if !errors.Is(err, models.ErrNotFound) {
		return "", err
	}
	return s.link(ctx, models.Invitation{Email: email, Role: string(role), InvitedBy: by}, "invited")
}

// NewPasswordLink makes a link with which a person chooses a new password.
func (s *Sessions) NewPasswordLink(ctx context.Context, id, by string) (string, error) {
	user, err := models.GetUser(ctx, s.db, id)
	if err != nil {
		return "", err
	}
	return s.link(ctx, models.Invitation{Email: user.Email, Role: user.Role, UserID: &user.ID, InvitedBy: by}, "password_link_made")
}

func (s *Sessions) link(ctx context.Context, i models.Invitation, action string) (string, error) {
	secret := newSecret()
	if maker := User(ctx); maker != nil {
		i.InvitedByID = maker.ID
	}
	i.ID, i.Hash, i.CreatedAt, i.ExpiresAt = models.NewID(), fingerprint(secret), s.now(), s.now().Add(InvitationLifetime)
	return secret, models.Tx(ctx, s.db, func(tx *gorm.DB) error {
		if err := models.PutInvitation(ctx, tx, &i); err != nil {
			return err
		}
		return models.Record(ctx, tx, models.Act{Action: "user." + action, ObjectKind: "user", ObjectName: i.Email, After: map[string]any{"role": i.Role, "expires_at": i.ExpiresAt}})
	})
}

// Withdraw makes a link void.
func (s *Sessions) Withdraw(ctx context.Context, id string) error {
	return models.Tx(ctx, s.db, func(tx *gorm.DB) error {
		gone, err := models.DeleteInvitation(ctx, tx, id)
		if err != nil {
			return err
		}
		return models.Record(ctx, tx, models.Act{Action: "user.link_withdrawn", ObjectKind: "user", ObjectName: gone.Email, Before: map[string]any{"role": gone.Role}})
	})
}

// Invitation finds the link with this secret; models.ErrNotFound when it was used
// or is void.
func (s *Sessions) Invitation(ctx context.Context, secret string) (models.Invitation, error) {
	return models.InvitationByHash(ctx, s.db, fingerprint(secret), s.now())
}

// Accept uses a link up: it makes the account, or sets the new password, which
// ends that person's sessions. Of two at once one succeeds; the other one's link
// is models.ErrNotFound. It is recorded as done by that person, from this address,
// whoever is signed in in that browser.
func (s *Sessions) Accept(ctx context.Context, address, secret string, user models.User, password string) (models.User, error) {
	invitation, err := s.Invitation(ctx, secret)
	if err != nil {
		return models.User{}, err
	}
	hash, err := s.passwords.Hash(ctx, password)
	if err != nil {
		return models.User{}, err
	}
	err = models.Tx(ctx, s.db, func(tx *gorm.DB) error {
		taken, err := models.TakeInvitation(ctx, tx, invitation.ID, invitation.Hash)
		if err != nil {
			return err
		}
		if !taken {
			return fmt.Errorf("use the link: %w", models.ErrNotFound)
		}
		if invitation.UserID != nil {
			return s.resetPassword(ctx, tx, *invitation.UserID, hash, address, &user)
		}
		user.ID, user.Email, user.Role, user.PasswordHash, user.CreatedAt = models.NewID(), invitation.Email, invitation.Role, hash, s.now()
		if err := models.CreateUser(ctx, tx, &user); err != nil {
			return err
		}
		return recordUser(as(ctx, user, address, web.RequestID(ctx)), tx, "created", user, map[string]any{"role": user.Role, "invited_by": invitation.InvitedBy})
	})
	s.Forget()
	return user, err
}

func (s *Sessions) resetPassword(ctx context.Context, tx *gorm.DB, id, hash, address string, user *models.User) error {
	if err := models.SetPassword(ctx, tx, id, hash); err != nil {
		return err
	}
	var err error
	if *user, err = models.GetUser(ctx, tx, id); err != nil {
		return err
	}
	if err := models.EndSessions(ctx, tx, id, ""); err != nil {
		return err
	}
	if err := models.DeletePasswordLinks(ctx, tx, id); err != nil { // also one to an earlier e-mail address
		return err
	}
	return recordUser(as(ctx, *user, address, web.RequestID(ctx)), tx, "password_changed", *user, map[string]any{"by": "a link"})
}

// ChangeRole changes what somebody may do, which ends their sessions and makes the
// links void that they have made. The last administrator stays one.
func (s *Sessions) ChangeRole(ctx context.Context, id string, role Role) error {
	if !slices.Contains(Roles(), role) {
		return invalidField("role", "invalid_value", "Choose what they may do.")
	}
	return s.changeUser(ctx, id, role != Administrator, func(tx *gorm.DB, user models.User) error {
		if user.Role == string(role) {
			return nil
		}
		if err := models.SetRole(ctx, tx, id, string(role)); err != nil {
			return err
		}
		if err := models.EndSessions(ctx, tx, id, ""); err != nil {
			return err
		}
		if err := models.DeleteInvitationsBy(ctx, tx, id); err != nil {
			return err
		}
		return models.Record(ctx, tx, models.Act{Action: "user.role_changed", ObjectKind: "user", ObjectID: id, ObjectName: user.Email, Before: map[string]any{"role": user.Role}, After: map[string]any{"role": role}})
	})
}

// Remove takes somebody's account away, which ends their sessions and makes the
// links void that they have made. The last administrator stays.
func (s *Sessions) Remove(ctx context.Context, id string) error {
	return s.changeUser(ctx, id, true, func(tx *gorm.DB, user models.User) error {
		if err := models.DeleteUser(ctx, tx, id); err != nil {
			return err
		}
		if err := models.EndSessions(ctx, tx, id, ""); err != nil {
			return err
		}
		if err := models.DeleteInvitationsBy(ctx, tx, id); err != nil {
			return err
		}
		return models.Record(ctx, tx, models.Act{Action: "user.removed", ObjectKind: "user", ObjectID: id, ObjectName: user.Email, Before: map[string]any{"role": user.Role, "name": user.Name}})
	})
}

// SignOut ends all sessions of somebody but one; "" spares none.
func (s *Sessions) SignOut(ctx context.Context, id, but string) error {
	defer s.Forget()
	return models.Tx(ctx, s.db, func(tx *gorm.DB) error {
		user, err := models.GetUser(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := models.EndSessions(ctx, tx, id, but); err != nil {
			return err
		}
		return recordUser(ctx, tx, "signed_out_everywhere", user, nil)
	})
}

// EndOne ends one session of somebody.
func (s *Sessions) EndOne(ctx context.Context, user models.User, id string) error {
	defer s.Forget()
	return models.Tx(ctx, s.db, func(tx *gorm.DB) error {
		ended, err := models.SessionOf(ctx, tx, user.ID, id)
		if err != nil {
			return err
		}
		if err := models.EndSession(ctx, tx, user.ID, id); err != nil {
			return err
		}
		return models.Record(ctx, tx, models.Act{
			Action: "user.session_ended", ObjectKind: "user", ObjectID: user.ID, ObjectName: user.Email,
			Before: map[string]any{"browser": ended.Agent, "address": ended.Address, "began_at": ended.BeganAt},
		})
	})
}

// changeUser changes somebody, and refuses to take the last administrator away.
func (s *Sessions) changeUser(ctx context.Context, id string, takesAway bool, change func(tx *gorm.DB, user models.User) error) error {
	defer s.Forget()
	return models.Tx(ctx, s.db, func(tx *gorm.DB) error {
		administrators, err := models.KeepAdministrators(ctx, tx)
		if err != nil {
			return err
		}
		user, err := models.GetUser(ctx, tx, id)
		if err != nil {
			return err
		}
		if takesAway && user.Role == string(Administrator) && administrators == 1 {
			return &models.ConflictError{Code: "last_administrator", Message: "This is the only administrator. Make somebody else one first."}
		}
		return change(tx, user)
	})
}

func invalidField(path, code, message string) error {
	return &models.InvalidError{Code: "invalid_form", Message: message, Fields: []models.FieldError{{Path: path, Code: code, Message: message}}}
}
