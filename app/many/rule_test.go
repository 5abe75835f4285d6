package many_test

import (
	"net/url"
	"testing"
	"time"

	"workflows/app/auth"
	"workflows/app/sitetest"
	"workflows/models"
	"workflows/models/failures"
)

func TestRunsOfAReasonAreHadRunAgainByThemselves(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		ann, bob := s.As(auth.Operator), s.As(auth.Viewer)
		w := s.Order()
		run(s, w, "failed", time.Hour)
		group := func() string {
			t.Helper()
			_, err := failures.Group(t.Context(), s.DB, models.Now(), 100, nil)
			s.Check(err)
			found, _, err := failures.List(t.Context(), s.DB, failures.Filter{Limit: 100})
			s.Check(err)
			return "/failures/" + found[0].ID
		}
		page := group()
		sitetest.Shows(t, bob.Get(page, 200), "!Run again by itself")
		bob.Get(page+"/rule", 403)
		bob.Post(page+"/rule", url.Values{}, 403)
		ann.Get("/failures/"+models.NewID()+"/rule", 404)
		sitetest.Shows(t, ann.Get(page, 200), "Run again by itself", "Nobody has said so", page+"/rule")
		ask := page + "/rule"
		sitetest.Shows(t, ann.Get(ask, 200), "The shop is closed.", "act on the outside once more", "“Send the order” (Call a web address)", `value="1 hour"`, `value="3"`, "Those that have failed already stay as they are.", "!Run nothing again", "!"+sitetest.Evil)
		// All that is wrong is said at its field, and nothing typed is lost.
		for _, c := range []struct{ after, most, from, version, says string }{
			{"soon", "3", "start", "same", "Enter how long to wait, such as 1 hour."},
			{"10 seconds", "3", "start", "same", "Enter how long to wait, from a minute to 30 days."},
			{"5 weeks", "3", "start", "same", "Enter how long to wait, from a minute to 30 days."},
			{"1 hour", "often", "start", "same", "Enter how often at most, from 1 to 10."},
			{"1 hour", "11", "start", "same", "Enter how often at most, from 1 to 10."},
			{"1 hour", "3", "", "same", "Choose where to begin."},
			{"1 hour", "3", "start", "next", "Choose which version they run on."},
		} {
			sitetest.Shows(t, ann.Post(ask, url.Values{"after": {c.after}, "at_most": {c.most}, "from": {c.from}, "version": {c.version}}, 422).Body, c.says, `value="`+c.after+`"`, `value="`+c.most+`"`)
		}
		form := ann.Fill(ask, ask, url.Values{"after": {"half an hour"}, "at_most": {"2"}})
		if led := ann.Post(ask, form, 303).Location; led != page {
			t.Error("led to", led)
		}
		sitetest.Shows(t, ann.Get(page, 200), "What fails so from now on is run again by itself.", "30 minutes after each failure, at most 2 times, set by Ann", "None so far", "Change or end this", "!waits, the next")
		sitetest.Shows(t, bob.Get(page, 200), "30 minutes after each failure", "!Change or end this")
		sitetest.Shows(t, bob.Get("/failures", 200), "Its runs are run again by themselves.")
		run(s, w, "failed", -time.Minute)
		if group() != page {
			t.Fatal("it is another group")
		}
		sitetest.Shows(t, bob.Get(page, 200), "1 run waits, the next until")
		s.Check(s.DB.Model(&failures.Rule{}).Where("1 = 1").Updates(map[string]any{"retried": 2, "trouble": "This workflow may run one at a time.", "trouble_at": models.Now()}).Error)
		sitetest.Shows(t, bob.Get(page, 200), "2 runs were started so", "This workflow may run one at a time.")
		sitetest.Shows(t, ann.Get(ask, 200), `value="30 minutes"`, `value="2"`, "Run nothing again by itself", ">Save<")
		ann.Post(ask+"/remove", ann.Fill(ask, ask, nil), 303)
		sitetest.Shows(t, ann.Get(page, 200), "Nothing of this is run again by itself any more.", "Nobody has said so")
		sitetest.Shows(t, bob.Get("/failures", 200), "!run again by themselves")
	})
}
