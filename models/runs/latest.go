package runs

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"workflows/models"
)

// Last returns the newest run of each of the workflows that has one, without
// its payloads. Tries do not count.
func Last(ctx context.Context, db *gorm.DB, workflowIDs []string) (map[string]models.Run, error) {
	found := make(map[string]models.Run, len(workflowIDs))
	if len(workflowIDs) == 0 {
		return found, nil
	}
	var runs []models.Run
	newest := db.Raw(`SELECT (SELECT id FROM runs WHERE workflow_id = workflows.id AND status = states.status AND `+noTry+` ORDER BY id DESC LIMIT 1)
		FROM workflows, (SELECT '`+strings.Join(allStates(), `' AS status UNION ALL SELECT '`)+`' AS status) AS states WHERE workflows.id IN ?`, workflowIDs)
	err := db.WithContext(ctx).Select(listColumns).Where("id IN (?)", newest).Order("id").Find(&runs).Error
	if err != nil {
		return nil, fmt.Errorf("find the last runs: %w", models.Kind(err))
	}
	for _, run := range runs {
		found[run.WorkflowID] = run // the newest state's last
	}
	return found, nil
}

// Latest is how a workflow has fared lately. Runs count in the order in which they were
// accepted, tries not at all.
type Latest struct {
	// Newest is its newest run, Ended the newest that has ended; nil where there is none.
	Newest, Ended *models.Run
	// FailingSince is when the first run failed since one succeeded last; zero where the last
	// that succeeded or failed has succeeded.
	FailingSince time.Time
}

// LatestOf says it of workflows, by their ids, in one statement.
func LatestOf(ctx context.Context, db *gorm.DB, workflowIDs []string) (map[string]Latest, error) {
	latest := make(map[string]Latest, len(workflowIDs))
	if len(workflowIDs) == 0 {
		return latest, nil
	}
	var parts []string
	for _, state := range allStates() {
		parts = append(parts, "SELECT ("+lastOfW(state)+") FROM workflows w WHERE w.id IN @of")
	}
	parts = append(parts, "SELECT ("+FirstFailureOfW()+") FROM workflows w WHERE w.id IN @of")
	var found []models.Run
	err := db.WithContext(ctx).Select(listColumns).Where("id IN ("+strings.Join(parts, " UNION ALL ")+")", map[string]any{"of": workflowIDs}).Order("id").Find(&found).Error
	if err != nil {
		return nil, fmt.Errorf("find how workflows have fared: %w", models.Kind(err))
	}
	for _, run := range found {
		of := latest[run.WorkflowID]
		of.Newest = &run
		switch run.Status {
		case "succeeded":
			of.Ended, of.FailingSince = &run, time.Time{}
		case "failed":
			if of.Ended = &run; of.FailingSince.IsZero() && run.FinishedAt != nil {
				of.FailingSince = *run.FinishedAt
			}
		case "cancelled":
			of.Ended = &run
		}
		latest[run.WorkflowID] = of
	}
	return latest, nil
}

// NewestOfW is a part of statements about the workflow w: the id of its newest run, NULL where
// it has none.
func NewestOfW() string {
	var parts []string
	for _, state := range allStates() {
		parts = append(parts, "SELECT ("+lastOfW(state)+") AS id")
	}
	return "SELECT each_state.id FROM (" + strings.Join(parts, " UNION ALL ") + ") AS each_state WHERE each_state.id IS NOT NULL ORDER BY each_state.id DESC LIMIT 1"
}

// FirstFailureOfW is another: the id of the first run that failed since one succeeded last,
// NULL where none did. Each looks up places in an index, whatever the number of runs.
func FirstFailureOfW() string {
	return "SELECT first_failed.id FROM runs AS first_failed WHERE first_failed.workflow_id = w.id AND first_failed.status = 'failed' AND first_failed." + noTry +
		" AND first_failed.id > coalesce((" + lastOfW("succeeded") + "), '" + models.BeforeAllIDs + "') ORDER BY first_failed.id LIMIT 1"
}

// lastOfW is the id of its newest run in a state.
func lastOfW(state string) string {
	return "SELECT r.id FROM runs AS r WHERE r.workflow_id = w.id AND r.status = '" + state + "' AND r." + noTry + " ORDER BY r.id DESC LIMIT 1"
}
