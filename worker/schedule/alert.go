package schedule

import (
	"context"

	"workflows/models"
	"workflows/worker/workflow"
)

// alert raises one for each schedule of which the newest planned time was missed.
// What was missed before a time that does run needs nobody any more.
func (f *firing) alert(ctx context.Context, schedules []ruled, rows []models.PlannedRun) error {
	newest, missed := map[string]models.PlannedRun{}, map[string]int64{}
	for _, row := range rows {
		if row.Outcome == workflow.OutcomeMissed {
			missed[row.ScheduleID]++
		}
		if last, seen := newest[row.ScheduleID]; !seen || row.PlannedAt.After(last.PlannedAt) {
			newest[row.ScheduleID] = row
		}
	}
	if len(missed) == 0 {
		return nil
	}
	var raised []models.Alert
	for _, k := range schedules {
		row := newest[k.stored.ID]
		if row.Outcome != workflow.OutcomeMissed {
			continue
		}
		raised = append(raised, models.Alert{
			Kind: models.AlertMissed, Subject: k.stored.ID, WorkflowID: k.stored.WorkflowID, ScheduleID: &k.stored.ID,
			OpenedAt: f.now, HappenedAt: row.PlannedAt, Times: missed[k.stored.ID],
			Message: "The time of " + k.rule.Stamp(row.PlannedAt) + " was missed. " + row.Reason,
		})
	}
	return models.OpenAlerts(ctx, f.tx, raised...)
}
