package pages_test

import (
	"net/url"
	"testing"

	"workflows/app/auth"
	"workflows/app/sitetest"
	"workflows/models/schedules"
)

func TestAWorkflowIsPausedWithAReasonAndAnEnd(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		ann := s.As(auth.Operator)
		w := timed(s, "Nightly "+sitetest.Evil, `"cron": "0 5 * * *"`)
		timed(s, "Other", `"cron": "0 6 * * *"`)
		page := "/workflows/" + w.ID + "/pause"
		sitetest.Shows(t, ann.Get("/workflows/"+w.ID, 200), page)
		sitetest.Shows(t, ann.Get(page, 200), "Pause “Nightly", "None of its schedules starts it meanwhile", "On the clock of Europe/Berlin", "!"+sitetest.Evil)
		s.As(auth.Viewer).Get(page, 403)
		sitetest.Shows(t, ann.Post(page, url.Values{"until": {"2020-01-01T09:00"}, "reason": {"Noise"}}, 422).Body, "Choose a time in the future", `value="Noise"`)
		ann.Post(page, url.Values{"until": {"2999-01-01T09:00"}, "reason": {"Noise " + sitetest.Evil}}, 303)
		sitetest.Shows(t, ann.Get("/schedules?status=paused", 200), "With its workflow, by Ann, until Tue 1 Jan 2999 09:00: Noise", "!Other", "!"+sitetest.Evil)
		sitetest.Shows(t, ann.Get("/workflows/"+w.ID, 200), "Reason: Noise", "until 1 Jan 2999 09:00 CET")
		found, err := schedules.Of(t.Context(), s.DB, w.ID)
		s.Check(err)
		ann.Post("/schedules/"+found[0].ID+"/pause", url.Values{"reason": {"Mine"}}, 303)
		sitetest.Shows(t, ann.Get("/schedules?status=paused", 200), "By itself, by Ann: Mine")
	})
}

func TestSchedulesAreFoundByTheirWorkflow(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		bob := s.As(auth.Viewer)
		timed(s, "Nightly 100%", `"cron": "0 5 * * *"`)
		timed(s, "Other", `"cron": "0 6 * * *"`)
		sitetest.Shows(t, bob.Get("/schedules?q=nightly+100%25", 200), "Nightly 100%", "!Other")
		sitetest.Shows(t, bob.Get("/schedules?q=_", 200), "No schedule of such a workflow is in this list.", "!Nightly")
	})
}
