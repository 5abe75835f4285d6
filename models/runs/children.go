package runs

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"workflows/models"
)

// EndedChildren returns those of a run's awaited children that are final, by id.
func EndedChildren(ctx context.Context, db *gorm.DB, parentID string) (map[string]*models.Run, error) {
	var ended []models.Run
	err := db.WithContext(ctx).Raw(`SELECT c.* FROM step_runs s JOIN runs c ON c.id = s.child_id
		WHERE s.run_id = ? AND s.status = 'waiting' AND c.status IN ('succeeded', 'failed', 'cancelled')`, parentID).Scan(&ended).Error
	if err != nil {
		return nil, fmt.Errorf("read the runs that were started: %w", models.Kind(err))
	}
	byID := make(map[string]*models.Run, len(ended))
	for i := range ended {
		byID[ended[i].ID] = &ended[i]
	}
	return byID, nil
}

// othersHaveEnded says of a run p that something has come which it waits for. A new
// kind of waiting that others end adds its condition.
const othersHaveEnded = `(` + childHasEnded + ` OR ` + questionIsDecided + `)`

const childHasEnded = `EXISTS (SELECT 1 FROM step_runs s JOIN runs c ON c.id = s.child_id
	WHERE s.run_id = p.id AND s.status = 'waiting' AND c.status IN ('succeeded', 'failed', 'cancelled'))`

const questionIsDecided = `EXISTS (SELECT 1 FROM approvals a JOIN step_runs s ON s.id = a.step_run_id
	WHERE a.run_id = p.id AND s.status = 'waiting' AND a.decided_at IS NOT NULL)`

// WakeParent queues the run if it waits and what it waits for has come: the end
// of another run, or a person's word.
func WakeParent(ctx context.Context, db *gorm.DB, id string, now time.Time) ([]Rung, error) {
	s := clockOf(db)
	return queryRung(ctx, db, "wake the run that waited for others",
		`UPDATE runs AS p SET status = 'queued', waiting_for = '', queue = `+started+`, rung_at = `+s.now+` WHERE p.id = ? AND p.status = 'waiting' AND `+othersHaveEnded+` RETURNING `+rungColumns,
		append(s.args(now, 0), id)...)
}

// WakeParents does the same for at most limit runs, wherever they are, but for those
// that wait for a time or for a worker that knows more.
func WakeParents(ctx context.Context, db *gorm.DB, now time.Time, limit int) ([]Rung, error) {
	s := clockOf(db)
	skip := s.skip
	if skip != "" {
		skip = "FOR UPDATE OF p SKIP LOCKED"
	}
	return queryRung(ctx, db, "wake runs that waited for others",
		`UPDATE runs SET status = 'queued', waiting_for = '', queue = `+started+`, rung_at = `+s.now+` WHERE id IN (SELECT p.id FROM runs p
			WHERE p.status = 'waiting' AND p.waiting_for <> 'time' AND p.waiting_for <> 'retry' AND p.waiting_for <> 'worker' AND `+othersHaveEnded+` LIMIT ? `+skip+`) RETURNING `+rungColumns,
		append(s.args(now, 0), limit)...)
}

// Orphans returns at most limit unfinished runs whose end nobody waits for any
// more: the step that started them has failed or was cancelled. An empty parentID
// means any run's.
func Orphans(ctx context.Context, db *gorm.DB, parentID string, limit int) ([]string, error) {
	statement := `SELECT c.id FROM runs c WHERE c.parent_id IS NOT NULL AND c.status IN ('queued', 'running', 'waiting')
		AND EXISTS (SELECT 1 FROM step_runs s WHERE s.run_id = c.parent_id AND s.child_id = c.id AND s.status IN ('failed', 'cancelled'))`
	args := []any{limit}
	if parentID != "" {
		statement += " AND c.parent_id = ?"
		args = []any{parentID, limit}
	}
	var ids []string
	if err := db.WithContext(ctx).Raw(statement+" LIMIT ?", args...).Scan(&ids).Error; err != nil {
		return nil, fmt.Errorf("find runs that nobody waits for: %w", models.Kind(err))
	}
	return ids, nil
}
