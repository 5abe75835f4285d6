package pages_test

import (
	"net/url"
	"strings"
	"testing"

	"workflows/app/auth"
	"workflows/models"
)

func TestCalendarsAreMadeChangedAndDeletedByForms(t *testing.T) {
	eachRunSite(t, func(t *testing.T, s *runSite) {
		const list = "/schedules/calendars"
		eve, bob := s.as(auth.Editor), s.as(auth.Viewer)
		shows(t, bob.get(list, 200), "There is no calendar yet", "!/new")
		shows(t, eve.get(list+"/new", 200), "Make the calendar", "One day a line")
		bad := url.Values{"name": {"Germany " + evil}, "weekend": {"6", "0"}, "days": {"2999-12-25 Christmas\n2026-02-30 Never"}}
		shows(t, eve.post(list, bad, 422).body, "Free day 2:", "Christmas", "!"+evil)
		shows(t, eve.post(list, url.Values{"name": {""}, "days": {"BEGIN:VCALENDAR nonsense"}}, 422).body, "This is not a calendar")
		eve.post(list, url.Values{"name": {"Germany"}, "weekend": {"6", "0"}, "days": {"2999-12-25 Christmas " + evil}}, 303)
		shows(t, eve.post(list, url.Values{"name": {"Germany"}}, 422).body, "There is a calendar of this name already")
		shows(t, bob.get(list, 200), "Germany", "Saturday, Sunday", "Wed 25 Dec 2999", "Christmas &lt;script&gt;", "Nobody")

		found, err := models.ListCalendars(t.Context(), s.db)
		s.check(err)
		page := list + "/" + found[0].ID
		shows(t, bob.get(page, 200), "2999-12-25 Christmas", "!Save the free days")
		const file = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:29990501\nSUMMARY:Labour Day\nEND:VEVENT\nEND:VCALENDAR"
		soon := strings.ReplaceAll(file, "2999", "2030")
		moved := eve.post(page, url.Values{"weekend": {"0"}, "days": {"2999-12-25 Christmas\n" + soon}}, 303)
		shows(t, eve.get(moved.location, 200), "2030-05-01 Labour Day", "No schedule heeds it yet")
		shows(t, eve.get(page+"/delete", 200), "Delete the calendar “Germany”?")
		eve.post(page+"/delete", nil, 303)
		eve.get(page, 404)
	})
}
