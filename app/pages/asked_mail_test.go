package pages_test

import (
	"net/http"
	"testing"
	"time"

	"workflows/app/auth"
	"workflows/app/sitetest"
	"workflows/models"
	"workflows/worker/workflow"
)

func TestQuestionSaysWhatBecameOfItsEmails(t *testing.T) {
	s := sitetest.OnSQLite(t)
	d, _, err := workflow.Parse([]byte(`{"format": 1, "name": "Ask", "steps": [{"id": "ask", "type": "approval", "config": {"question": "Well?", "assignees": "anna@example.com"}}]}`))
	s.Check(err)
	run := s.Execute(s.Start(s.Publish(d), `{}`).ID)
	var asked models.Approval
	s.Check(s.DB.Where("run_id = ?", run.ID).Omit("open").Take(&asked).Error)
	now, soon := models.Now(), models.Now().Add(time.Minute)
	for address, mail := range map[string]models.AskedMail{
		"a@example.com": {SentAt: &now}, "b@example.com": {SentAt: &now, Unsure: true}, "c@example.com": {DueAt: &now},
		"d@example.com": {DueAt: &soon, Problem: "It was busy."}, "e@example.com": {Problem: "It was refused."},
	} {
		mail.ApprovalID, mail.Address = asked.ID, address
		s.Check(mail.Leave(t.Context(), s.DB))
	}
	page := s.As(auth.Viewer).Get("/inbox/"+asked.ID, http.StatusOK)
	sitetest.Shows(t, page, "E-mail to a@example.com", "Sent, perhaps twice", "On its way", "Not sent yet. It was busy. The next try:", "Not sent. It was refused.")
}
