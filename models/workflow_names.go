package models

import (
	"context"
	"fmt"

	"gorm.io/gorm"
)

// WorkflowNames returns the ids, names and states of at most limit workflows by name,
// for choices in forms.
func WorkflowNames(ctx context.Context, db *gorm.DB, limit int) ([]Workflow, error) {
	var found []Workflow
	err := db.WithContext(ctx).Select("id", "name", "status").Order("lower(name), id").Limit(limit).Find(&found).Error
	if err != nil {
		return nil, fmt.Errorf("list the workflows' names: %w", kind(err))
	}
	return found, nil
}

// WorkflowsNamed returns workflows of exactly these names with their drafts, at most
// 2,000.
func WorkflowsNamed(ctx context.Context, db *gorm.DB, names []string) ([]Workflow, error) {
	found, err := gorm.G[Workflow](db).Where("name IN ?", names).Order("id").Limit(2000).Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("find workflows by name: %w", kind(err))
	}
	return found, nil
}
