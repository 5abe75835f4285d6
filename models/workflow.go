package models

import "time"

// Workflow is what people keep: a draft that changes, and a published version
// that runs.
type Workflow struct {
	ID            string `gorm:"primaryKey"`
	Name          string // of the draft
	Status        string // draft active paused
	Draft         JSON   // the definition that is being edited
	DraftRevision int64  // grows with every change of the draft
	// VersionID and Version name the published version; nil before the first.
	VersionID    *string
	Version      *int
	PausedUntil  *time.Time
	PausedReason string
	PausedBy     string
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// WorkflowVersion is a published definition. It never changes.
type WorkflowVersion struct {
	ID          string `gorm:"primaryKey"`
	WorkflowID  string
	Number      int
	Name        string
	Definition  JSON
	PublishedBy string
	CreatedAt   time.Time
}

// Schedule is a schedule trigger of a published version, with the time at which
// it fires next. Its row outlives the trigger, so that its ledger stays readable.
type Schedule struct {
	ID         string `gorm:"primaryKey"`
	WorkflowID string
	TriggerID  string
	Cron       string
	Every      string
	At         string
	TimeZone   string
	Missed     string
	Overlap    string
	Status     string // active paused ended removed
	// NextFireAt is nil when the schedule is not active or has no further time.
	NextFireAt *time.Time
	// AnchorAt is where `every` counts from.
	AnchorAt      time.Time
	LastPlannedAt *time.Time
	CreatedAt     time.Time
	UpdatedAt     time.Time
}

// Schedule states besides active and paused.
const (
	ScheduleActive  = "active"
	SchedulePaused  = "paused"
	ScheduleEnded   = "ended"
	ScheduleRemoved = "removed"
)

// PlannedRun is the ledger: what became of one planned time of one schedule.
// (schedule, planned time) is unique, so no two schedulers start it twice.
type PlannedRun struct {
	ID         string `gorm:"primaryKey"`
	ScheduleID string
	WorkflowID string
	PlannedAt  time.Time
	Outcome    string
	RunID      *string
	LateMS     int64 // milliseconds from the planned time to the run's row
	Reason     string
	CreatedAt  time.Time
}
