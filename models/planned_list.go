package models

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"gorm.io/gorm"
)

// PlannedFilter chooses rows of the ledger; a zero field chooses all.
type PlannedFilter struct {
	WorkflowID, ScheduleID string
	Outcome                string // one of workflow's outcomes, or "exceptions": all but ran
	// From and To bound the planned time: From <= time < To.
	From, To *time.Time
	// After is the cursor that the page before ended with.
	After string
	Limit int // at most MaxPlannedRuns
}

// PlannedExceptions are all outcomes but ran.
const PlannedExceptions = "exceptions"

// ListedPlanned is a row of the ledger with what it belongs to.
type ListedPlanned struct {
	PlannedRun
	WorkflowName string
	Rule         JSON
	TimeZone     string
}

// ListPlanned returns rows of the ledger over all schedules, the newest planned
// time first, and the cursor of the next page, "" on the last one.
func ListPlanned(ctx context.Context, db *gorm.DB, filter PlannedFilter) ([]ListedPlanned, string, error) {
	limit := min(max(filter.Limit, 1), MaxPlannedRuns)
	query, possible := filter.apply(db.WithContext(ctx).Table("planned_runs p").
		Select("p.*, w.name AS workflow_name, s.rule, s.time_zone").
		Joins("JOIN schedules s ON s.id = p.schedule_id").Joins("JOIN workflows w ON w.id = p.workflow_id").
		Order("p.planned_at DESC, p.id DESC").Limit(limit + 1))
	if !possible {
		return nil, "", nil
	}
	var found []ListedPlanned
	if err := query.Find(&found).Error; err != nil {
		return nil, "", fmt.Errorf("list the ledger: %w", kind(err))
	}
	if len(found) <= limit {
		return found, "", nil
	}
	last := found[limit-1]
	return found[:limit], strconv.FormatInt(last.PlannedAt.UnixMicro(), 10) + "." + last.ID, nil
}

func (f PlannedFilter) apply(query *gorm.DB) (_ *gorm.DB, possible bool) {
	for column, id := range map[string]string{"p.schedule_id": f.ScheduleID, "p.workflow_id": f.WorkflowID} {
		if id == "" {
			continue
		}
		if !ValidID(id) {
			return nil, false
		}
		query = query.Where(column+" = ?", id)
	}
	switch {
	case f.Outcome == PlannedExceptions:
		query = query.Where("p.outcome <> 'ran'")
	case slices.Contains([]string{"ran", "caught_up", "skipped", "missed", "paused"}, f.Outcome):
		query = query.Where("p.outcome = '" + f.Outcome + "'") // written out: a partial index serves no parameter
	case f.Outcome != "":
		return nil, false
	}
	if f.From != nil {
		query = query.Where("p.planned_at >= ?", *f.From)
	}
	if f.To != nil {
		query = query.Where("p.planned_at < ?", *f.To)
	}
	if at, id, ok := readComingCursor(f.After); ok {
		query = query.Where("(p.planned_at < ? OR (p.planned_at = ? AND p.id < ?))", at, at, id)
	}
	return query, true
}
