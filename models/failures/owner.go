package failures

import (
	"cmp"
	"context"
	"errors"
	"time"

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

// Telling is what the person who sees to a group is told of it.
type Telling struct {
	Failure
	WorkflowName string
	To           models.User
	By           string // who gave it to them; "" where it was solved and came back
	At           time.Time
}

// Tell tells them. What it stores commits with what happened.
type Tell func(ctx context.Context, tx *gorm.DB, t Telling) error

// assign has the person of a deed see to it, tells them unless it is their own deed, and says
// who did before and who does, as the audit log does.
func (f *Failure) assign(ctx context.Context, tx *gorm.DB, w *models.Workflow, d Deed, before, after map[string]any) error {
	if d.Owner == nil || *d.Owner == f.owner() {
		return nil
	}
	was, err := ownerOf(ctx, tx, f.owner())
	if err != nil && !errors.Is(err, models.ErrNotFound) {
		return err
	}
	is, err := ownerOf(ctx, tx, *d.Owner)
	if errors.Is(err, models.ErrNotFound) {
		return Stranger()
	}
	if err != nil {
		return err
	}
	before["owner"], after["owner"], f.OwnerID = cmp.Or(was.Name, was.Email), cmp.Or(is.Name, is.Email), d.Owner
	if *d.Owner == "" {
		f.OwnerID = nil
		return nil
	}
	if d.Tell == nil || models.ActorOf(ctx).ID == is.ID {
		return nil
	}
	told := *f
	told.Note = cmp.Or(d.Note, f.Note)
	return d.Tell(ctx, tx, Telling{Failure: told, WorkflowName: w.Name, To: is, By: d.By, At: d.Now})
}

// tellBack tells whoever sees to a group that it has come back.
func tellBack(ctx context.Context, tx *gorm.DB, id string, now time.Time, tell Tell) error {
	f, err := Get(ctx, tx, id)
	if err != nil || f.OwnerID == nil {
		return err
	}
	to, err := models.GetUser(ctx, tx, *f.OwnerID)
	if err != nil {
		return err
	}
	return tell(ctx, tx, Telling{Failure: f.Failure, WorkflowName: f.WorkflowName, To: to, At: now})
}

// Stranger is the error of whoever is no person of the installation and is to see to a group.
func Stranger() error {
	const message = "Choose a person of this installation, or nobody."
	return &models.InvalidError{Code: "unknown_person", Message: message, Fields: []models.FieldError{{Path: "owner", Code: "unknown_person", Message: message}}}
}

// ownerOf is a person, nobody of "".
func ownerOf(ctx context.Context, tx *gorm.DB, id string) (models.User, error) {
	if id == "" {
		return models.User{}, nil
	}
	return models.GetUser(ctx, tx, id)
}
