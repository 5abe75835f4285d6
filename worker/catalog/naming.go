package catalog

import (
	"context"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/worker/changes"
	"workflows/worker/workflow"
)

// Naming is what people call the steps of definitions and the workflows that they run.
func (c *Catalog) Naming(ctx context.Context, definitions ...workflow.Definition) (changes.Naming, error) {
	return c.naming(ctx, c.DB, definitions...)
}

func (c *Catalog) naming(ctx context.Context, db *gorm.DB, definitions ...workflow.Definition) (changes.Naming, error) {
	var ids []string
	for _, d := range definitions {
		workflow.Walk(d.Steps, func(_ string, step *workflow.Step, _ []*workflow.Step) bool {
			if id := c.calledBy(*step); models.ValidID(id) {
				ids = append(ids, id)
			}
			return true
		})
	}
	names, err := models.NamesOfWorkflows(ctx, db, ids)
	return changes.Naming{Types: c.Checker.Types, Workflows: names}, err
}

// Changes says in words what changes from one definition to another.
func (c *Catalog) Changes(ctx context.Context, old, new workflow.Definition) ([]changes.Change, error) {
	return c.changes(ctx, c.DB, old, new)
}

func (c *Catalog) changes(ctx context.Context, db *gorm.DB, old, new workflow.Definition) ([]changes.Change, error) {
	naming, err := c.naming(ctx, db, old, new)
	if err != nil {
		return nil, err
	}
	return changes.Between(old, new, naming), nil
}
