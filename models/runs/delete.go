package runs

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"workflows/models"
)

// Seized is a run that a transaction has for itself until it ends.
type Seized struct {
	ID, WorkflowID, Status, TriggerType string
	Size                                int // of what it was started with, in characters
}

// Seize gives a transaction those of the runs for itself that nobody else has in hand at the
// moment, in the order of their ids, and says which are not there any more. Whoever takes many
// runs must wait for none of them: a worker may hold one and wait for another.
func Seize(ctx context.Context, tx *gorm.DB, ids []string) (seized []Seized, gone []string, err error) {
	skip := ""
	if models.IsPostgres(tx) { // SQLite has one writer
		skip = "FOR UPDATE SKIP LOCKED"
	}
	err = tx.WithContext(ctx).Raw(`SELECT id, workflow_id, status, trigger_type, length(CAST("trigger" AS text)) + coalesce(length(CAST(input AS text)), 0) AS size
		FROM runs WHERE id IN ? ORDER BY id `+skip, ids).Scan(&seized).Error
	if err != nil {
		return nil, nil, fmt.Errorf("lock the runs: %w", models.Kind(err))
	}
	if len(seized) == len(ids) {
		return seized, nil, nil
	}
	var there []string
	if err := tx.WithContext(ctx).Raw("SELECT id FROM runs WHERE id IN ?", ids).Scan(&there).Error; err != nil {
		return nil, nil, fmt.Errorf("look which runs are there: %w", models.Kind(err))
	}
	for _, id := range ids {
		isIt := func(s Seized) bool { return s.ID == id }
		if !slices.Contains(there, id) && !slices.ContainsFunc(seized, isIt) {
			gone = append(gone, id)
		}
	}
	return seized, gone, nil
}

// DeleteMany removes those of seized runs that need not stay, with their steps, payloads and
// questions, and returns of the others why they do. A failed run whose place one of them had
// taken is settled by whoever deletes: it would seem open again.
func DeleteMany(ctx context.Context, tx *gorm.DB, seized []Seized, by string, now time.Time) (stay map[string]error, err error) {
	tx = tx.WithContext(ctx)
	ids := make([]string, len(seized))
	for i, run := range seized {
		ids[i] = run.ID
	}
	var needed []string
	err = tx.Raw(`SELECT r.id FROM runs r JOIN runs p ON p.id = r.parent_id WHERE r.id IN ? AND p.status IN ('queued', 'running', 'waiting')`, ids).Scan(&needed).Error
	if err != nil {
		return nil, fmt.Errorf("look which runs are needed: %w", models.Kind(err))
	}
	stay = map[string]error{}
	var free []string
	for _, run := range seized {
		if why := run.stays(needed); why != nil {
			stay[run.ID] = why
			continue
		}
		free = append(free, run.ID)
	}
	if len(free) == 0 {
		return stay, nil
	}
	err = tx.Exec(`UPDATE runs SET settled_at = ?, settled_by = ? WHERE status = 'failed' AND settled_at IS NULL
		AND id IN (SELECT retry_of FROM runs WHERE id IN ? AND status IN ('succeeded', 'failed'))`, now, by, free).Error
	if err != nil {
		return nil, fmt.Errorf("settle what runs had repaired: %w", models.Kind(err))
	}
	removed := tx.Exec("DELETE FROM runs WHERE id IN ?", free)
	if removed.Error != nil {
		return nil, fmt.Errorf("delete runs: %w", models.Kind(removed.Error))
	}
	return stay, nil
}

// stays is why a run cannot be deleted; nil where it can.
func (s Seized) stays(needed []string) error {
	switch {
	case s.TriggerType == "try":
		return &models.ConflictError{Code: "was_a_try", Message: "This was a try of a draft. It goes by itself a day after it was asked for."}
	case !slices.Contains(outcomes, s.Status):
		return &models.ConflictError{Code: "run_not_final", Message: "This run has not ended yet. Wait for its end, or cancel it, then delete it."}
	case slices.Contains(needed, s.ID):
		return &models.ConflictError{Code: "run_needed", Message: "The run that started this one is not over and may still ask for its output. Delete it when that run has ended."}
	}
	return nil
}
