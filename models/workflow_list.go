package models

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"workflows/models/plain"
)

// WorkflowFilter chooses workflows for a list.
type WorkflowFilter struct {
	Search string // words of the name
	Status string // draft active paused; "" is all
	Tag    string // "" is all
	// Before is the id that the page before ended with.
	Before string
	Limit  int // at most 100
}

// ListWorkflows returns workflows, the newest first, without their drafts, and
// the cursor of the next page, "" on the last one.
func ListWorkflows(ctx context.Context, db *gorm.DB, filter WorkflowFilter) ([]Workflow, string, error) {
	limit := min(max(filter.Limit, 1), 100)
	query := db.WithContext(ctx).Omit("Draft").Order("id DESC").Limit(limit + 1)
	if filter.Before != "" {
		if !ValidID(filter.Before) {
			return nil, "", nil
		}
		query = query.Where("id < ?", filter.Before)
	}
	if filter.Status != "" {
		query = query.Where("status = ?", filter.Status)
	}
	if filter.Tag != "" {
		query = query.Where("EXISTS (SELECT 1 FROM workflow_tags t WHERE t.workflow_id = workflows.id AND folded(t.tag) = folded(?))", filter.Tag)
	}
	query = Find(query, "name", filter.Search)
	var found []Workflow
	if err := query.Find(&found).Error; err != nil {
		return nil, "", fmt.Errorf("list workflows: %w", Kind(err))
	}
	if len(found) <= limit {
		return found, "", nil
	}
	return found[:limit], found[limit-1].ID, nil
}

// GetWorkflow returns a workflow with its draft.
func GetWorkflow(ctx context.Context, db *gorm.DB, id string) (Workflow, error) {
	if !ValidID(id) {
		return Workflow{}, ErrNotFound
	}
	found, err := plain.Take[Workflow](ctx, db.Where("id = ?", id))
	if err != nil {
		return Workflow{}, fmt.Errorf("find the workflow: %w", Kind(err))
	}
	return found, nil
}

// WorkflowToRun returns what starting a run needs of a workflow: no draft.
func WorkflowToRun(ctx context.Context, tx *gorm.DB, id string) (Workflow, error) {
	if !ValidID(id) {
		return Workflow{}, ErrNotFound
	}
	found, err := plain.Take[Workflow](ctx, tx.Select("id", "name", "status", "version_id", "version").Where("id = ?", id))
	if err != nil {
		return Workflow{}, fmt.Errorf("find the workflow: %w", Kind(err))
	}
	return found, nil
}

// PausesOf returns by whom and why workflows are paused, by their ids.
func PausesOf(ctx context.Context, tx *gorm.DB, ids []string) (map[string]Workflow, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	found, err := plain.Find[Workflow](ctx, tx.Select("id", "status", "paused_until", "paused_reason", "paused_by").Where("id IN ?", ids))
	if err != nil {
		return nil, fmt.Errorf("find the pauses: %w", Kind(err))
	}
	byID := make(map[string]Workflow, len(found))
	for _, w := range found {
		byID[w.ID] = w
	}
	return byID, nil
}
