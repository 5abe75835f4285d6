package failures

import (
	"cmp"
	"context"
	"errors"

	"gorm.io/gorm"

	"workflows/models"
)

// owner is the id of the person who sees to it, "" for nobody.
func (f *Failure) owner() string {
	if f.OwnerID == nil {
		return ""
	}
	return *f.OwnerID
}

// assign has the person of a deed see to it, and says who did before and who does, as the audit
// log does.
func (f *Failure) assign(ctx context.Context, tx *gorm.DB, d Deed, before, after map[string]any) error {
	if d.Owner == nil || *d.Owner == f.owner() {
		return nil
	}
	was, err := nameOfOwner(ctx, tx, f.owner())
	if err != nil && !errors.Is(err, models.ErrNotFound) {
		return err
	}
	is, err := nameOfOwner(ctx, tx, *d.Owner)
	if errors.Is(err, models.ErrNotFound) {
		return Stranger()
	}
	if err != nil {
		return err
	}
	before["owner"], after["owner"], f.OwnerID = was, is, d.Owner
	if *d.Owner == "" {
		f.OwnerID = nil
	}
	return nil
}

// Stranger is the error of whoever is no person of the installation and is to see to a group.
func Stranger() error {
	const message = "Choose a person of this installation, or nobody."
	return &models.InvalidError{Code: "unknown_person", Message: message, Fields: []models.FieldError{{Path: "owner", Code: "unknown_person", Message: message}}}
}

func nameOfOwner(ctx context.Context, tx *gorm.DB, id string) (string, error) {
	if id == "" {
		return "", nil
	}
	user, err := models.GetUser(ctx, tx, id)
	return cmp.Or(user.Name, user.Email), err
}
