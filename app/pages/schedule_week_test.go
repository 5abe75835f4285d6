package pages_test

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"workflows/app/auth"
	"workflows/app/sitetest"
	"workflows/models"
	"workflows/models/schedules"
	"workflows/worker/catalog"
	"workflows/worker/schedule"
)

// timed stores a published workflow with one schedule.
func timed(s *sitetest.Site, name, trigger string) models.Workflow {
	s.T.Helper()
	return define(s, fmt.Sprintf(`{"format": 1, "name": %q, "triggers": [{"id": "t", "type": "schedule", "time_zone": "Europe/Berlin", %s}], "steps": [{"id": "a", "type": "set_values", "config": {"values": {"x": 1}}}]}`, name, trigger))
}

func TestTheWeekShowsExpectedStartsAndFreeDays(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		bob := s.As(auth.Viewer)
		sitetest.Shows(t, bob.Get("/schedules/week", 200), "Nothing is planned in this week.", "Europe/Berlin", "!This week<")
		timed(s, "Nightly "+sitetest.Evil, `"cron": "30 2 * * *"`)
		timed(s, "Hourly", `"cron": "0 * * * *"`)
		timed(s, "Often", `"cron": "*/5 9 * * 1"`)
		_, err := s.Catalog.CreateCalendar(t.Context(), "Office", catalog.CalendarDays{Days: []schedule.FreeDay{{Date: "2030-03-28", Name: "Day off"}}})
		s.Check(err)
		page := bob.Get("/schedules/week?day=2030-03-27", 200) // on the 31st 02:00 to 03:00 does not exist
		sitetest.Shows(t, page, "25 to 31 March 2030", "Day off (Office)", "This week", "day=2030-03-18", "day=2030-04-01", "186 in all", ">13</a>", `at=2030-03-25T09`)
		if strings.Contains(page, "at=2030-03-31T02") {
			t.Error("an hour that does not exist is shown")
		}
		sitetest.Shows(t, bob.Get("/schedules/hour?at=2030-03-25T09", 200), "Monday 25 March 2030, 09:00 to 10:00", "13 starts", "09:55", "Often", "Hourly", "!"+sitetest.Evil)
		sitetest.Shows(t, bob.Get("/schedules/hour?at=2030-03-31T03", 200), "03:00</td>", "Nightly")
		sitetest.Shows(t, bob.Get("/schedules/hour?at=2030-03-26T23", 200), "23:00 to 00:00", "1 start,")
		for _, bad := range []string{"/schedules/week?day=x", "/schedules/week?day=0001-01-01", "/schedules/hour", "/schedules/hour?at=2030-13-01T00"} {
			bob.Get(bad, 404)
		}
	})
}

func TestSchedulesThatStartTogetherAreSpread(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		bob, eve := s.As(auth.Viewer), s.As(auth.Editor)
		timed(s, "Alone", `"cron": "0 5 * * *"`)
		first := timed(s, "First "+sitetest.Evil, `"cron": "@daily"`)
		second := timed(s, "Second", `"cron": "0 0 * * 1-5", "calendar": ""`)
		third := timed(s, "Third", `"cron": "0 0 1 * *"`)
		sitetest.Shows(t, bob.Get("/schedules/week", 200), "3 schedules start at 00:00, Europe/Berlin.", "!Spread these")
		address := regexp.MustCompile(`/schedules/spread\?of=[^"&]+`).FindString(eve.Get("/schedules/week", 200))
		bob.Get(address, 403)
		page := eve.Get(address+"&window=60", 200)
		sitetest.Shows(t, page, "First", `name="minute"`, `value="20"`, `value="40"`, "!Alone", "!"+sitetest.Evil)

		third.Draft = models.JSON(strings.Replace(string(third.Draft), `"Third"`, `"Third, changed"`, 1))
		s.Check(s.DB.Model(&models.Workflow{}).Where("id = ?", third.ID).Update("draft", third.Draft).Error)
		form := url.Values{"publish": {"on"}}
		for i, w := range []models.Workflow{first, second, third} {
			found, err := schedules.Of(t.Context(), s.DB, w.ID)
			s.Check(err)
			form.Add("schedule", found[0].ID)
			form.Add("line", schedule.TriggerOf(found[0]).Cron)
			form.Add("minute", []string{"10", "20", "30"}[i])
		}
		sitetest.Shows(t, eve.Post("/schedules/spread", form, 200).Body, "Changed and published", "The draft has other changes too", "/workflows/"+third.ID+"/publish")
		for id, want := range map[string]string{first.ID: "10 0 * * *", second.ID: "20 0 * * 1-5", third.ID: "0 0 1 * *"} {
			found, err := schedules.Of(t.Context(), s.DB, id)
			s.Check(err)
			if got := schedule.TriggerOf(found[0]).Cron; got != want {
				t.Errorf("it is published as %q instead of %q", got, want)
			}
		}
		if _, d := s.Stored("/workflows/" + third.ID); d.Triggers[0].Cron != "30 0 1 * *" {
			t.Errorf("the draft has %q", d.Triggers[0].Cron)
		}
		sitetest.Shows(t, eve.Post("/schedules/spread", form, 200).Body, "Nothing to change", "!Changed")
		form["minute"] = []string{"60", "x", "-1"}
		sitetest.Shows(t, eve.Post("/schedules/spread", form, 200).Body, "The minute must be a number")
		if location := eve.Send("GET", address, nil, nil).Location; location != "/schedules/week" {
			t.Errorf("what is spread leads to %q", location)
		}
		eve.Post("/schedules/spread", url.Values{"schedule": {"x"}}, 303)
	})
}
