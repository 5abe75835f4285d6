package models

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"gorm.io/gorm"

	"workflows/models/plain"
)

// ListVersions returns a workflow's published versions, the newest first, from
// below the number before (0 is from the newest), and the cursor of the next
// page, 0 on the last one.
func ListVersions(ctx context.Context, db *gorm.DB, workflowID string, before, limit int) ([]WorkflowVersion, int, error) {
	if !ValidID(workflowID) {
		return nil, 0, ErrNotFound
	}
	limit = min(max(limit, 1), 100)
	query := db.WithContext(ctx).Where("workflow_id = ? AND number > 0", workflowID).Order("number DESC").Limit(limit + 1)
	if before > 0 {
		query = query.Where("number < ?", before)
	}
	var found []WorkflowVersion
	if err := query.Find(&found).Error; err != nil {
		return nil, 0, fmt.Errorf("list versions: %w", Kind(err))
	}
	if len(found) <= limit {
		return found, 0, nil
	}
	return found[:limit], found[limit-1].Number, nil
}

// VersionNumbers returns the numbers of a workflow's newest versions, the newest first.
func VersionNumbers(ctx context.Context, db *gorm.DB, workflowID string, limit int) ([]int, error) {
	var numbers []int
	err := db.WithContext(ctx).Model(&WorkflowVersion{}).Where("workflow_id = ? AND number > 0", workflowID).Order("number DESC").Limit(limit).Pluck("number", &numbers).Error
	if err != nil {
		return nil, fmt.Errorf("list the numbers of versions: %w", Kind(err))
	}
	return numbers, nil
}

// GetVersion returns the workflow's version with this number.
func GetVersion(ctx context.Context, db *gorm.DB, workflowID string, number int) (WorkflowVersion, error) {
	if !ValidID(workflowID) || number < 1 || number > 1<<31-1 {
		return WorkflowVersion{}, ErrNotFound
	}
	found, err := plain.Take[WorkflowVersion](ctx, db.Where("workflow_id = ? AND number = ?", workflowID, number))
	if err != nil {
		return WorkflowVersion{}, fmt.Errorf("find the version: %w", Kind(err))
	}
	return found, nil
}

// VersionByID returns the version with this id.
func VersionByID(ctx context.Context, db *gorm.DB, id string) (WorkflowVersion, error) {
	return VersionToRun(ctx, db, id)
}

// VersionToRun returns the immutable version with this id.
func VersionToRun(ctx context.Context, tx *gorm.DB, id string) (WorkflowVersion, error) {
	if !ValidID(id) {
		return WorkflowVersion{}, ErrNotFound
	}
	found, err := plain.Take[WorkflowVersion](ctx, tx.Where("id = ?", id))
	if err != nil {
		return WorkflowVersion{}, fmt.Errorf("find the version: %w", Kind(err))
	}
	return found, nil
}

// VersionsToRun returns the immutable versions with these ids.
func VersionsToRun(ctx context.Context, tx *gorm.DB, ids []string) ([]WorkflowVersion, error) {
	found, err := plain.Find[WorkflowVersion](ctx, tx.Where("id IN ?", ids))
	if err != nil {
		return nil, fmt.Errorf("find the versions: %w", Kind(err))
	}
	return found, nil
}

// InsertVersion stores a version with the number after the workflow's last one.
// The workflow's row must be locked.
func InsertVersion(ctx context.Context, tx *gorm.DB, version *WorkflowVersion) error {
	last, err := plain.Find[WorkflowVersion](ctx, tx.Select("number").Where("workflow_id = ? AND number > 0", version.WorkflowID).Order("number DESC").Limit(1))
	if err != nil {
		return fmt.Errorf("find the last version: %w", Kind(err))
	}
	version.Number = 1
	if len(last) > 0 {
		version.Number = last[0].Number + 1
	}
	if err := plain.Create(ctx, tx, version); err != nil {
		return fmt.Errorf("store the version: %w", Kind(err))
	}
	return nil
}

// InsertTried stores what a try executes as a version that is none: its number is
// negative, and no list has it. It is kept as long as the run with its id.
func InsertTried(ctx context.Context, tx *gorm.DB, version *WorkflowVersion) error {
	version.Number = -1 - rand.IntN(math.MaxInt32) // #nosec G404 -- it has to be another one, not a secret
	if err := plain.Create(ctx, tx, version); err != nil {
		return fmt.Errorf("store what is tried: %w", Kind(err))
	}
	return nil
}
