package editor_test

import (
	"net/http"
	"testing"

	"workflows/app/auth"
	"workflows/app/sitetest"
	"workflows/models"
)

func TestStepSaysHowThoseWhomItAsksGetToKnow(t *testing.T) {
	s := sitetest.OnSQLite(t)
	b := s.As(auth.Editor)
	s.Check(models.CreateUser(t.Context(), s.DB, &models.User{ID: models.NewID(), Email: "anna@example.com", Name: "Anna", Role: "viewer", PasswordHash: "-", CreatedAt: models.Now()}))
	for assignees, words := range map[string]string{
		"":                                   "!How they get to know",
		"{{ trigger.type }}@example.com":     "!How they get to know",
		"Anna@example.com":                   "whoever is named finds the question on the overview only",
		"anna@example.com; Otto@example.com": "Nobody here has the address otto@example.com, and this installation has no mail server",
	} {
		flow := s.Keep(`{"format": 1, "name": "Ask", "steps": [{"id": "ask", "type": "approval", "config": {"question": "Well?", "assignees": "` + assignees + `"}}]}`)
		sitetest.Shows(t, b.Get(flow+"/edit/steps/ask", http.StatusOK), words)
		if words[0] != '!' {
			sitetest.Shows(t, b.Get(flow+"/publish", http.StatusOK), words)
		}
	}
}
