package models

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
)

// Run is one execution of a workflow version. It exists when its row is
// committed; the queue only points at it.
type Run struct {
	ID         string `gorm:"primaryKey"`
	WorkflowID string
	VersionID  string
	Version    int
	// WorkflowName is the version's name, kept here so that lists need no join.
	WorkflowName string
	Status       string
	WaitingFor   string // time retry approval workflow decision worker; "" unless waiting
	TriggerType  string // one of engine.TriggerTypes (manual schedule webhook form workflow retry), or try
	Trigger      JSON   // {type, by, via, schedule_id, planned_at, …}
	Input        JSON
	Output       JSON
	Error        JSON   // {code, message, step_id}
	Queue        string // the lane in which its hints are pushed
	// Attempt counts the claims and fences every write: a write that carries an
	// older attempt changes no row.
	Attempt    int
	LeaseOwner string
	LeaseUntil *time.Time
	// DueAt is when a waiting run goes on; a queued one may start at once.
	DueAt *time.Time
	// RungAt is when a hint was last pushed for it, so that the sweeper does not
	// flood; a new run has the time of its start, since its starter rings.
	RungAt     *time.Time
	DeadlineAt *time.Time // settings.timeout, from the first start
	Recoveries int        // how often a lease ran out since a step was last finished
	Recovered  int        // how often in all
	RetryOf    *string
	// RetryFrom names the step from which a retry executes anew; results before it are copied.
	RetryFrom string
	// ParentID names the run whose step started this one, Depth how many such there
	// are above it.
	ParentID *string
	Depth    int
	// Limited runs belong to a workflow of which only so many may be unfinished at
	// once; HeldBack ones wait for one of those to end and are not claimed before.
	Limited, HeldBack bool
	// BehindID is the run that must end before this one, held back, may begin.
	BehindID       *string
	IdempotencyKey *string
	RequestHash    string
	QueuedAt       time.Time
	StartedAt      *time.Time
	FinishedAt     *time.Time
	// SettledAt is when a failed run stopped asking for somebody: a later run took its
	// place, or SettledBy acknowledged it.
	SettledAt *time.Time
	SettledBy string
	// FailureID is the group of those that failed for the same cause (models/failures), a
	// moment after its end.
	FailureID *string
}

// StepRun is one attempt of one step in one run.
type StepRun struct {
	ID        string `gorm:"primaryKey"`
	RunID     string
	StepID    string
	Name      string
	Type      string
	Iteration string // "" outside a for-each, else the index path "3" or "3.0"
	Attempt   int
	Status    string
	Branch    string // the block that a condition chose
	Input     JSON   // the resolved config
	Output    JSON
	Error     JSON // {code, message}
	Absent    JSON // what its config refers to and was not there: [{reference, reason}]; null for nothing
	// ChildID is the run that a run_workflow step has started.
	ChildID    *string
	Note       string // what a person decided about it, in words
	WakeAt     *time.Time
	StartedAt  *time.Time
	FinishedAt *time.Time
}

// QueueLane is a lane of the queue and whether somebody has paused it. Redis
// holds a copy of the pause for gocraft/work; this row is the truth.
type QueueLane struct {
	Name     string `gorm:"primaryKey"`
	PausedAt *time.Time
	PausedBy string
}

// TableName names the table, which is not the struct's plural.
func (QueueLane) TableName() string { return "queues" }

// Payload is the whole output of a step where it is too large for the step's
// row, which then holds a note and the beginning. The step leaves it behind.
type Payload struct {
	StepRunID string `gorm:"primaryKey"`
	RunID     string
	Data      JSON
}

// Leave stores the payload: that of the attempt's last advance, since a loop's list
// gives way to what it came to.
func (p Payload) Leave(ctx context.Context, tx *gorm.DB) error {
	err := tx.WithContext(ctx).Exec(`INSERT INTO payloads (step_run_id, run_id, data) VALUES (?, ?, ?)
		ON CONFLICT (step_run_id) DO UPDATE SET data = excluded.data`, p.StepRunID, p.RunID, p.Data).Error
	if err != nil {
		return fmt.Errorf("store the step's payload: %w", Kind(err))
	}
	return nil
}
