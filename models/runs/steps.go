package runs

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/plain"
)

// stepMarkColumns are a step run without what it was given and what it gave.
const stepMarkColumns = `id, run_id, step_id, name, type, iteration, attempt, status, branch, error, absent, child_id, note, wake_at, started_at, finished_at`

// StepMarks returns every attempt of every step of a run, in the order in which
// they began, without inputs and outputs: a loop may have thousands of them.
func StepMarks(ctx context.Context, db *gorm.DB, runID string) ([]models.StepRun, error) {
	if !models.ValidID(runID) {
		return nil, models.ErrNotFound
	}
	rows, err := plain.Find[models.StepRun](ctx, db.Select(stepMarkColumns).Where("run_id = ?", runID).Order("id"))
	if err != nil {
		return nil, fmt.Errorf("list what the run's steps have come to: %w", models.Kind(err))
	}
	return rows, nil
}

// FirstStepMarks returns the first attempts of a run's steps, at most limit, without inputs and
// outputs, and whether there are more.
func FirstStepMarks(ctx context.Context, db *gorm.DB, runID string, limit int) ([]models.StepRun, bool, error) {
	rows, err := plain.Find[models.StepRun](ctx, db.Select(stepMarkColumns).Where("run_id = ?", runID).Order("id").Limit(limit+1))
	if err != nil {
		return nil, false, fmt.Errorf("list what the run's steps have come to: %w", models.Kind(err))
	}
	return rows[:min(limit, len(rows))], len(rows) > limit, nil
}

// StepsByID returns those of a run's step runs that have one of the ids, by
// id, with everything.
func StepsByID(ctx context.Context, db *gorm.DB, runID string, ids []string) (map[string]models.StepRun, error) {
	found := make(map[string]models.StepRun, len(ids))
	if len(ids) == 0 || !models.ValidID(runID) {
		return found, nil
	}
	rows, err := plain.Find[models.StepRun](ctx, db.Where("run_id = ? AND id IN ?", runID, ids))
	if err != nil {
		return nil, fmt.Errorf("read step runs: %w", models.Kind(err))
	}
	for _, row := range rows {
		found[row.ID] = row
	}
	return found, nil
}

// StepFilter chooses among the attempts of a run's steps; empty fields choose all.
type StepFilter struct {
	StepID, Iteration, Status string
	// After is the cursor that the page before ended with.
	After string
	Limit int // at most 100
}

// ListSteps lists attempts in the order in which they began, and the cursor of
// the page after, if there is one.
func ListSteps(ctx context.Context, db *gorm.DB, runID string, filter StepFilter) ([]models.StepRun, string, error) {
	limit := min(max(filter.Limit, 1), 100)
	query := db.WithContext(ctx).Where("run_id = ?", runID).Order("id").Limit(limit + 1)
	for _, chosen := range []struct{ condition, value string }{
		{"step_id = ?", filter.StepID}, {"iteration = ?", filter.Iteration}, {"status = ?", filter.Status}, {"id > ?", filter.After},
	} {
		if chosen.value != "" {
			query = query.Where(chosen.condition, chosen.value)
		}
	}
	var found []models.StepRun
	if err := query.Find(&found).Error; err != nil {
		return nil, "", fmt.Errorf("list the attempts of the run's steps: %w", models.Kind(err))
	}
	if len(found) <= limit {
		return found, "", nil
	}
	return found[:limit], found[limit-1].ID, nil
}

// StarterOf returns the step run of the parent that started a run, without what
// it was given and gave.
func StarterOf(ctx context.Context, db *gorm.DB, parentID, childID string) (models.StepRun, error) {
	row, err := plain.Take[models.StepRun](ctx, db.Select(stepMarkColumns).Where("run_id = ? AND child_id = ?", parentID, childID).Order("id"))
	if err != nil {
		return models.StepRun{}, fmt.Errorf("find the step that started the run: %w", models.Kind(err))
	}
	return row, nil
}

// CountDecisions counts the runs that wait for a person's decision, up to models.CountLimit.
func CountDecisions(ctx context.Context, db *gorm.DB) (int64, error) {
	var number int64
	err := db.WithContext(ctx).Raw(`SELECT count(*) FROM (SELECT 1 FROM runs WHERE waiting_for = 'decision' LIMIT ?) AS d`, models.CountLimit).Scan(&number).Error
	if err != nil {
		return 0, fmt.Errorf("count the runs that wait for a decision: %w", models.Kind(err))
	}
	return number, nil
}
