package runs

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"workflows/models"
)

const (
	// seenRuns is how many of a workflow's newest runs are looked at for what its steps give.
	seenRuns = 3
	// seenTries is how many of its newest tries, beside these.
	seenTries = 10
	// seenSteps and seenBytes bound what is read of them.
	seenSteps = 100
	seenBytes = 1 << 20
)

// LastGiven returns what steps of a workflow have given lately, by step id: the output of
// an attempt that succeeded in the newest run that has one, of the first item for which it
// ran where there are several. Outputs larger than a megabyte are left out, and what a
// try only had as an example.
func LastGiven(ctx context.Context, db *gorm.DB, workflowID string, stepIDs []string) (map[string]models.JSON, error) {
	found := map[string]models.JSON{}
	if !models.ValidID(workflowID) || len(stepIDs) == 0 {
		return found, nil
	}
	var newest []string
	err := newestOfEach(db.WithContext(ctx), db.Where("workflow_id = ? AND "+noTry, workflowID), allStates(), seenRuns).Scan(&newest).Error
	if err != nil {
		return nil, fmt.Errorf("find the newest runs: %w", models.Kind(err))
	}
	slices.Sort(newest) // ids sort by time
	newest = newest[max(0, len(newest)-seenRuns):]
	var tries []string
	err = db.WithContext(ctx).Raw("SELECT id FROM runs WHERE trigger_type = 'try' AND workflow_id = ? ORDER BY id DESC LIMIT ?", workflowID, seenTries).Scan(&tries).Error
	if err != nil {
		return nil, fmt.Errorf("find the newest tries: %w", models.Kind(err))
	}
	newest = append(newest, tries...)
	if len(newest) == 0 {
		return found, nil
	}
	var marks []models.StepRun
	err = db.WithContext(ctx).Raw(`SELECT min(CAST(id AS text)) AS id, run_id, step_id FROM step_runs
		WHERE run_id IN ? AND step_id IN ? AND status = 'succeeded' AND branch <> 'example' GROUP BY run_id, step_id ORDER BY run_id`, newest, stepIDs[:min(len(stepIDs), seenSteps)]).Scan(&marks).Error
	if err != nil {
		return nil, fmt.Errorf("find what the steps gave: %w", models.Kind(err))
	}
	chosen := map[string]models.StepRun{}
	for _, mark := range marks {
		chosen[mark.StepID] = mark
	}
	for id, mark := range chosen {
		output, err := givenBy(ctx, db, mark)
		if err != nil {
			return nil, err
		}
		if output != nil {
			found[id] = output
		}
	}
	return found, nil
}

// givenBy reads an attempt's whole output, unless it is very large.
func givenBy(ctx context.Context, db *gorm.DB, mark models.StepRun) (models.JSON, error) {
	var rows []struct {
		Output, Whole models.JSON
		Aside         bool
	}
	err := db.WithContext(ctx).Raw(`SELECT s.output, p.step_run_id IS NOT NULL AS aside,
			CASE WHEN length(CAST(p.data AS text)) <= ? THEN p.data END AS whole
		FROM step_runs s LEFT JOIN payloads p ON p.step_run_id = s.id
		WHERE s.run_id = ? AND s.step_id = ? AND s.id = ?`, seenBytes, mark.RunID, mark.StepID, mark.ID).Scan(&rows).Error
	switch {
	case err != nil:
		return nil, fmt.Errorf("read what a step gave: %w", models.Kind(err))
	case len(rows) == 0: // removed in between
		return nil, nil
	case rows[0].Aside:
		return rows[0].Whole, nil
	}
	return rows[0].Output, nil
}
