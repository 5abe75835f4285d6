package runs

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"workflows/models"
	"workflows/models/plain"
	"workflows/models/words"
)

// listColumns are a run without its payloads.
const listColumns = `id, workflow_id, version_id, version, workflow_name, status, waiting_for, trigger_type, "trigger", error, queue, attempt,
	due_at, deadline_at, recoveries, recovered, retry_of, retry_from, parent_id, held_back, queued_at, started_at, finished_at, settled_at, settled_by, failure_id`

// Filter chooses runs; a zero field chooses all.
type Filter struct {
	WorkflowID string
	Status     []string
	// WaitingFor narrows waiting runs to those that wait for this.
	WaitingFor  string
	TriggerType string // "" is every one but tries
	// Open narrows failed runs to those that nobody has repaired or acknowledged.
	Open bool
	// NotAgain leaves out those that have been run again: the newest of a row of retries
	// stands for all.
	NotAgain bool
	// FailureID narrows them to those of one group.
	FailureID string
	// IDs narrows to these; nil is all.
	IDs []string
	// Search is words of a workflow's name, of what a run was given and gave and failed
	// with, fields with their values, or a run's id.
	Search string
	// From and To bound the time at which the run was queued: From <= time < To.
	From, To *time.Time
	// Before is the id that the page before ended with.
	Before string
	Limit  int // at most 100

	// Workflows narrows them to those of these, a few; nil is all.
	Workflows []string

	least string       // the lowest id
	asked *words.Query // what is left of Search
}

// List returns runs, the newest first, without their input and output, and
// the cursor of the next page, "" on the last one. Where a search asks for fields, a page that
// is not the last may have fewer: so far was looked.
func List(ctx context.Context, db *gorm.DB, filter Filter) ([]models.Run, string, error) {
	limit := min(max(filter.Limit, 1), 100)
	if strings.TrimSpace(filter.Search) != "" { // of what many have that no filter lets through, it may look through all
		ctx, done := models.Bounded(ctx)
		defer done()
		found, next, err := filter.found(db.WithContext(ctx), limit)
		if err != nil {
			return nil, "", fmt.Errorf("list runs: %w", models.Kind(err))
		}
		return found, next, nil
	}
	runs, err := filter.newest(db.WithContext(ctx), limit+1)
	if err != nil {
		return nil, "", fmt.Errorf("list runs: %w", models.Kind(err))
	}
	if len(runs) <= limit {
		return runs, "", nil
	}
	return runs[:limit], runs[limit-1].ID, nil
}

// newest are the newest runs that meet the filter and these conditions too.
func (f Filter) newest(db *gorm.DB, limit int, conditions ...clause.Expr) (runs []models.Run, err error) {
	query, possible := f.apply(db)
	if !possible {
		return nil, nil
	}
	for _, condition := range conditions {
		query = query.Where(condition)
	}
	switch {
	case f.FailureID != "": // which has its own place in an index
		query = query.Where("status IN ?", f.wantedStates())
	case f.narrows():
		query = db.Where("id IN (?)", f.newestPlaces(db, query, limit))
	}
	err = query.Select(listColumns).Order("id DESC").Limit(limit).Find(&runs).Error
	return runs, err
}

// clocksApart is by how much the time in an id may differ from that of the row.
const clocksApart = time.Minute

// apply adds the conditions; possible is false when no run can meet them.
func (f Filter) apply(query *gorm.DB) (_ *gorm.DB, possible bool) {
	if len(f.wantedStates()) == 0 {
		return nil, false
	}
	if f.WorkflowID != "" {
		if !models.ValidID(f.WorkflowID) {
			return nil, false
		}
		query = query.Where("workflow_id = ?", f.WorkflowID)
	}
	if f.Workflows != nil {
		query = query.Where("workflow_id IN ?", f.Workflows)
	}
	if f.Before != "" {
		if !models.ValidID(f.Before) {
			return nil, false
		}
		query = query.Where("id < ?", f.Before)
	}
	if f.least != "" {
		query = query.Where("id >= ?", f.least)
	}
	switch f.WaitingFor {
	case "":
	case "decision":
		query = query.Where("waiting_for = 'decision'") // written out: it has a partial index
	default:
		query = query.Where("waiting_for = ?", f.WaitingFor)
	}
	if f.FailureID != "" {
		if !models.ValidID(f.FailureID) {
			return nil, false
		}
		query = query.Where("failure_id = ?", f.FailureID)
	}
	if f.IDs != nil {
		if !slices.ContainsFunc(f.IDs, models.ValidID) {
			return nil, false
		}
		query = query.Where("id IN ?", slices.DeleteFunc(slices.Clone(f.IDs), func(id string) bool { return !models.ValidID(id) }))
	}
	if f.Open {
		query = query.Where(isOpen)
	}
	if f.NotAgain {
		query = query.Where("NOT EXISTS (SELECT 1 FROM runs again WHERE again.retry_of = runs.id)")
	}
	if f.TriggerType != "" {
		query = query.Where("trigger_type = ?", f.TriggerType)
	} else {
		query = query.Where(noTry)
	}
	// Ids sort by time: bounding them too lets the primary key find the place.
	if f.From != nil {
		query = query.Where("queued_at >= ? AND id >= ?", *f.From, models.FirstID(f.From.Add(-clocksApart)))
	}
	if f.To != nil {
		query = query.Where("queued_at < ? AND id < ?", *f.To, models.FirstID(f.To.Add(clocksApart)))
	}
	return query, true
}

