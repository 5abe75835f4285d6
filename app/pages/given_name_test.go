package pages_test

import (
	"net/http"
	"net/url"
	"testing"

	"workflows/app/auth"
	"workflows/app/sitetest"
	"workflows/models"
	"workflows/worker/workflow"
)

func TestWhoFillsInAFormOrIsAskedDoesNotReadWhichMachineAWorkflowIsNamedAfter(t *testing.T) {
	s := sitetest.OnSQLite(t)
	d, _, err := workflow.Parse([]byte(`{"format": 1, "name": "127.0.0.1:18418/crm2/purchase", "triggers": [{"id": "form", "type": "form"}],
		"steps": [{"id": "ask", "name": "Ask the boss", "type": "approval", "config": {"question": "Well?", "assignees": "anna@example.com"}}]}`))
	s.Check(err)
	made := s.Publish(d)
	run := s.Execute(s.Start(made, `{}`).ID)
	var asked models.Approval
	s.Check(s.DB.Where("run_id = ?", run.ID).Omit("open").Take(&asked).Error)
	var form models.Webhook
	s.Check(s.DB.Where("workflow_id = ?", made.ID).Take(&form).Error)
	b := s.As(auth.Editor)
	sitetest.Shows(t, b.Get("/forms/"+form.Token, http.StatusOK), "!18418", "<h1>Form</h1>", "<title>Form")
	sitetest.Shows(t, b.Get("/inbox/"+asked.ID, http.StatusOK), "!18418", "“Ask the boss” asks:")
	again := b.Post("/workflows/"+made.ID+"/publish", url.Values{"revision": {"1"}}, http.StatusSeeOther)
	sitetest.Shows(t, b.Get(again.Location, http.StatusOK), "its form is headed “Form”")
	sitetest.Shows(t, b.Get("/workflows/"+made.ID+"/forms/form", http.StatusOK), "Nobody has named this workflow yet", `/edit/details"`)
}
