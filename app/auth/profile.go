package auth

import (
	"context"
	"strings"

	"gorm.io/gorm"

	"workflows/models"
)

// Profile is how somebody is called, signs in and reads times.
type Profile struct {
	Name     string `json:"name"`
	Email    string `json:"email"`
	TimeZone string `json:"time_zone"` // IANA
}

// ChangeProfile changes somebody's profile; a *models.ConflictError when somebody
// else has the address. Only an administrator's request may change an address:
// steps name by it who decides, so whoever takes another one takes rights.
func (s *Sessions) ChangeProfile(ctx context.Context, id string, change func(*Profile)) error {
	defer s.Forget()
	return models.Tx(ctx, s.db, func(tx *gorm.DB) error {
		user, err := models.GetUser(ctx, tx, id)
		if err != nil {
			return err
		}
		before := Profile{user.Name, user.Email, user.TimeZone}
		after := before
		change(&after)
		after.Email = strings.ToLower(after.Email)
		if !May(ctx, Administrator) {
			after.Email = before.Email
		}
		if after == before {
			return nil
		}
		if err := models.UpdateProfile(ctx, tx, id, after.Name, after.Email, after.TimeZone); err != nil {
			return err
		}
		return models.Record(ctx, tx, models.Act{Action: "user.profile_changed", ObjectKind: "user", ObjectID: id, ObjectName: before.Email, Before: before, After: after})
	})
}
