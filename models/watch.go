package models

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"workflows/models/plain"
)

// Deadline is a time by which a run of a workflow must have succeeded, of its
// published version.
type Deadline struct {
	ID         string `gorm:"primaryKey"`
	WorkflowID string
	Rule       JSON      // as the definition has it
	NextAt     time.Time // the next one to look at
}

// ReplaceDeadlines makes the deadlines of a workflow, whose row is locked, the
// given ones.
func ReplaceDeadlines(ctx context.Context, tx *gorm.DB, workflowID string, deadlines []Deadline) error {
	tx = tx.WithContext(ctx)
	if err := tx.Exec("DELETE FROM deadlines WHERE workflow_id = ?", workflowID).Error; err != nil {
		return fmt.Errorf("replace the deadlines: %w", Kind(err))
	}
	if len(deadlines) == 0 {
		return nil
	}
	if err := tx.Create(&deadlines).Error; err != nil {
		return fmt.Errorf("store the deadlines: %w", Kind(err))
	}
	return nil
}

// DeadlinesOf returns the deadlines of a workflow.
func DeadlinesOf(ctx context.Context, tx *gorm.DB, workflowID string) ([]Deadline, error) {
	found, err := plain.Find[Deadline](ctx, tx.Where("workflow_id = ?", workflowID).Order("next_at, id"))
	if err != nil {
		return nil, fmt.Errorf("find the workflow's deadlines: %w", Kind(err))
	}
	return found, nil
}

// LockDueDeadlines locks deadlines that have passed, the oldest first, at most
// limit, but for the given ones and those that somebody else is at.
func LockDueDeadlines(ctx context.Context, tx *gorm.DB, now time.Time, without []string, limit int) ([]Deadline, error) {
	query := tx.WithContext(ctx).Where("next_at <= ?", now).Order("next_at, id").Limit(limit)
	if len(without) > 0 {
		query = query.Where("id NOT IN ?", without)
	}
	if IsPostgres(tx) {
		query = query.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate, Options: clause.LockingOptionsSkipLocked})
	}
	var found []Deadline
	if err := query.Find(&found).Error; err != nil {
		return nil, fmt.Errorf("find deadlines that have passed: %w", Kind(err))
	}
	return found, nil
}

// MoveDeadline sets the next time of a deadline.
func MoveDeadline(ctx context.Context, tx *gorm.DB, id string, next time.Time) error {
	return Changed("move the deadline on", tx.WithContext(ctx).Model(&Deadline{}).Where("id = ?", id).Update("next_at", next))
}

// SetMaxDuration sets how long a run of a workflow should take at most; 0 is as
// long as it likes.
func SetMaxDuration(ctx context.Context, tx *gorm.DB, workflowID string, most time.Duration) error {
	return Changed("store how long runs should take", tx.WithContext(ctx).Model(&Workflow{}).Where("id = ?", workflowID).Update("max_duration_ms", most.Milliseconds()))
}

// longestRun is how long before its end a run can have been queued to be found.
const longestRun = 32 * 24 * time.Hour

// Succeeded reports whether a run of a workflow ended with success in a span of
// time: after from, up to until.
func Succeeded(ctx context.Context, db *gorm.DB, workflowID string, from, until time.Time) (bool, error) {
	// Ids sort by when runs were queued, which the index knows.
	var found bool
	err := db.WithContext(ctx).Raw(`SELECT EXISTS (SELECT 1 FROM runs WHERE workflow_id = ? AND status = 'succeeded' AND id >= ? AND id < ? AND finished_at > ? AND finished_at <= ? AND trigger_type <> 'try')`,
		workflowID, FirstID(from.Add(-longestRun)), FirstID(until.Add(time.Minute)), from, until).Scan(&found).Error
	if err != nil {
		return false, fmt.Errorf("find a run that succeeded: %w", Kind(err))
	}
	return found, nil
}

// SlowRun is an unfinished run that takes longer than it should.
type SlowRun struct {
	ID, WorkflowID string
	StartedAt      time.Time
	MaxDurationMS  int64
}

// maxSlow is how many runs of a workflow have alerts for being slow at once: the
// others say nothing new.
const maxSlow = 50

// SlowRuns returns runs that take longer than they should and have no open alert,
// at most limit, and none of workflows of which enough are known to be slow.
func SlowRuns(ctx context.Context, db *gorm.DB, now time.Time, limit int) ([]SlowRun, error) {
	since, id := "? - w.max_duration_ms * 1000", "r.id"
	if IsPostgres(db) {
		since, id = "?::timestamptz - w.max_duration_ms * interval '1 millisecond'", "r.id::text"
	}
	var found []SlowRun
	err := db.WithContext(ctx).Raw(`SELECT r.id, r.workflow_id, r.started_at, w.max_duration_ms FROM workflows w JOIN runs r ON r.workflow_id = w.id
		WHERE w.max_duration_ms > 0
			AND (SELECT count(*) FROM alerts a WHERE a.kind = 'slow' AND a.workflow_id = w.id AND a.closed_at IS NULL) < `+strconv.Itoa(maxSlow)+`
			AND r.status IN ('running', 'waiting') AND r.trigger_type <> 'try' AND r.started_at < `+since+`
			AND NOT EXISTS (SELECT 1 FROM alerts a WHERE a.kind = 'slow' AND a.subject = `+id+` AND a.closed_at IS NULL)
		ORDER BY r.id LIMIT ?`, now, limit).Scan(&found).Error
	if err != nil {
		return nil, fmt.Errorf("find slow runs: %w", Kind(err))
	}
	return found, nil
}

// UntakenSchedules returns active schedules that should have been looked at before
// a moment, the oldest first, at most limit.
func UntakenSchedules(ctx context.Context, db *gorm.DB, before time.Time, limit int) ([]Schedule, error) {
	found, err := plain.Find[Schedule](ctx, db.Where("status = 'active' AND next_fire_at < ?", before).Order("next_fire_at, id").Limit(limit))
	if err != nil {
		return nil, fmt.Errorf("find late schedules: %w", Kind(err))
	}
	return found, nil
}
