package editor

import (
	"context"

	"workflows/app/frame"
	"workflows/models"
	"workflows/views/ui"
)

// workflowAlerts are those of one workflow that are not over.
func (s *Site) workflowAlerts(ctx context.Context, id string) ([]ui.Notice, error) {
	var notices []ui.Notice
	for _, state := range []string{models.AlertOpen, models.AlertAcknowledged} {
		found, _, err := models.ListAlerts(ctx, s.DB, models.AlertFilter{State: state, WorkflowID: id, Limit: 5})
		if err != nil {
			return nil, err
		}
		for _, a := range found {
			notice := ui.Notice{Kind: frame.Either(state == models.AlertOpen, "warning", "info"), Text: a.Message, ActionLabel: "Show the alert", ActionURL: "/alerts?state=" + state + "&workflow_id=" + id}
			if a.AcknowledgedBy != "" {
				notice.Text += " Seen by " + a.AcknowledgedBy + "."
			}
			notices = append(notices, notice)
		}
	}
	return notices, nil
}
