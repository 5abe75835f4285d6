package failures_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/failures"
	"workflows/models/modelstest"
	"workflows/models/runs"
)

func TestAnAcknowledgedGroupSettlesItsRunsUpToThen(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		l := newLab(t, db)
		for i := range 3 {
			l.fails(time.Duration(i)*time.Minute, 1, "Nobody answers.")
		}
		l.fails(0, 1, "Something else.")
		l.fails(2*time.Hour, 1, "Nobody answers.") // after that
		l.group()
		id := l.list()[0].ID
		settled, more, err := failures.Acknowledge(t.Context(), db, id, l.deed(time.Hour))
		l.must(err)
		if settled != 3 || more || l.open() != 2 {
			t.Errorf("%d are settled, %d are open", settled, l.open())
		}
		f, err := failures.Get(t.Context(), db, id)
		l.must(err)
		if f.State != failures.Seen || f.ChangedBy != "Anna" || f.Count != 4 {
			t.Errorf("%+v", f)
		}
		var settledBy []string
		l.must(db.Model(&models.Run{}).Where("settled_by <> ''").Pluck("settled_by", &settledBy).Error)
		if len(settledBy) != 3 || settledBy[0] != "Anna" {
			t.Error("settled by", settledBy)
		}
		if audit := modelstest.Everything(t, db)["audit_events"]; strings.Count(audit, "action=failure.acknowledged") != 1 || !strings.Contains(audit, "Orders: Nobody answers.") {
			t.Error("the audit log has", audit)
		}
		l.fails(3*time.Hour, 1, "Nobody answers.")
		l.group()
		if f := l.list()[0]; f.State != failures.Seen || f.Count != 5 {
			t.Errorf("after another failure %+v", f)
		}
	})
}

func TestNothingIsDoneWithoutItsLineInTheAuditLog(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		l := newLab(t, db)
		l.fails(0, 1, "Nobody answers.")
		l.group()
		id := l.one().ID
		modelstest.RefuseAudit(t, db)
		_, _, acknowledged := failures.Acknowledge(t.Context(), db, id, l.deed(0))
		_, _, solved := failures.Solve(t.Context(), db, id, l.deed(0))
		snoozed := failures.Snooze(t.Context(), db, id, l.now.Add(time.Hour), l.deed(0))
		if acknowledged == nil || solved == nil || snoozed == nil || l.one().State != failures.New || l.open() != 1 {
			t.Errorf("%v %v %v, %+v, %d", acknowledged, solved, snoozed, l.one(), l.open())
		}
	})
}

