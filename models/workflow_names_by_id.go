package models

import (
	"context"
	"fmt"

	"gorm.io/gorm"
)

// NamesOfWorkflows returns the names of the workflows with these ids.
func NamesOfWorkflows(ctx context.Context, db *gorm.DB, ids []string) (map[string]string, error) {
	names := make(map[string]string, len(ids))
	if len(ids) == 0 {
		return names, nil
	}
	found, err := gorm.G[Workflow](db).Select("id", "name").Where("id IN ?", ids).Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the workflows' names: %w", kind(err))
	}
	for _, w := range found {
		names[w.ID] = w.Name
	}
	return names, nil
}
