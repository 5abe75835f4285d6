package pages_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"workflows/app/auth"
	"workflows/app/sitetest"
	"workflows/models"
	"workflows/models/subscriptions"
	"workflows/worker/steps"
	"workflows/worker/subscription"
)

// addressCanary is the part of an address that must stand on no page.
const addressCanary = "canary-of-an-address"

// feed is a site that has a calendar file, and a worker that fetches from there.
type feed struct {
	text, address, host string
	status              int
	worker              *subscription.Fetcher
}

func newFeed(t *testing.T, s *sitetest.Site) *feed {
	f := &feed{status: 200}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(f.status)
		_, _ = w.Write([]byte(f.text))
	}))
	t.Cleanup(server.Close)
	f.host = strings.TrimPrefix(server.URL, "http://")
	f.address = server.URL + "/" + addressCanary + "/basic.ics"
	fetch := steps.Fetcher(steps.Options{OutboundAllow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}, time.Minute)
	f.worker = &subscription.Fetcher{DB: s.DB, Secrets: s.Secrets, Name: "w", Fetch: func(ctx context.Context, address, etag, modified string) (subscription.Answer, error) {
		file, err := fetch(ctx, address, etag, modified)
		return subscription.Answer(file), err
	}}
	return f
}

func TestCalendarIsSubscribedToByItsAddress(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		const list = "/schedules/calendars"
		eve, bob, f := s.As(auth.Editor), s.As(auth.Viewer), newFeed(t, s)
		day := func(ahead int) string { return models.Now().AddDate(0, 0, ahead).Format(time.DateOnly) }
		f.text = calendarFile(map[int]string{-400: "SUMMARY:Long ago", 10: "SUMMARY:New Year " + sitetest.Evil, 30: "SUMMARY:Boyne\r\nDESCRIPTION:Public holiday in Northern Ireland", 40: "SUMMARY:Working Day on Weekend"})
		show := func(page, action string, changes url.Values, status int) string {
			t.Helper()
			form := sitetest.FormOf(t, page, action)
			for name, values := range changes {
				form[name] = values
			}
			return eve.Post(action, form, status).Body
		}
		fresh := eve.Get(list+"/new", 200)
		sitetest.Shows(t, show(fresh, list, url.Values{"name": {"Ulster"}, "address": {"https://me:secret@example.com/" + addressCanary}, "act": {"look"}}, 422), "user name or password")

		// Also who saves at once sees first what the address says.
		waits := show(fresh, list, url.Values{"name": {"Ulster"}, "address": {f.address}, "days": {day(5) + " Typed"}}, 200)
		sitetest.Shows(t, waits, "What the address says", "A worker fetches it. Nothing is saved yet.", "Show what has come", "!"+addressCanary)
		waits = show(waits, list, nil, 200)
		sitetest.Shows(t, waits, "A worker fetches it.")
		s.Check(f.worker.Round(t.Context()))
		said := show(waits, list, url.Values{"act": {"read"}}, 200)
		sitetest.Shows(t, said, "What comes from "+f.host+"/…", "2 events taken, 1 free day in the next ten years and 1 day of work; 1 not ticked, 1 left out.", "Free only in Northern Ireland",
			"Long ago", "Save and follow the address", day(5)+" Typed", "New Year &lt;script&gt;", "!"+sitetest.Evil, "!"+addressCanary)
		sitetest.Shows(t, show(said, list, url.Values{"take": {}}, 422), "No day of the file would be saved.")
		found, err := models.ListCalendars(t.Context(), s.DB)
		s.Check(err)
		if len(found) != 0 {
			t.Fatalf("%+v is saved before anybody has seen it", found)
		}
		show(said, list, url.Values{"take": {"free", "regional:Northern Ireland"}}, 303)
		found, err = models.ListCalendars(t.Context(), s.DB)
		s.Check(err)
		if got, want := written(t, found[0]), day(5)+" Typed, "+day(10)+" New Year "+sitetest.Evil+", "+day(30)+" Boyne; "; got != want {
			t.Errorf("saved %s\nwant %s", got, want)
		}

		page := list + "/" + found[0].ID
		sitetest.Shows(t, bob.Get(list, 200), "From "+f.host+"/…", "!"+addressCanary)
		sitetest.Shows(t, bob.Get(page, 200), "From "+f.host+"/…", "2 events taken, 1 not ticked, 1 left out", "2 days still to come from the address", "!Fetch now", "!"+addressCanary)
		moved := eve.Submit(page, url.Values{"out": {day(30)}}, 303)
		sitetest.Shows(t, eve.Get(moved.Location, 200), "Fetch now", "End it, keep the days", "!"+addressCanary)
		after, err := models.GetCalendar(t.Context(), s.DB, found[0].ID)
		s.Check(err)
		if got, want := written(t, after), day(5)+" Typed, "+day(10)+" New Year "+sitetest.Evil+"; "; got != want {
			t.Errorf("with one left out it is %s\nwant %s", got, want)
		}

		// The same address again, to take other days of it.
		again := show(eve.Get(page, 200), page, url.Values{"act": {"look"}}, 200)
		s.Check(f.worker.Round(t.Context()))
		again = show(again, page, url.Values{"act": {"read"}}, 200)
		sitetest.Shows(t, again, "What comes from "+f.host, "2 days still to come from the address", `name="out" value="`+day(30)+`" checked`, `value="regional:Northern Ireland" checked`, "!"+`value="working" checked`)
		show(again, page, url.Values{"take": {"free", "working"}}, 303)

		f.status = 404
		eve.Post(page+"/fetch", nil, 303)
		sitetest.Shows(t, eve.Get(page, 200), "Now: a worker fetches it")
		s.Check(f.worker.Round(t.Context()))
		sitetest.Shows(t, eve.Get(page, 200), "answered “Not Found” (nothing is there)", "The calendar keeps the days that it has.", "Fails since", "!"+addressCanary)
		sitetest.Shows(t, bob.Get(list, 200), "Cannot be fetched from "+f.host)
		failed := show(eve.Get(page, 200), page, url.Values{"act": {"look"}, "address": {f.address}}, 200)
		s.Check(f.worker.Round(t.Context()))
		sitetest.Shows(t, show(failed, page, url.Values{"act": {"read"}}, 422), "answered “Not Found” (nothing is there)", "!"+addressCanary)

		stale := sitetest.FormOf(t, eve.Get(page, 200), page)
		sitetest.Shows(t, eve.Get(page+"/subscription/end", 200), "The calendar keeps the days that it has")
		eve.Post(page+"/subscription/end", nil, 303)
		sitetest.Shows(t, eve.Get(page, 200), day(10)+" New Year", day(40)+" Working Day", "Or follow an address", "!Fetch now")
		sitetest.Shows(t, eve.Post(page, stale, 409).Body, "Somebody has subscribed this calendar to an address meanwhile, or has ended that.")
		eve.Post(page+"/fetch", nil, 409)
		if left, err := subscriptions.Of(t.Context(), s.DB, found[0].ID); err != nil || left != nil {
			t.Errorf("%+v %v", left, err)
		}
	})
}