func TestASnoozedGroupIsBackByItself(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		l := newLab(t, db)
		l.fails(0, 1, "Nobody answers.")
		l.group()
		id := l.one().ID
		d := l.deed(0)
		d.Note = "Otto asks them."
		l.must(failures.Snooze(t.Context(), db, id, l.now.Add(time.Hour), d))
		is := func(after time.Duration, state string) {
			t.Helper()
			f := l.one().Failure
			if got := failures.StateAt(&f, l.now.Add(after)); got != state {
				t.Errorf("after %v it is %s, not %s", after, got, state)
			}
			counts, err := failures.Counts(t.Context(), db, l.w.ID, l.now.Add(after))
			l.must(err)
			open, others, err := runs.ListOpenFailures(t.Context(), db, l.now.Add(after), 5)
			l.must(err)
			if (len(open) == 1) != (state == failures.New) || others != 0 {
				t.Errorf("after %v the overview names %v", after, open)
			}
			if counts[state] != 1 || len(counts) != 1 {
				t.Errorf("after %v counted are %v", after, counts)
			}
			for _, wanted := range failures.States() {
				found, _, err := failures.List(t.Context(), db, failures.Filter{States: []string{wanted}, Now: l.now.Add(after)})
				l.must(err)
				if (len(found) == 1) != (wanted == state) {
					t.Errorf("after %v the list of %s has %d", after, wanted, len(found))
				}
			}
		}
		is(0, failures.Snoozed)
		is(time.Hour, failures.New)
		if l.open() != 1 || l.one().Note != "Otto asks them." {
			t.Errorf("%d open, %+v", l.open(), l.one())
		}
		_, _, err := failures.Acknowledge(t.Context(), db, id, l.deed(2*time.Minute))
		l.must(err)
		is(3*time.Minute, failures.Seen)
		l.must(failures.Snooze(t.Context(), db, id, l.now.Add(time.Hour), l.deed(4*time.Minute)))
		is(5*time.Minute, failures.Snoozed)
		is(time.Hour, failures.Seen)
		for _, until := range []time.Time{l.now, l.now.AddDate(2, 0, 0)} {
			invalid := new(models.InvalidError)
			if err := failures.Snooze(t.Context(), db, id, until, l.deed(0)); !errors.As(err, &invalid) || invalid.Fields[0].Path != "until" {
				t.Errorf("until %v: %v", until, err)
			}
		}
		d.Note = strings.Repeat("x", 2001)
		if err := failures.Snooze(t.Context(), db, id, l.now.Add(time.Hour), d); !errors.As(err, new(*models.InvalidError)) {
			t.Error("a long note:", err)
		}
		if err := failures.Snooze(t.Context(), db, models.NewID(), l.now.Add(time.Hour), l.deed(0)); !errors.Is(err, models.ErrNotFound) {
			t.Error("one that is not there:", err)
		}
	})
}

func TestASolvedGroupComesBackByAFailureOfThatVersionOrALaterOne(t *testing.T) {
	for name, c := range map[string]struct {
		after   time.Duration // since it was solved
		version int
		state   string
	}{
		"of an older version":            {time.Minute, 1, failures.Solved},
		"of that version":                {time.Minute, 2, failures.CameBack},
		"of a later version":             {time.Minute, 3, failures.CameBack},
		"of that version, from before":   {-time.Minute, 2, failures.Solved},
		"of a later version from before": {-time.Minute, 3, failures.Solved},
	} {
		t.Run(name, func(t *testing.T) {
			modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
				l := newLab(t, db)
				l.fails(-time.Hour, 1, "Nobody answers.")
				l.group()
				l.must(db.Model(&models.Workflow{}).Where("id = ?", l.w.ID).Update("version", 2).Error)
				settled, _, err := failures.Solve(t.Context(), db, l.one().ID, l.deed(0))
				l.must(err)
				if f := l.one(); settled != 1 || f.State != failures.Solved || *f.SolvedVersion != 2 {
					t.Fatalf("%d, %+v", settled, f)
				}
				l.fails(c.after, c.version, "Nobody answers.")
				l.group()
				if f := l.one(); f.State != c.state || f.Count != 2 {
					t.Errorf("%+v", f)
				}
			})
		})
	}
}

func TestWhatIsSolvedIsNeitherSnoozedNorSeenAgain(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		l := newLab(t, db)
		l.must(db.Model(&models.Workflow{}).Where("id = ?", l.w.ID).Update("version", nil).Error)
		l.fails(0, 1, "Nobody answers.")
		l.group()
		id := l.one().ID
		l.must(failures.Snooze(t.Context(), db, id, l.now.Add(time.Hour), l.deed(0)))
		_, _, err := failures.Solve(t.Context(), db, id, l.deed(0))
		l.must(err)
		if f := l.one(); f.SnoozedUntil != nil || *f.SolvedVersion != 0 {
			t.Errorf("%+v", f)
		}
		if err := failures.Snooze(t.Context(), db, id, l.now.Add(time.Hour), l.deed(0)); !errors.Is(err, models.ErrConflict) {
			t.Error("snoozed:", err)
		}
		if _, _, err := failures.Acknowledge(t.Context(), db, id, l.deed(0)); err != nil || l.one().State != failures.Solved {
			t.Error("acknowledged:", err, l.one().State)
		}
	})
}
