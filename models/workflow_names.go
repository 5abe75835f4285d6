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
