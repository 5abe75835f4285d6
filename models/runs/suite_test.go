package runs_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/models/runs"
)

// rule is something that the engine relies on in what it writes. The suite holds
// every rule on both databases, and the rules about advances for both ways in
// which one is committed.
type rule struct {
	says  string
	holds func(s *suite)
}

// suite is one rule held against one database.
type suite struct {
	*testing.T
	db  *gorm.DB
	now time.Time
	// advance commits an advance in the way that is tried now.
	advance func(a runs.Advance) (counted bool)
}

func TestBothDatabasesKeepTheEnginesRules(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		for _, r := range slices.Concat(claimRules(), leaveRules(), leaseRules(), admitRules()) {
			t.Run(r.says, func(t *testing.T) { r.holds(newSuite(t, db, together)) })
		}
		for way, advance := range map[string]func(*suite, runs.Advance) bool{"together with others": together, "by itself": byItself} {
			t.Run(way, func(t *testing.T) {
				for _, r := range slices.Concat(advanceRules(), endRules()) {
					t.Run(r.says, func(t *testing.T) { r.holds(newSuite(t, db, advance)) })
				}
			})
		}
	})
}

func newSuite(t *testing.T, db *gorm.DB, advance func(*suite, runs.Advance) bool) *suite {
	s := &suite{T: t, db: db, now: models.Now()}
	s.advance = func(a runs.Advance) bool { return advance(s, a) }
	return s
}

// together commits as the engine does for most advances.
func together(s *suite, a runs.Advance) bool {
	s.Helper()
	_, counted, err := runs.Commit(s.Context(), s.db, runs.Batch{Owner: "me", Now: s.now, Lease: time.Minute, Advances: []runs.Advance{a}})
	s.must(err)
	return counted[0]
}

// byItself commits as the engine does for advances that leave something behind.
func byItself(s *suite, a runs.Advance) bool {
	s.Helper()
	counted, err := runs.CommitOne(s.Context(), s.db, a)
	s.must(err)
	return counted
}

func (s *suite) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// runs stores runs in these states.
func (s *suite) runs(states ...string) []models.Run {
	s.Helper()
	_, stored := workflowWithRuns(s.T, s.db, "W", states...)
	return stored
}

// held is a run that was claimed, with its number of claims.
func (s *suite) held() runs.Hold {
	s.Helper()
	claimed := s.claim(s.runs("queued")[0].ID)
	return runs.Hold{RunID: claimed[0].ID, Attempt: claimed[0].Attempt}
}

func (s *suite) claim(ids ...string) []runs.Claimed {
	s.Helper()
	return claim(s.T, s.db, time.Minute, ids...)
}

// claim claims runs as the engine does.
func claim(t *testing.T, db *gorm.DB, lease time.Duration, ids ...string) []runs.Claimed {
	t.Helper()
	claimed, _, err := runs.Commit(t.Context(), db, runs.Batch{Owner: "me", Claims: ids, Now: models.Now(), Lease: lease})
	if err != nil {
		t.Fatal(err)
	}
	return claimed
}

func (s *suite) set(id, column string, value any) {
	s.Helper()
	s.must(s.db.Model(&models.Run{}).Where("id = ?", id).Update(column, value).Error)
}

func (s *suite) get(id string) models.Run {
	s.Helper()
	run, err := runs.Get(s.Context(), s.db, id)
	s.must(err)
	return run
}

func (s *suite) steps(runID string) []models.StepRun {
	s.Helper()
	rows, err := runs.Steps(s.Context(), s.db, runID)
	s.must(err)
	return rows
}

func (s *suite) expect(what string, got, want any) {
	s.Helper()
	if got != want {
		s.Errorf("%s: %v, want %v", what, got, want)
	}
}

// row is an attempt of a step.
func (s *suite) row(runID, stepID, status string) models.StepRun {
	return models.StepRun{ID: models.NewID(), RunID: runID, StepID: stepID, Name: stepID, Type: "t", Attempt: 1, Status: status, StartedAt: &s.now}
}

// cancel ends a run as a person does.
func (s *suite) cancel(id string) bool {
	s.Helper()
	var cancelled int64
	s.must(models.Tx(s.Context(), s.db, func(tx *gorm.DB) (err error) {
		cancelled, err = runs.Cancel(context.WithoutCancel(s.Context()), tx, []string{id}, models.JSON(`{"code":"cancelled"}`), s.now)
		return err
	}))
	return cancelled == 1
}
