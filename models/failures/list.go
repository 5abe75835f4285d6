package failures

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"workflows/models"
)

// Nobody is who sees to a group that nobody was given.
const Nobody = "nobody"

// Filter chooses groups; a zero field chooses all.
type Filter struct {
	States     []string // as they are at Now
	Now        time.Time
	WorkflowID string
	Owner      string // the id of the person who sees to it, or Nobody
	// After is the cursor that the page before ended with.
	After string
	Limit int // at most 100
}

// List returns groups, what was seen last first, and the cursor of the next page, "" on the
// last one.
func List(ctx context.Context, db *gorm.DB, filter Filter) ([]Listed, string, error) {
	limit := min(max(filter.Limit, 1), 100)
	if filter.WorkflowID != "" && !models.ValidID(filter.WorkflowID) {
		return nil, "", nil
	}
	query := listed(ctx, db).Order("failures.last_seen_at DESC, failures.id DESC").Limit(limit + 1)
	if filter.WorkflowID != "" {
		query = query.Where("failures.workflow_id = ?", filter.WorkflowID)
	}
	switch {
	case filter.Owner == Nobody:
		query = query.Where("failures.owner_id IS NULL")
	case models.ValidID(filter.Owner):
		query = query.Where("failures.owner_id = ?", filter.Owner)
	case filter.Owner != "":
		return nil, "", nil
	}
	if len(filter.States) > 0 {
		query = query.Where(inStates(filter.States, filter.Now))
	}
	if at, id, ok := readCursor(filter.After); ok {
		query = query.Where("(failures.last_seen_at < ? OR (failures.last_seen_at = ? AND failures.id < ?))", at, at, id)
	}
	var found []Listed
	if err := query.Find(&found).Error; err != nil {
		return nil, "", fmt.Errorf("list why runs have failed: %w", models.Kind(err))
	}
	if len(found) <= limit {
		return found, "", nil
	}
	last := found[limit-1]
	return found[:limit], strconv.FormatInt(last.LastSeenAt.UnixMicro(), 10) + "." + last.ID, nil
}

// inStates is the condition that a group is in one of the states.
func inStates(states []string, now time.Time) clause.Expr {
	var parts []string
	var args []any
	for _, state := range states {
		switch state {
		case Solved:
			parts = append(parts, "failures.state = 'solved'")
			continue
		case Snoozed:
			parts = append(parts, "failures.state <> 'solved' AND failures.snoozed_until > ?")
		default:
			parts = append(parts, "failures.state = ? AND (failures.snoozed_until IS NULL OR failures.snoozed_until <= ?)")
			args = append(args, state)
		}
		args = append(args, now)
	}
	return clause.Expr{SQL: "(" + strings.Join(parts, " OR ") + ")", Vars: args}
}

// ValidCursor reports whether a text is a cursor of List.
func ValidCursor(cursor string) bool {
	_, _, ok := readCursor(cursor)
	return ok
}

func readCursor(cursor string) (at time.Time, id string, ok bool) {
	micros, id, _ := strings.Cut(cursor, ".")
	n, err := strconv.ParseInt(micros, 10, 64)
	if err != nil || !models.ValidID(id) || n < 0 || n > 253402300799e6 { // the end of the year 9999
		return time.Time{}, "", false
	}
	return time.UnixMicro(n).UTC(), id, true
}

// Counts says how many groups are in each state at a moment, those of one workflow or, with
// "", of all.
func Counts(ctx context.Context, db *gorm.DB, workflowID string, now time.Time) (map[string]int64, error) {
	where, args := "", []any{now}
	if workflowID != "" {
		where, args = "WHERE workflow_id = ?", append(args, workflowID)
	}
	var rows []struct {
		State  string
		Number int64
	}
	err := db.WithContext(ctx).Raw("SELECT state, count(*) AS number FROM (SELECT CASE WHEN state <> 'solved' AND snoozed_until > ? THEN 'snoozed' ELSE state END AS state FROM failures "+where+") AS now GROUP BY state", args...).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("count why runs have failed: %w", models.Kind(err))
	}
	counts := map[string]int64{}
	for _, row := range rows {
		counts[row.State] = row.Number
	}
	return counts, nil
}

// Clear removes groups that were last seen before a moment and have no runs any more, nor a
// rule for what fails so next, at most limit.
func Clear(ctx context.Context, db *gorm.DB, before time.Time, limit int) (int64, error) {
	skip := ""
	if models.IsPostgres(db) {
		skip = "FOR UPDATE SKIP LOCKED" // of one to which runs are just added
	}
	cleared := db.WithContext(ctx).Exec(`DELETE FROM failures WHERE id IN (SELECT f.id FROM failures f
		WHERE f.last_seen_at < ? AND NOT EXISTS (SELECT 1 FROM runs WHERE runs.failure_id = f.id)
			AND NOT EXISTS (SELECT 1 FROM failure_rules r WHERE r.failure_id = f.id) ORDER BY f.last_seen_at LIMIT ? `+skip+`)`, before, limit)
	if cleared.Error != nil {
		return 0, fmt.Errorf("clear why runs have failed: %w", models.Kind(cleared.Error))
	}
	return cleared.RowsAffected, nil
}

// FailedOf is how many runs of a workflow have failed.
type FailedOf struct {
	WorkflowID, WorkflowName string
	Number                   int64
}

// CountByWorkflow says of workflows how many of their runs have failed in all, as far as
// their groups are kept; those with the most first, at most limit.
func CountByWorkflow(ctx context.Context, db *gorm.DB, limit int) (found []FailedOf, err error) {
	err = db.WithContext(ctx).Raw(`SELECT f.workflow_id, w.name AS workflow_name, f.number FROM (SELECT workflow_id, sum(count) AS number FROM failures GROUP BY workflow_id) AS f
		JOIN workflows w ON w.id = f.workflow_id ORDER BY f.number DESC, w.id LIMIT ?`, limit).Scan(&found).Error
	if err != nil {
		return nil, fmt.Errorf("count failed runs by workflow: %w", models.Kind(err))
	}
	return found, nil
}
