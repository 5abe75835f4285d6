package models

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
)

// CountLimit bounds the counts that pages show: counting stops there, so that a
// backlog of millions costs no more than one of a hundred thousand.
const CountLimit = 100_000

// QueueNumbers are the database's side of the queue page.
type QueueNumbers struct {
	// Queued, Running and Waiting count runs, up to CountLimit each.
	Queued, Running, Waiting int64
	// HeldBack counts those of the queued that wait for a place.
	HeldBack int64
	// RunningIn counts what runs by the lane it came through.
	RunningIn map[string]int64 `gorm:"-"`
	// Late counts the schedules whose next time is long enough past to need a person.
	Late int
}

// lateAfter is how far in the past an active schedule's next time is a trouble:
// the scheduler looks every second.
const lateAfter = 30 * time.Second

// CountQueue counts from the partial indexes.
func CountQueue(ctx context.Context, db *gorm.DB, now time.Time) (QueueNumbers, error) {
	const statement = `SELECT
  (SELECT count(*) FROM (SELECT 1 FROM runs WHERE status = 'queued' LIMIT 100000) AS q) AS queued,
  (SELECT count(*) FROM (SELECT 1 FROM runs WHERE held_back LIMIT 100000) AS h) AS held_back,
  (SELECT count(*) FROM (SELECT 1 FROM runs WHERE status = 'waiting' LIMIT 100000) AS w) AS waiting,
  (SELECT count(*) FROM schedules WHERE status = 'active' AND next_fire_at < ?) AS late`
	var numbers QueueNumbers
	if err := db.WithContext(ctx).Raw(statement, now.Add(-lateAfter)).Scan(&numbers).Error; err != nil {
		return QueueNumbers{}, fmt.Errorf("count the queue: %w", Kind(err))
	}
	var lanes []struct {
		Queue   string
		Running int64
	}
	err := db.WithContext(ctx).Raw(`SELECT queue, count(*) AS running FROM
		(SELECT queue FROM runs WHERE status = 'running' LIMIT 100000) AS r GROUP BY queue`).Scan(&lanes).Error
	if err != nil {
		return QueueNumbers{}, fmt.Errorf("count what runs: %w", Kind(err))
	}
	numbers.RunningIn = map[string]int64{}
	for _, lane := range lanes {
		numbers.RunningIn[lane.Queue] = lane.Running
		numbers.Running += lane.Running
	}
	return numbers, nil
}

// LateSchedules counts the active schedules whose next time is long enough past
// to need a person.
func LateSchedules(ctx context.Context, db *gorm.DB, now time.Time) (int, error) {
	var late int64
	err := db.WithContext(ctx).Model(&Schedule{}).Where("status = 'active' AND next_fire_at < ?", now.Add(-lateAfter)).Count(&late).Error
	if err != nil {
		return 0, fmt.Errorf("count late schedules: %w", Kind(err))
	}
	return int(late), nil
}

// Ages are how long what should be quick has been under way; 0 where nothing is.
type Ages struct {
	// OldestReady is the age of the run that has waited longest for a worker alone; those
	// that their workflow's limit holds back do not count.
	OldestReady time.Duration
	// LongestLate is by how much the schedule is late whose time has passed first.
	LongestLate time.Duration
}

// ReadAges reads them, of at most CountLimit runs.
func ReadAges(ctx context.Context, db *gorm.DB, now time.Time) (Ages, error) {
	const statement = `SELECT
  (SELECT queued_at FROM (SELECT id, queued_at FROM runs WHERE status = 'queued' AND NOT held_back LIMIT 100000) AS r ORDER BY queued_at LIMIT 1) AS queued_at,
  (SELECT next_fire_at FROM schedules WHERE status = 'active' AND next_fire_at IS NOT NULL ORDER BY next_fire_at LIMIT 1) AS next_fire_at`
	var oldest struct{ QueuedAt, NextFireAt *time.Time }
	if err := db.WithContext(ctx).Raw(statement).Scan(&oldest).Error; err != nil {
		return Ages{}, fmt.Errorf("read how long what waits has waited: %w", Kind(err))
	}
	return Ages{OldestReady: since(oldest.QueuedAt, now), LongestLate: since(oldest.NextFireAt, now)}, nil
}

func since(at *time.Time, now time.Time) time.Duration {
	if at == nil {
		return 0
	}
	return max(now.Sub(*at), 0)
}

// SchedulesByZone counts the schedules that are published by their time zones.
func SchedulesByZone(ctx context.Context, db *gorm.DB) (map[string]int, error) {
	var rows []struct {
		TimeZone string
		N        int
	}
	err := db.WithContext(ctx).Model(&Schedule{}).Select("time_zone, count(*) AS n").Where("status <> ?", ScheduleRemoved).Group("time_zone").Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("count schedules by zone: %w", Kind(err))
	}
	counts := make(map[string]int, len(rows))
	for _, row := range rows {
		counts[row.TimeZone] = row.N
	}
	return counts, nil
}

// QueuedRuns is how many runs of a workflow wait to start.
type QueuedRuns struct {
	WorkflowID, Name string
	Queued           int64
	HeldBack         int64 // of these: by the workflow's own limit
}

// QueuedByWorkflow lists the workflows with the most runs that wait to start, among the first
// CountLimit of such runs.
func QueuedByWorkflow(ctx context.Context, db *gorm.DB, limit int) (found []QueuedRuns, err error) {
	err = db.WithContext(ctx).Raw(`SELECT q.workflow_id, max(w.name) AS name, count(*) AS queued, count(CASE WHEN q.held_back THEN 1 END) AS held_back FROM
		(SELECT workflow_id, held_back FROM runs WHERE status = 'queued' LIMIT 100000) AS q JOIN workflows AS w ON w.id = q.workflow_id
		GROUP BY q.workflow_id ORDER BY count(*) DESC LIMIT ?`, limit).Scan(&found).Error
	if err != nil {
		return nil, fmt.Errorf("count what waits by workflow: %w", Kind(err))
	}
	return found, nil
}
