package pages_test

import (
	"net/url"
	"strings"
	"testing"

	"workflows/app/auth"
	"workflows/app/sitetest"
	"workflows/models"
)

func TestCalendarsAreMadeChangedAndDeletedByForms(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		const list = "/schedules/calendars"
		eve, bob := s.As(auth.Editor), s.As(auth.Viewer)
		sitetest.Shows(t, bob.Get(list, 200), "There is no calendar yet", "!/new")
		sitetest.Shows(t, eve.Get(list+"/new", 200), "Make the calendar", "One day a line")
		bad := url.Values{"name": {"Germany " + sitetest.Evil}, "weekend": {"6", "0"}, "days": {"2999-12-25 Christmas\n2026-02-30 Never"}}
		sitetest.Shows(t, eve.Post(list, bad, 422).Body, "Free day 2:", "Christmas", "!"+sitetest.Evil)
		sitetest.Shows(t, eve.Post(list, url.Values{"name": {""}, "days": {"BEGIN:VCALENDAR nonsense"}}, 422).Body, "This is not a calendar")
		eve.Post(list, url.Values{"name": {"Germany"}, "weekend": {"6", "0"}, "days": {"2999-12-25 Christmas " + sitetest.Evil}}, 303)
		sitetest.Shows(t, eve.Post(list, url.Values{"name": {"Germany"}}, 422).Body, "There is a calendar of this name already")
		sitetest.Shows(t, bob.Get(list, 200), "Germany", "Saturday, Sunday", "Wed 25 Dec 2999", "Christmas &lt;script&gt;", "Nobody")

		found, err := models.ListCalendars(t.Context(), s.DB)
		s.Check(err)
		page := list + "/" + found[0].ID
		sitetest.Shows(t, bob.Get(page, 200), "2999-12-25 Christmas", "!Save the free days")
		const file = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:29990501\nSUMMARY:Labour Day\nEND:VEVENT\nEND:VCALENDAR"
		soon := strings.ReplaceAll(file, "2999", "2030")
		moved := eve.Post(page, url.Values{"weekend": {"0"}, "days": {"2999-12-25 Christmas\n" + soon}}, 303)
		sitetest.Shows(t, eve.Get(moved.Location, 200), "2030-05-01 Labour Day", "No schedule heeds it yet")
		sitetest.Shows(t, eve.Get(page+"/delete", 200), "Delete the calendar “Germany”?")
		eve.Post(page+"/delete", nil, 303)
		eve.Get(page, 404)
	})
}
