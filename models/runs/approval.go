package runs

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"workflows/models"
)

// openApproval reports whether the attempt of approval a still waits.
const openApproval = `(a.decided_at IS NULL AND (a.expires_at IS NULL OR a.expires_at > %s)
	AND EXISTS (SELECT 1 FROM step_runs s WHERE s.id = a.step_run_id AND s.status = 'waiting'))`

// approvals selects them with whether they are open.
func approvals(ctx context.Context, db *gorm.DB, now time.Time) (*gorm.DB, string, []any) {
	s := clockOf(db)
	open := fmt.Sprintf(openApproval, s.now)
	return db.WithContext(ctx).Table("approvals a").Select("a.*, "+open+" AS open", s.args(now, 0)...), open, s.args(now, 0)
}

// GetApproval returns one approval.
func GetApproval(ctx context.Context, db *gorm.DB, id string, now time.Time) (models.Approval, error) {
	if !models.ValidID(id) {
		return models.Approval{}, models.ErrNotFound
	}
	query, _, _ := approvals(ctx, db, now)
	var found []models.Approval
	if err := query.Where("a.id = ?", id).Limit(1).Find(&found).Error; err != nil {
		return models.Approval{}, fmt.Errorf("find the approval: %w", models.Kind(err))
	}
	if len(found) == 0 {
		return models.Approval{}, models.ErrNotFound
	}
	return found[0], nil
}

// ApprovalFilter chooses approvals; a zero field chooses all.
type ApprovalFilter struct {
	RunID  string
	Open   bool   // only those that wait
	Before string // the cursor that the page before ended with: an id
	Limit  int    // at most 100
}

// ListApprovals returns approvals, newest first, and the cursor of the next page,
// "" on the last one.
func ListApprovals(ctx context.Context, db *gorm.DB, filter ApprovalFilter, now time.Time) ([]models.Approval, string, error) {
	limit := min(max(filter.Limit, 1), 100)
	query, open, args := approvals(ctx, db, now)
	query = query.Order("a.id DESC").Limit(limit + 1)
	if filter.Open {
		query = query.Where(open, args...)
	}
	if filter.RunID != "" && !models.ValidID(filter.RunID) || filter.Before != "" && !models.ValidID(filter.Before) {
		return nil, "", nil
	}
	if filter.RunID != "" {
		query = query.Where("a.run_id = ?", filter.RunID)
	}
	if filter.Before != "" {
		query = query.Where("a.id < ?", filter.Before)
	}
	var found []models.Approval
	if err := query.Find(&found).Error; err != nil {
		return nil, "", fmt.Errorf("list approvals: %w", models.Kind(err))
	}
	if len(found) <= limit {
		return found, "", nil
	}
	return found[:limit], found[limit-1].ID, nil
}

// CountApprovals counts those that wait, up to models.CountLimit.
func CountApprovals(ctx context.Context, db *gorm.DB, now time.Time) (int64, error) {
	s := clockOf(db)
	var number int64
	err := db.WithContext(ctx).Raw("SELECT count(*) FROM (SELECT 1 FROM approvals a WHERE "+fmt.Sprintf(openApproval, s.now)+" LIMIT ?) AS n", append(s.args(now, 0), models.CountLimit)...).Scan(&number).Error
	if err != nil {
		return 0, fmt.Errorf("count approvals: %w", models.Kind(err))
	}
	return number, nil
}

// DecideApproval keeps a person's word, if nobody has decided, it has not expired
// and the attempt still waits; it reports whether it did. Of two at once one does.
func DecideApproval(ctx context.Context, tx *gorm.DB, id, decision, by, comment string, now time.Time) (bool, error) {
	s := clockOf(tx)
	statement := "UPDATE approvals AS a SET decided_at = " + s.now + ", decision = ?, decided_by = ?, comment = ? WHERE a.id = ? AND " + fmt.Sprintf(openApproval, s.now)
	args := append(s.args(now, 0), decision, by, comment, id)
	decided := tx.WithContext(ctx).Exec(statement, append(args, s.args(now, 0)...)...)
	if decided.Error != nil {
		return false, fmt.Errorf("keep the decision: %w", models.Kind(decided.Error))
	}
	return decided.RowsAffected == 1, nil
}

// ExpireApproval settles the question of an attempt whose time is over, unless
// somebody has decided it: of the two one stands.
func ExpireApproval(ctx context.Context, db *gorm.DB, stepRunID string, now time.Time) error {
	s := clockOf(db)
	statement := "UPDATE approvals SET decided_at = " + s.now + ", decision = ? WHERE step_run_id = ? AND decided_at IS NULL"
	if err := db.WithContext(ctx).Exec(statement, append(s.args(now, 0), models.ApprovalExpired, stepRunID)...).Error; err != nil {
		return fmt.Errorf("end the time of the question: %w", models.Kind(err))
	}
	return nil
}

// DecidedApprovals returns the approvals of a run that are settled, by the
// attempts that ask.
func DecidedApprovals(ctx context.Context, db *gorm.DB, runID string) (map[string]*models.Approval, error) {
	var found []models.Approval
	if err := db.WithContext(ctx).Where("run_id = ? AND decided_at IS NOT NULL", runID).Omit("open").Find(&found).Error; err != nil {
		return nil, fmt.Errorf("read the run's approvals: %w", models.Kind(err))
	}
	byStep := make(map[string]*models.Approval, len(found))
	for i := range found {
		byStep[found[i].StepRunID] = &found[i]
	}
	return byStep, nil
}
