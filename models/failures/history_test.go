package failures_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/failures"
	"workflows/models/modelstest"
)

func TestHistoryCountsRunsBetweenMoments(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		l := newLab(t, db)
		for _, after := range []time.Duration{-time.Second, 0, time.Minute, 59 * time.Minute, time.Hour, 3 * time.Hour} {
			l.fails(after, 1, "No.")
		}
		l.fails(time.Minute, 1, "Something else.")
		l.group()
		var id string
		for _, group := range l.list() {
			if group.Sentence == "No." {
				id = group.ID
			}
		}
		got, err := failures.History(t.Context(), db, id, []time.Time{l.now, l.now.Add(time.Hour), l.now.Add(2 * time.Hour), l.now.Add(3 * time.Hour)})
		if err != nil || !slices.Equal(got, []int{3, 1, 0}) {
			t.Errorf("%v, %v", got, err)
		}
	})
}

func TestWhoSeesToAGroupIsToldWhenItIsGivenToThemAndWhenItComesBack(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		l := newLab(t, db)
		otto := models.User{ID: models.NewID(), Name: "Otto", Email: "otto@example.com", PasswordHash: "-", Role: "operator", CreatedAt: l.now}
		l.must(db.Create(&otto).Error)
		l.fails(0, 1, "No.")
		l.group()
		id := l.list()[0].ID
		var told []failures.Telling
		tell := func(_ context.Context, _ *gorm.DB, t failures.Telling) error {
			told = append(told, t)
			return nil
		}
		give := failures.Deed{By: "Anna", Now: l.now.Add(time.Minute), Note: "Ask\u202e them.", Owner: &otto.ID, Tell: tell}
		for range 2 { // the second time it is theirs already
			l.must(failures.Assign(t.Context(), db, id, give))
		}
		if len(told) != 1 || told[0].By != "Anna" || told[0].To.Email != otto.Email || told[0].WorkflowName != "Orders" || told[0].Note != "Ask them." || told[0].ID != id {
			t.Errorf("told is %+v", told)
		}
		nobody := ""
		l.must(failures.Assign(t.Context(), db, id, failures.Deed{By: "Anna", Now: l.now, Owner: &nobody, Tell: tell}))
		self := models.WithActor(t.Context(), models.Actor{Kind: models.ActorPerson, ID: otto.ID, Name: "Otto"})
		_, _, err := failures.Solve(self, db, id, failures.Deed{By: "Otto", Now: l.now.Add(time.Minute), Owner: &otto.ID, Tell: tell})
		l.must(err)
		if len(told) != 1 {
			t.Errorf("who takes it is told: %+v", told[1:])
		}
		for range 2 { // it is back once
			l.fails(2*time.Minute, 1, "No.")
			_, err = failures.Group(t.Context(), db, l.now.Add(3*time.Minute), 10, tell)
			l.must(err)
		}
		if len(told) != 2 || told[1].By != "" || told[1].To.Email != otto.Email || told[1].State != failures.CameBack {
			t.Errorf("told is %+v", told)
		}
	})
}
