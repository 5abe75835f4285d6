package pages

import (
	"cmp"
	"context"
	"time"

	"workflows/app/frame"
	"workflows/models"
	"workflows/views"
	"workflows/views/ui"
)

// sizesTime bounds how long a page waits for the sizes, which a lock on a table holds up.
const sizesTime = 3 * time.Second

// stored is how much is kept, and for how long.
func (s *Site) stored(ctx context.Context) (*views.Stored, error) {
	ctx, done := context.WithTimeout(ctx, sizesTime)
	defer done()
	sizes, err := models.SizesOf(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	page := &views.Stored{Facts: []ui.Pair{
		{Name: "The whole database", Value: frame.SizeWords(sizes.Bytes)},
		{Name: "Runs", Value: frame.RunsWords(sizes, sizes.Runs)},
	}}
	if sizes.Tries > 0 {
		page.Facts = append(page.Facts, ui.Pair{Name: frame.TriesName, Value: ui.Count(sizes.Tries)})
	}
	page.Facts = append(page.Facts, ui.Pair{Name: "Finished runs are kept", Value: frame.Count(int64(s.Settings.RunRetentionDays), "day") + ", where their workflow says nothing else"})
	for _, w := range sizes.Workflows {
		page.Workflows = append(page.Workflows, views.StoredRuns{Name: w.Name, URL: "/workflows/" + w.WorkflowID, Runs: frame.RunsWords(sizes, w.Runs)})
	}
	for _, table := range sizes.Tables {
		if table.Bytes < 1e6 { // not worth a line
			break
		}
		page.Parts = append(page.Parts, ui.Pair{Name: cmp.Or(partNames[table.Name], table.Name), Value: frame.SizeWords(table.Bytes)})
	}
	return page, nil
}

// partNames are what people call the tables that grow.
var partNames = map[string]string{
	"runs": "Runs", "bulk_runs": "What was done with many runs", "step_runs": "Steps of runs", "payloads": "Large outputs of steps", "approvals": "Questions to people", "run_texts": "Search",
	"schedules": "Schedules", "planned_runs": "Planned times", "deliveries": "Calls of webhooks", "messages": "Messages", "alerts": "Alerts", "failures": "Failures by cause",
	"workflows": "Workflows", "workflow_versions": "Versions of workflows", "draft_changes": "Changes of drafts",
	"remembered_items": "What steps remember", "audit_events": "Audit log", "sessions": "Sign-ins",
}
