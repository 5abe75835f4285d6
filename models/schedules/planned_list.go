package schedules

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"gorm.io/gorm"

	"workflows/models"
)

// PlannedFilter chooses rows of the ledger; a zero field chooses all.
type PlannedFilter struct {
	WorkflowID, ScheduleID string
	Outcome                string // one of workflow's outcomes, or "exceptions": all but ran
	// From and To bound the planned time: From <= time < To.
	From, To *time.Time
	// After is the cursor that the page before ended with.
	After string
	Limit int // at most MaxPlanned
}

// Exceptions are all outcomes but ran.
const Exceptions = "exceptions"

// Outcomes are what a filter can choose.
func Outcomes() []string {
	return []string{Exceptions, "ran", "caught_up", "skipped", "missed", "paused"}
}

// ValidPlannedCursor reports whether a text is a cursor of ListPlanned.
func ValidPlannedCursor(cursor string) bool {
	_, _, ok := readComingCursor(cursor)
	return ok
}

// ListedPlanned is a row of the ledger with what it belongs to.
type ListedPlanned struct {
	models.PlannedRun
	WorkflowName string
	Rule         models.JSON
	TimeZone     string
}

// ListPlanned returns rows of the ledger over all schedules, the newest planned
// time first, and the cursor of the next page, "" on the last one.
func ListPlanned(ctx context.Context, db *gorm.DB, filter PlannedFilter) ([]ListedPlanned, string, error) {
	limit := min(max(filter.Limit, 1), MaxPlanned)
	query, possible := filter.apply(db.WithContext(ctx).Table("planned_runs p").
		Select("p.*, w.name AS workflow_name, s.rule, s.time_zone").
		Joins("JOIN schedules s ON s.id = p.schedule_id").Joins("JOIN workflows w ON w.id = p.workflow_id").
		Order("p.planned_at DESC, p.id DESC").Limit(limit + 1))
	if !possible {
		return nil, "", nil
	}
	var found []ListedPlanned
	if err := query.Find(&found).Error; err != nil {
		return nil, "", fmt.Errorf("list the ledger: %w", models.Kind(err))
	}
	if len(found) <= limit {
		return found, "", nil
	}
	last := found[limit-1]
	return found[:limit], strconv.FormatInt(last.PlannedAt.UnixMicro(), 10) + "." + last.ID, nil
}

func (f PlannedFilter) apply(query *gorm.DB) (_ *gorm.DB, possible bool) {
	if f.ScheduleID != "" && !models.ValidID(f.ScheduleID) || f.WorkflowID != "" && !models.ValidID(f.WorkflowID) {
		return nil, false
	}
	if f.ScheduleID != "" {
		query = query.Where("p.schedule_id = ?", f.ScheduleID)
	}
	if f.WorkflowID != "" {
		query = query.Where("p.workflow_id = ?", f.WorkflowID)
	}
	switch {
	case f.Outcome == Exceptions:
		query = query.Where("p.outcome <> 'ran'")
	case slices.Contains(Outcomes(), f.Outcome):
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
