package failures_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/failures"
	"workflows/models/modelstest"
)

// person adds one and returns their id.
func (l *lab) person(name, email string) string {
	l.Helper()
	user := models.User{ID: models.NewID(), Name: name, Email: email, PasswordHash: "-", Role: "viewer", CreatedAt: l.now}
	l.must(models.CreateUser(l.Context(), l.db, &user))
	return user.ID
}

func TestSomebodySeesToAGroupUntilSomebodyElseDoes(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		l := newLab(t, db)
		l.fails(0, 1, "Nobody answers.")
		l.group()
		id, ann, bob, nobody := l.one().ID, l.person("Ann", "ann@example.com"), l.person("", "bob@example.com"), ""
		deed := func(owner *string, note string) failures.Deed {
			d := l.deed(0)
			d.Owner, d.Note = owner, note
			return d
		}
		is := func(name, email, note string) {
			t.Helper()
			if f := l.one(); f.OwnerName != name || f.OwnerEmail != email || f.Note != note {
				t.Errorf("%q, %q and %q", f.OwnerName, f.OwnerEmail, f.Note)
			}
		}
		l.must(failures.Assign(t.Context(), db, id, deed(&ann, "")))
		is("Ann", "ann@example.com", "")
		if f := l.one(); f.State != failures.New || f.ChangedAt != nil || f.ChangedBy != "" || l.open() != 1 {
			t.Errorf("it changed %+v", f.Failure)
		}
		l.must(failures.Assign(t.Context(), db, id, deed(&ann, ""))) // she does already
		l.must(failures.Assign(t.Context(), db, id, deed(nil, "")))
		l.must(failures.Assign(t.Context(), db, id, deed(nil, "Ask Otto.")))
		is("Ann", "ann@example.com", "Ask Otto.")
		_, _, err := failures.Acknowledge(t.Context(), db, id, deed(&bob, ""))
		l.must(err)
		is("", "bob@example.com", "Ask Otto.")
		l.must(failures.Snooze(t.Context(), db, id, l.now.Add(time.Hour), deed(nil, "")))
		is("", "bob@example.com", "Ask Otto.")
		l.fails(time.Minute, 1, "Nobody answers.")
		l.group()
		is("", "bob@example.com", "Ask Otto.")
		_, _, err = failures.Solve(t.Context(), db, id, deed(&nobody, ""))
		l.must(err)
		is("", "", "Ask Otto.")
		var acts []models.AuditEvent
		l.must(db.Order("id").Find(&acts).Error)
		var said []string
		for _, act := range acts {
			said = append(said, act.Action+" "+string(act.Before)+" "+string(act.After))
		}
		if len(said) != 5 {
			t.Fatalf("the audit log has %s", strings.Join(said, "\n"))
		}
		for i, want := range []string{
			`failure.assigned {"owner":"","state":"new"} {"owner":"Ann","state":"new"}`, `failure.assigned {"state":"new"} {"note":"Ask Otto.","state":"new"}`,
			`failure.acknowledged {"owner":"Ann","state":"new"} {"owner":"bob@example.com","state":"seen"}`, "", `failure.solved {"owner":"bob@example.com","state":"snoozed"} {"owner":"","state":"solved","version":1}`,
		} {
			if want != "" && said[i] != want {
				t.Errorf("the audit log has %s", said[i])
			}
		}
	})
}

func TestNobodySeesToAGroupWhoIsNotThere(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		l := newLab(t, db)
		l.fails(0, 1, "Nobody answers.")
		l.group()
		id, ann := l.one().ID, l.person("Ann", "ann@example.com")
		for _, stranger := range []string{models.NewID(), "ann@example.com", id} {
			d := l.deed(0)
			d.Owner, d.Note = &stranger, "Ask Otto."
			_, _, acknowledged := failures.Acknowledge(t.Context(), db, id, d)
			for _, err := range []error{failures.Assign(t.Context(), db, id, d), failures.Snooze(t.Context(), db, id, l.now.Add(time.Hour), d), acknowledged} {
				var invalid *models.InvalidError
				if !errors.As(err, &invalid) || !slices.ContainsFunc(invalid.Fields, func(f models.FieldError) bool { return f.Path == "owner" }) {
					t.Errorf("%s: %v", stranger, err)
				}
			}
		}
		if f := l.one(); f.Note != "" || f.State != failures.New || f.OwnerID != nil {
			t.Errorf("what was refused left %+v", f)
		}
		d := l.deed(0)
		d.Owner = &ann
		if err := failures.Assign(t.Context(), db, models.NewID(), d); !errors.Is(err, models.ErrNotFound) {
			t.Errorf("of no group %v", err)
		}
		l.must(failures.Assign(t.Context(), db, id, d))
		l.must(models.DeleteUser(t.Context(), db, ann))
		if f := l.one(); f.OwnerID != nil || f.OwnerName != "" {
			t.Errorf("who is removed sees to it still: %+v", f)
		}
	})
}
