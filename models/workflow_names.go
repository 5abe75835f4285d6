package models

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"workflows/models/plain"
)

// WorkflowNames returns the ids, names and states of at most limit workflows by name,
// for choices in forms: those whose names have all words of find. more reports whether
// there are further ones.
func WorkflowNames(ctx context.Context, db *gorm.DB, find string, limit int) (found []Workflow, more bool, err error) {
	query := Find(db.WithContext(ctx).Select("id", "name", "status"), "name", find)
	if err := query.Order("folded(name), id").Limit(limit + 1).Find(&found).Error; err != nil {
		return nil, false, fmt.Errorf("list the workflows' names: %w", Kind(err))
	}
	return found[:min(len(found), limit)], len(found) > limit, nil
}

// WorkflowsNamed returns workflows of exactly these names with their drafts, at most
// 2,000.
func WorkflowsNamed(ctx context.Context, db *gorm.DB, names []string) ([]Workflow, error) {
	found, err := plain.Find[Workflow](ctx, db.Where("name IN ?", names).Order("id").Limit(2000))
	if err != nil {
		return nil, fmt.Errorf("find workflows by name: %w", Kind(err))
	}
	return found, nil
}

// NamesOfWorkflows returns the names of the workflows with these ids.
func NamesOfWorkflows(ctx context.Context, db *gorm.DB, ids []string) (map[string]string, error) {
	names := make(map[string]string, len(ids))
	if len(ids) == 0 {
		return names, nil
	}
	found, err := plain.Find[Workflow](ctx, db.Select("id", "name").Where("id IN ?", ids))
	if err != nil {
		return nil, fmt.Errorf("read the workflows' names: %w", Kind(err))
	}
	for _, w := range found {
		names[w.ID] = w.Name
	}
	return names, nil
}

// ChangedDrafts says which of these workflows have a draft that differs from
// their published version, in one query.
func ChangedDrafts(ctx context.Context, db *gorm.DB, workflowIDs []string) (map[string]bool, error) {
	changed := map[string]bool{}
	if len(workflowIDs) == 0 {
		return changed, nil
	}
	var ids []string
	err := db.WithContext(ctx).Raw(`SELECT w.id FROM workflows w JOIN workflow_versions v ON v.id = w.version_id
		WHERE w.id IN ? AND CAST(w.draft AS text) <> CAST(v.definition AS text)`, workflowIDs).Scan(&ids).Error
	if err != nil {
		return nil, fmt.Errorf("compare drafts with their versions: %w", Kind(err))
	}
	for _, id := range ids {
		changed[id] = true
	}
	return changed, nil
}