// noTry leaves out tries.
const noTry = "trigger_type <> 'try'"

// allStates are all that there are.
func allStates() []string {
	return []string{"queued", "running", "waiting", "succeeded", "failed", "cancelled"}
}

// wantedStates are those in which runs are looked for.
func (f Filter) wantedStates() []string {
	return slices.DeleteFunc(allStates(), func(state string) bool {
		return len(f.Status) > 0 && !slices.Contains(f.Status, state)
	})
}

// narrows reports whether the runs have places of their own in an index.
func (f Filter) narrows() bool {
	return f.WorkflowID != "" || len(f.Workflows) > 0 || len(f.Status) > 0
}

// newestPlaces gives the ids of the newest runs in each of the states, of each of the workflows.
func (f Filter) newestPlaces(db, query *gorm.DB, limit int) *gorm.DB {
	if len(f.Workflows) == 0 {
		return newestOfEach(db, query, f.wantedStates(), limit)
	}
	var parts []string
	var args []any
	for i, id := range f.Workflows {
		parts = append(parts, fmt.Sprintf("SELECT id FROM (?) AS of_%d", i))
		args = append(args, newestOfEach(db, query.Session(&gorm.Session{}).Where("workflow_id = ?", id), f.wantedStates(), limit))
	}
	return db.Raw(strings.Join(parts, " UNION ALL "), args...)
}

// newestOfEach gives the ids of the newest runs in each of the states, where each
// has its own place in an index. The states are written out: partial indexes serve
// no parameter.
func newestOfEach(db, query *gorm.DB, states []string, limit int) *gorm.DB {
	var parts []string
	var args []any
	for _, state := range states {
		parts = append(parts, "SELECT id FROM (?) AS "+state)
		args = append(args, query.Session(&gorm.Session{}).Model(&models.Run{}).Select("id").Where("status = '"+state+"'").Order("id DESC").Limit(limit))
	}
	return db.Raw(strings.Join(parts, " UNION ALL "), args...)
}

// Get returns a run with everything.
func Get(ctx context.Context, db *gorm.DB, id string) (models.Run, error) {
	if !models.ValidID(id) {
		return models.Run{}, models.ErrNotFound
	}
	run, err := plain.Take[models.Run](ctx, db.Where("id = ?", id))
	if err != nil {
		return models.Run{}, fmt.Errorf("find the run: %w", models.Kind(err))
	}
	return run, nil
}

// Steps returns every attempt of every step of a run in the order in which
// they began.
func Steps(ctx context.Context, db *gorm.DB, runID string) ([]models.StepRun, error) {
	if !models.ValidID(runID) {
		return nil, models.ErrNotFound
	}
	rows, err := plain.Find[models.StepRun](ctx, db.Where("run_id = ?", runID).Order("id"))
	if err != nil {
		return nil, fmt.Errorf("list the run's steps: %w", models.Kind(err))
	}
	return rows, nil
}

// Counts says how many runs of a workflow are in each state.
type Counts map[string]int64

// CountByStatus counts a workflow's runs, but for tries, since a time by their state.
func CountByStatus(ctx context.Context, db *gorm.DB, workflowID string, since time.Time) (Counts, error) {
	if !models.ValidID(workflowID) {
		return nil, models.ErrNotFound
	}
	var rows []struct {
		Status string
		Number int64
	}
	err := db.WithContext(ctx).Model(&models.Run{}).Select("status, count(*) AS number").
		Where("workflow_id = ? AND status IN ? AND id >= ? AND "+noTry, workflowID, allStates(), models.FirstID(since)).Group("status").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("count the workflow's runs: %w", models.Kind(err))
	}
	counts := Counts{}
	for _, row := range rows {
		counts[row.Status] = row.Number
	}
	return counts, nil
}

// CountUnfinished says how many runs of a workflow have not ended, but for tries, up to
// models.CountLimit.
func CountUnfinished(ctx context.Context, db *gorm.DB, workflowID string) (int64, error) {
	if !models.ValidID(workflowID) {
		return 0, models.ErrNotFound
	}
	var number int64
	err := db.WithContext(ctx).Raw("SELECT count(*) FROM (SELECT 1 FROM runs WHERE workflow_id = ? AND status IN ('queued', 'running', 'waiting') AND "+noTry+" LIMIT ?) AS r", workflowID, models.CountLimit).Row().Scan(&number)
	if err != nil {
		return 0, fmt.Errorf("count the workflow's unfinished runs: %w", models.Kind(err))
	}
	return number, nil
}

// finishedCounted is how many of the newest runs CountFinished looks at.
const finishedCounted = 5000

// CountFinished says how many of the newest 5,000 runs that were queued since a time have
// succeeded and failed; tries count nowhere.
func CountFinished(ctx context.Context, db *gorm.DB, since time.Time) (succeeded, failed int, err error) {
	const newest = `SELECT status FROM runs WHERE id >= ? AND status IN ('succeeded', 'failed') AND ` + noTry + ` ORDER BY id DESC LIMIT ?`
	row := db.WithContext(ctx).Raw(`SELECT count(CASE WHEN status = 'succeeded' THEN 1 END), count(CASE WHEN status = 'failed' THEN 1 END) FROM (`+newest+`) AS ended`,
		models.FirstID(since), finishedCounted).Row()
	if err := row.Scan(&succeeded, &failed); err != nil {
		return 0, 0, fmt.Errorf("count the runs that have finished: %w", models.Kind(err))
	}
	return succeeded, failed, nil
}
