package pages_test

import (
	"net/url"
	"testing"

	"workflows/app/auth"
	"workflows/models"
)

func TestAWorkflowIsPausedWithAReasonAndAnEnd(t *testing.T) {
	eachRunSite(t, func(t *testing.T, s *runSite) {
		ann := s.as(auth.Operator)
		w := s.timed("Nightly "+evil, `"cron": "0 5 * * *"`)
		s.timed("Other", `"cron": "0 6 * * *"`)
		page := "/workflows/" + w.ID + "/pause"
		shows(t, ann.get("/workflows/"+w.ID, 200), page)
		shows(t, ann.get(page, 200), "Pause “Nightly", "None of its schedules starts it meanwhile", "On the clock of Europe/Berlin", "!"+evil)
		s.as(auth.Viewer).get(page, 403)
		shows(t, ann.post(page, url.Values{"until": {"2020-01-01T09:00"}, "reason": {"Noise"}}, 422).body, "Choose a time in the future", `value="Noise"`)
		ann.post(page, url.Values{"until": {"2999-01-01T09:00"}, "reason": {"Noise " + evil}}, 303)
		shows(t, ann.get("/schedules?status=paused", 200), "With its workflow, by Ann, until Tue 1 Jan 2999 09:00: Noise", "!Other", "!"+evil)
		shows(t, ann.get("/workflows/"+w.ID, 200), "Reason: Noise", "until 1 Jan 2999 08:00 UTC")
		found, err := models.SchedulesOf(t.Context(), s.db, w.ID)
		s.check(err)
		ann.post("/schedules/"+found[0].ID+"/pause", url.Values{"reason": {"Mine"}}, 303)
		shows(t, ann.get("/schedules?status=paused", 200), "By itself, by Ann: Mine")
	})
}

func TestSchedulesAreFoundByTheirWorkflow(t *testing.T) {
	eachRunSite(t, func(t *testing.T, s *runSite) {
		bob := s.as(auth.Viewer)
		s.timed("Nightly 100%", `"cron": "0 5 * * *"`)
		s.timed("Other", `"cron": "0 6 * * *"`)
		shows(t, bob.get("/schedules?q=nightly+100%25", 200), "Nightly 100%", "!Other")
		shows(t, bob.get("/schedules?q=_", 200), "No schedule of such a workflow is in this list.", "!Nightly")
	})
}
