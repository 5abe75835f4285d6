package catalog

import (
	"cmp"
	"context"
	"slices"

	"workflows/models"
	"workflows/worker/workflow"
)

// Export returns every workflow as a document, by name: the version that runs
// where one is published, else the draft.
func (c *Catalog) Export(ctx context.Context) ([]workflow.Document, error) {
	var documents []workflow.Document
	filter := models.WorkflowFilter{Limit: 100}
	for {
		page, next, err := models.ListWorkflows(ctx, c.DB, filter)
		if err != nil {
			return nil, err
		}
		for _, listed := range page {
			document, err := c.Document(ctx, listed.ID)
			if err != nil {
				return nil, err
			}
			documents = append(documents, document)
		}
		if next == "" {
			slices.SortStableFunc(documents, func(a, b workflow.Document) int { return cmp.Compare(a.Name, b.Name) })
			return documents, nil
		}
		filter.Before = next
	}
}

// Document returns one workflow as Export does.
func (c *Catalog) Document(ctx context.Context, id string) (workflow.Document, error) {
	w, err := models.GetWorkflow(ctx, c.DB, id)
	if err != nil {
		return workflow.Document{}, err
	}
	if w.VersionID == nil {
		d, err := workflow.Load(w.Draft)
		return workflow.Document{Definition: d}, err
	}
	version, err := models.VersionByID(ctx, c.DB, *w.VersionID)
	if err != nil {
		return workflow.Document{}, err
	}
	d, err := workflow.Load(version.Definition)
	return workflow.Document{Definition: d, Publish: true}, err
}
