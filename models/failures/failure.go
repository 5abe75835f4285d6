// Package failures has failed runs by their cause: for each workflow and fingerprint one
// row with how often and when it has happened, and what people did about it.
//
// A worker makes the groups behind the runs (Group), so that a run costs no more. What a
// group is called by, its fingerprint, is a pure function of how a run failed. How often
// and when is history: it stays when the runs are gone. A group may have a rule (Rule), by which
// its runs get a turn to be run again (worker/repair).
//
// It may import models, models/{columns,plain,runs}.
package failures

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"workflows/models"
)

// States of groups.
const (
	New  = "new"  // nobody has seen to it yet
	Seen = "seen" // somebody has acknowledged it
	// Snoozed is one that nobody has to look at until a time. It is stored beside the state
	// before, which counts again by itself.
	Snoozed = "snoozed"
	Solved  = "solved" // by a version
	// CameBack is one that has failed again on the version that should have solved it, or on
	// a later one.
	CameBack = "came_back"
)

// States are all of them.
func States() []string { return []string{New, CameBack, Seen, Snoozed, Solved} }

// Failure is a group of failed runs with one cause.
type Failure struct {
	ID string `gorm:"primaryKey"`
	// WorkflowID and Fingerprint are unique together.
	WorkflowID, Fingerprint string
	StepID, StepName        string // "" where no step ended the run
	Code                    string
	Sentence                string // what the newest run said
	Count                   int64  // of all there ever were
	FirstSeenAt, LastSeenAt time.Time
	FirstVersion            int
	LastVersion             int
	State                   string // see StateAt
	SnoozedUntil            *time.Time
	SolvedVersion           *int // the published one when somebody solved it; 0 is none
	ChangedAt               *time.Time
	ChangedBy               string // "" where nobody did
	Note                    string
	OwnerID                 *string // the person who sees to it
}

// Listed is a group with what belongs to it.
type Listed struct {
	Failure
	WorkflowName string
	// ExampleRunID is the newest of its runs that is there still.
	ExampleRunID *string
	// OwnerName and OwnerEmail are of the person who sees to it, "" for nobody.
	OwnerName, OwnerEmail string
	// HasRule says that its runs are run again by themselves, see Rule.
	HasRule bool
}

// StateAt is the state at a moment, one of States.
func StateAt(f *Failure, now time.Time) string {
	if f.State != Solved && f.SnoozedUntil != nil && f.SnoozedUntil.After(now) {
		return Snoozed
	}
	return f.State
}

// example is the newest run of a group.
const example = "(SELECT r.id FROM runs r WHERE r.failure_id = failures.id ORDER BY r.id DESC LIMIT 1) AS example_run_id"

func listed(ctx context.Context, db *gorm.DB) *gorm.DB {
	return db.WithContext(ctx).Table("failures").Select("failures.*, workflows.name AS workflow_name, coalesce(owners.name, '') AS owner_name, coalesce(owners.email, '') AS owner_email, EXISTS (SELECT 1 FROM failure_rules fr WHERE fr.failure_id = failures.id) AS has_rule, " + example).
		Joins("JOIN workflows ON workflows.id = failures.workflow_id").Joins("LEFT JOIN users AS owners ON owners.id = failures.owner_id")
}

// Get returns one group.
func Get(ctx context.Context, db *gorm.DB, id string) (Listed, error) {
	if !models.ValidID(id) {
		return Listed{}, models.ErrNotFound
	}
	var found Listed
	if err := listed(ctx, db).Where("failures.id = ?", id).Take(&found).Error; err != nil {
		return Listed{}, fmt.Errorf("find why runs have failed: %w", models.Kind(err))
	}
	return found, nil
}
