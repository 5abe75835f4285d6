package pages

import (
	"context"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/frame"
	"workflows/app/web"
	"workflows/models"
	"workflows/models/runs"
	"workflows/views"
	"workflows/worker/workflow"
)

const (
	// failingWorkflows is how many workflows with such the overview names, and
	// failingCauses of how many causes it tells for each.
	failingWorkflows, failingCauses = 8, 3
)

// failures are the failed runs that ask for somebody, however old, and a sentence about
// those that are not among them.
func (s *Site) failures(ctx context.Context, mayOperate bool) ([]views.FailureRow, string, error) {
	found, others, err := runs.ListOpenFailures(ctx, s.DB, s.Now(), failingWorkflows)
	if err != nil {
		return nil, "", err
	}
	var ids []string
	for _, failures := range found {
		for _, cause := range failures.Causes[:min(failingCauses, len(failures.Causes))] {
			ids = append(ids, cause.LastID)
		}
	}
	newest, err := runs.ByID(ctx, s.DB, ids)
	if err != nil {
		return nil, "", err
	}
	rows := make([]views.FailureRow, len(found))
	for i, failures := range found {
		rows[i] = failureRow(failures, newest, mayOperate)
	}
	if others > 0 {
		return rows, "Runs of " + frame.Count(int64(others), "more workflow") + " have failed.", nil
	}
	return rows, "", nil
}

func failureRow(f runs.OpenFailures, newest map[string]models.Run, mayOperate bool) views.FailureRow {
	row := views.FailureRow{
		WorkflowID: f.WorkflowID, Workflow: f.WorkflowName, WorkflowURL: "/workflows/" + f.WorkflowID,
		Count: frame.Count(int64(f.Number), "run") + " failed", Last: f.Last, LookURL: frame.RunURL(f.LastID),
	}
	if f.More {
		row.Count = "More than " + row.Count
	} else if f.Number > 1 {
		row.First = f.First
	}
	for _, cause := range f.Causes[:min(failingCauses, len(f.Causes))] {
		shown := views.FailureCause{Text: workflow.ReadFailure(newest[cause.LastID].Error).Message}
		if len(f.Causes) > 1 {
			shown.Count = frame.Count(int64(cause.Number), "run")
		}
		row.Causes = append(row.Causes, shown)
	}
	if left := len(f.Causes) - failingCauses; left > 0 {
		row.Causes = append(row.Causes, views.FailureCause{Text: "And for " + frame.Count(int64(left), "other reason") + "."})
	}
	if !mayOperate {
		return row
	}
	row.AgainURL, row.AgainLabel = "/runs?status="+frame.FailedOpen+"&workflow_id="+f.WorkflowID, "Run them again one by one"
	if f.Number == 1 {
		row.AgainURL, row.AgainLabel = "/runs/"+f.LastID+"/retry", "Run it again"
	}
	row.AcknowledgeURL, row.Until = "/workflows/"+f.WorkflowID+"/failures/acknowledge", f.Last.UTC().Format(time.RFC3339Nano)
	return row
}

// FailuresAcknowledge notes that a person has seen a workflow's failures, as far as they
// were shown.
func (s *Site) FailuresAcknowledge(c *gin.Context) (templ.Component, error) {
	ctx := c.Request.Context()
	id, err := web.ID(c, "id")
	if err != nil {
		return nil, err
	}
	form, err := web.Form(c)
	if err != nil {
		return nil, err
	}
	until, err := time.Parse(time.RFC3339Nano, form.Get("until"))
	if err != nil {
		return nil, &models.InvalidError{Code: "invalid_time", Message: "It is not said until when failures were seen. Open the overview again and press “Acknowledge” there."}
	}
	settled, more, err := runs.AcknowledgeFailures(ctx, s.DB, id, until, s.Now(), auth.By(ctx))
	if err != nil {
		return nil, err
	}
	return nil, web.Done("/", acknowledged(settled, more))
}

func acknowledged(settled int64, more bool) string {
	switch {
	case settled == 0:
		return "There was nothing left to acknowledge: these runs were repaired, or somebody has seen to them."
	case more:
		return frame.Number(settled) + " failed runs are acknowledged. There are more: press “Acknowledge” once more."
	case settled == 1:
		return "1 failed run is acknowledged. It stays in the list of runs."
	}
	return frame.Number(settled) + " failed runs are acknowledged. They stay in the list of runs."
}
