package runs

import (
	"context"
	"fmt"
	"slices"
	"time"

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
	// cutBytes is how much is read of a larger output, for people to choose from.
	cutBytes = 256 << 10
)

// Sample is what a step gave lately.
type Sample struct {
	Output models.JSON
	// Cut is the beginning of an output that is larger than a megabyte; Output is nil then.
	Cut   models.JSON
	RunID string
	Tried bool // in a try
	At    time.Time
}

// LastGiven returns what steps of a workflow have given lately, by step id: the output of
// an attempt that succeeded in the newest try that has one, since that was of what the
// draft says, else in the newest such run; of the first item for which it ran where there
// are several. What a try only had as an example is left out.
func LastGiven(ctx context.Context, db *gorm.DB, workflowID string, stepIDs []string) (map[string]Sample, error) {
	found := map[string]Sample{}
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
	marks, err := gaveIn(ctx, db, append(newest, tries...), stepIDs)
	if err != nil {
		return nil, err
	}
	chosen := map[string]models.StepRun{}
	for _, mark := range marks {
		tried := slices.Contains(tries, mark.RunID)
		if before, any := chosen[mark.StepID]; !any || tried || !slices.Contains(tries, before.RunID) {
			chosen[mark.StepID] = mark
		}
	}
	for id, mark := range chosen {
		given, err := givenBy(ctx, db, mark)
		if err != nil {
			return nil, err
		}
		if given.Tried = slices.Contains(tries, mark.RunID); given.Output != nil || given.Cut != nil {
			found[id] = given
		}
	}
	return found, nil
}

// GivenIn returns the same of one run.
func GivenIn(ctx context.Context, db *gorm.DB, runID string, stepIDs []string) (map[string]Sample, error) {
	found := map[string]Sample{}
	marks, err := gaveIn(ctx, db, []string{runID}, stepIDs)
	if err != nil {
		return nil, err
	}
	for _, mark := range marks {
		if found[mark.StepID], err = givenBy(ctx, db, mark); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// gaveIn are the attempts by which steps gave something in runs, of each the first that did.
func gaveIn(ctx context.Context, db *gorm.DB, runIDs, stepIDs []string) (marks []models.StepRun, err error) {
	if len(runIDs) == 0 || len(stepIDs) == 0 {
		return nil, nil
	}
	err = db.WithContext(ctx).Raw(`SELECT min(CAST(id AS text)) AS id, run_id, step_id FROM step_runs
		WHERE run_id IN ? AND step_id IN ? AND status = 'succeeded' AND branch <> 'example' GROUP BY run_id, step_id ORDER BY run_id`, runIDs, stepIDs[:min(len(stepIDs), seenSteps)]).Scan(&marks).Error
	if err != nil {
		return nil, fmt.Errorf("find what the steps gave: %w", models.Kind(err))
	}
	return marks, nil
}

// givenBy reads an attempt's whole output, or the beginning of one that is very large.
func givenBy(ctx context.Context, db *gorm.DB, mark models.StepRun) (Sample, error) {
	var rows []struct {
		Output, Whole models.JSON
		Begun         string
		Aside         bool
		FinishedAt    *time.Time
	}
	err := db.WithContext(ctx).Raw(`SELECT s.output, p.step_run_id IS NOT NULL AS aside, s.finished_at,
			CASE WHEN length(CAST(p.data AS text)) <= ? THEN p.data END AS whole,
			CASE WHEN length(CAST(p.data AS text)) > ? THEN substr(CAST(p.data AS text), 1, ?) END AS begun
		FROM step_runs s LEFT JOIN payloads p ON p.step_run_id = s.id
		WHERE s.run_id = ? AND s.step_id = ? AND s.id = ?`, seenBytes, seenBytes, cutBytes, mark.RunID, mark.StepID, mark.ID).Scan(&rows).Error
	if err != nil {
		return Sample{}, fmt.Errorf("read what a step gave: %w", models.Kind(err))
	}
	given := Sample{RunID: mark.RunID}
	for _, row := range rows { // one, or none: removed in between
		if given.Output = row.Output; row.Aside {
			given.Output = row.Whole
		}
		if row.Begun != "" {
			given.Cut = models.JSON(row.Begun)
		}
		if row.FinishedAt != nil {
			given.At = row.FinishedAt.UTC()
		}
	}
	return given, nil
}
