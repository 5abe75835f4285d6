package models

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"workflows/models/plain"
)

// AnyUser reports whether somebody can sign in at all.
func AnyUser(ctx context.Context, db *gorm.DB) (bool, error) {
	users, err := plain.Find[User](ctx, db.Select("id").Limit(1))
	if err != nil {
		return false, fmt.Errorf("look for a user: %w", Kind(err))
	}
	return len(users) > 0, nil
}

// GetUser returns one person.
func GetUser(ctx context.Context, db *gorm.DB, id string) (User, error) {
	if !ValidID(id) {
		return User{}, ErrNotFound
	}
	user, err := plain.Take[User](ctx, db.Where("id = ?", id))
	if err != nil {
		return User{}, fmt.Errorf("read the user: %w", Kind(err))
	}
	return user, nil
}

// UserByEmail finds a person by address, in whatever case it was typed.
func UserByEmail(ctx context.Context, db *gorm.DB, email string) (User, error) {
	user, err := plain.Take[User](ctx, db.Where("email = ?", strings.ToLower(email)))
	if err != nil {
		return User{}, fmt.Errorf("read the user: %w", Kind(err))
	}
	return user, nil
}

// ZoneOf is the time zone that the person with an e-mail address has chosen; "" for none, and
// for whoever is no person of this installation.
func ZoneOf(ctx context.Context, db *gorm.DB, email string) (string, error) {
	return zoneOf(ctx, db.Where("email = ?", strings.ToLower(email)))
}

// ZoneOfHouse is that of whoever came first: who has set the installation up.
func ZoneOfHouse(ctx context.Context, db *gorm.DB) (string, error) {
	return zoneOf(ctx, db.Where("time_zone <> ''").Order("created_at, id"))
}

func zoneOf(ctx context.Context, db *gorm.DB) (string, error) {
	found, err := plain.Find[User](ctx, db.Select("time_zone").Limit(1))
	if err != nil || len(found) == 0 {
		return "", Kind(err)
	}
	return found[0].TimeZone, nil
}

// CreateUser adds a person; an address that is taken is a conflict.
func CreateUser(ctx context.Context, db *gorm.DB, user *User) error {
	user.Email = strings.ToLower(user.Email)
	err := plain.Create(ctx, db, user)
	if Unique(err) {
		return &ConflictError{Code: "email_taken", Message: "Somebody with this e-mail address exists already. Use another address."}
	}
	if err != nil {
		return fmt.Errorf("create the user: %w", Kind(err))
	}
	return nil
}

// UpdateProfile changes what a person says about themselves.
func UpdateProfile(ctx context.Context, db *gorm.DB, id, name, email, zone string) error {
	result := db.WithContext(ctx).Model(&User{}).Where("id = ?", id).
		Updates(map[string]any{"name": name, "email": email, "time_zone": zone})
	if Unique(result.Error) {
		return &ConflictError{Code: "email_taken", Message: "Somebody with this e-mail address exists already. Use another address."}
	}
	return Changed("change the profile", result)
}

// SetTheme keeps how a person wants the pages to look.
func SetTheme(ctx context.Context, db *gorm.DB, id, theme string) error {
	return Changed("change the theme", db.WithContext(ctx).Model(&User{}).Where("id = ?", id).Update("theme", theme))
}

// SetPassword replaces a person's password hash.
func SetPassword(ctx context.Context, db *gorm.DB, id, hash string) error {
	return Changed("change the password", db.WithContext(ctx).Model(&User{}).Where("id = ?", id).Update("password_hash", hash))
}

// SignedIn notes when a person last signed in.
func SignedIn(ctx context.Context, db *gorm.DB, id string, now time.Time) error {
	return Changed("note the sign-in", db.WithContext(ctx).Model(&User{}).Where("id = ?", id).Update("last_login_at", now))
}

// ListUsers returns all people by address, at most 1,000.
func ListUsers(ctx context.Context, db *gorm.DB) ([]User, error) {
	found, err := plain.Find[User](ctx, db.Order("email").Limit(1000))
	if err != nil {
		return nil, fmt.Errorf("list the users: %w", Kind(err))
	}
	return found, nil
}

// KeepAdministrators keeps others from changing who is an administrator until the
// transaction ends, and counts them. On SQLite the transaction itself does.
func KeepAdministrators(ctx context.Context, tx *gorm.DB) (int, error) {
	statement := "SELECT id FROM users WHERE role = 'administrator' ORDER BY id"
	if IsPostgres(tx) {
		statement += " FOR UPDATE"
	}
	var ids []string
	if err := tx.WithContext(ctx).Raw(statement).Scan(&ids).Error; err != nil {
		return 0, fmt.Errorf("count the administrators: %w", Kind(err))
	}
	return len(ids), nil
}

// SetRole changes what a person may do.
func SetRole(ctx context.Context, tx *gorm.DB, id, role string) error {
	return Changed("change the role", tx.WithContext(ctx).Model(&User{}).Where("id = ?", id).Update("role", role))
}

// DeleteUser removes a person.
func DeleteUser(ctx context.Context, tx *gorm.DB, id string) error {
	return Changed("remove the user", tx.WithContext(ctx).Where("id = ?", id).Delete(&User{}))
}
