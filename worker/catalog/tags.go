package catalog

import (
	"context"
	"slices"
	"strings"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/listing"
)

// SetTags has a workflow have these tags and no others. They are no part of its definition:
// nothing has to be published for them. What cannot be a tag is a *models.InvalidError.
func (c *Catalog) SetTags(ctx context.Context, id string, typed []string) (models.Workflow, error) {
	return c.changeTags(ctx, id, func([]string) []string { return typed })
}

// AddTag puts one more tag on a workflow.
func (c *Catalog) AddTag(ctx context.Context, id, typed string) (models.Workflow, error) {
	return c.changeTags(ctx, id, func(tags []string) []string { return append(tags, typed) })
}

// RemoveTag takes a tag off a workflow.
func (c *Catalog) RemoveTag(ctx context.Context, id, tag string) (models.Workflow, error) {
	return c.changeTags(ctx, id, func(tags []string) []string {
		return slices.DeleteFunc(tags, func(other string) bool { return strings.EqualFold(other, tag) })
	})
}

func (c *Catalog) changeTags(ctx context.Context, id string, change func(tags []string) []string) (w models.Workflow, err error) {
	err = models.Tx(ctx, c.DB, func(tx *gorm.DB) error {
		if w, err = models.LockWorkflow(ctx, tx, id); err != nil {
			return err
		}
		had, err := listing.TagsOf(ctx, tx, id)
		if err != nil {
			return err
		}
		tags, err := listing.ReadTags(change(slices.Clone(had[id])))
		if err != nil {
			return err
		}
		if err := listing.SetTags(ctx, tx, id, tags); err != nil {
			return err
		}
		has, err := listing.TagsOf(ctx, tx, id)
		if err != nil || slices.Equal(had[id], has[id]) {
			return err
		}
		return record(ctx, tx, "tagged", w, tagFacts(had[id]), tagFacts(has[id]))
	})
	return w, err
}

func tagFacts(tags []string) any { return map[string]any{"tags": strings.Join(tags, ", ")} }
