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
	Rule       JSON // the trigger of the definition
	TimeZone   string
	Status     string
	// NextFireAt is when a scheduler has to look at it next: to start its next
	// planned time, or only to write into the ledger why that does not run. It is nil
	// when there is nothing more to account for.
	NextFireAt *time.Time
	// NextAt is the next planned time that shall run; nil when it is not active.
	NextAt *time.Time
	// AccountedUntil is up to when every planned time is in the ledger.
	AccountedUntil time.Time
	// AnchorAt is where `every` counts from.
	AnchorAt      time.Time
	LastPlannedAt *time.Time
	// Its own pause, besides that of its workflow; PausedAt is nil when there is none.
	PausedAt, PausedUntil  *time.Time
	PausedReason, PausedBy string
	// Reread names what has changed about how rules are read since its next times were
	// reckoned; "" when nothing has. MovedWhy tells what came of it last, at MovedAt.
	Reread    string
	MovedAt   *time.Time
	MovedWhy  string
	CreatedAt time.Time
	UpdatedAt time.Time
}

// RereadCronDays is why next times are reckoned anew: a day field that begins with "*"
// joins the other by "and", as in crontabs.
const RereadCronDays = "cron_days"

// RereadZones is why too: the time-zone data is newer.
const RereadZones = "zones"

// Schedule states. A paused one goes on being accounted for; one that is off is
// not planned at all.
const (
	ScheduleActive  = "active"
	SchedulePaused  = "paused"
	ScheduleOff     = "off"
	ScheduleEnded   = "ended"
	ScheduleRemoved = "removed"
)

// Calendar is a list of free days that schedules heed. Definitions name it.
type Calendar struct {
	ID      string `gorm:"primaryKey"`
	Name    string
	Weekend JSON // the weekdays that are free, 0 is Sunday: [0,6]
	Days    JSON // the free days, in order: [{"date": "2026-12-25", "name": "Christmas Day"}]
	// WorkingDays are those on which is worked although their weekday is free.
	WorkingDays JSON
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

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
