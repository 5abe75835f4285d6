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
func (s *Site) stored(ctx context.Context, zone *time.Location) (*views.Stored, error) {
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
	if sizes.OldestAt != nil {
		page.Facts = append(page.Facts, ui.Pair{Name: "Removed next", Value: removedNext(*sizes.OldestAt, s.Settings.RunRetentionDays, s.Now(), zone)})
	}
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

// removedNext says which runs are removed next, and when, where their workflow says nothing else.
func removedNext(oldest time.Time, days int, now time.Time, zone *time.Location) string {
	said := "the oldest, of " + oldest.In(zone).Format("2 January 2006")
	if gone := oldest.AddDate(0, 0, days); gone.After(now) {
		return said + ", on " + gone.In(zone).Format("2 January 2006")
	}
	return said + ", within the hour"
}

// partNames are what people call the tables that grow.
var partNames = map[string]string{
	"runs": "Runs", "bulk_runs": "What was done with many runs", "step_runs": "Steps of runs", "payloads": "Large outputs of steps", "approvals": "Questions to people", "run_texts": "Search",
	"schedules": "Schedules", "planned_runs": "Planned times", "deliveries": "Calls of webhooks", "messages": "Messages", "alerts": "Alerts", "failures": "Failures by cause",
	"workflows": "Workflows", "workflow_versions": "Versions of workflows", "draft_changes": "Changes of drafts",
	"remembered_items": "What steps remember", "audit_events": "Audit log", "sessions": "Sign-ins",
}
