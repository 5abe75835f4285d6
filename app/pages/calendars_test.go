package pages_test

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"workflows/app/auth"
	"workflows/app/sitetest"
	"workflows/models"
	"workflows/worker/catalog"
	"workflows/worker/schedule"
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
		moved := eve.Post(page, url.Values{"weekend": {"0"}, "days": {"2999-12-25 Christmas\n2030-05-01 Labour Day"}, "working_days": {"2030-05-05 Makes up"}}, 303)
		sitetest.Shows(t, eve.Get(moved.Location, 200), "2030-05-01 Labour Day", "2030-05-05 Makes up", "No schedule heeds it yet")
		sitetest.Shows(t, eve.Get(page+"/delete", 200), "Delete the calendar “Germany”?")
		eve.Post(page+"/delete", nil, 303)
		eve.Get(page, 404)
	})
}

// calendarFile is one whose days lie so many days ahead.
func calendarFile(days map[int]string) string {
	var b strings.Builder
	b.WriteString("\ufeffBEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Google Inc//Google Calendar 70.9054//EN\r\n")
	for _, ahead := range slices.Sorted(maps.Keys(days)) {
		at := models.Now().AddDate(0, 0, ahead)
		b.WriteString("BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:" + at.Format("20060102") + "\r\n" + days[ahead] + "\r\nEND:VEVENT\r\n")
	}
	return b.String() + "END:VCALENDAR\r\n"
}

func TestPageShowsWhatAFileSaysBeforeItSaves(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		const list = "/schedules/calendars"
		eve := s.As(auth.Editor)
		day := func(ahead int) string { return models.Now().AddDate(0, 0, ahead).Format(time.DateOnly) }
		text := calendarFile(map[int]string{
			-400: "SUMMARY:Long ago", 10: "SUMMARY:New Year " + sitetest.Evil, 20: `SUMMARY:Valentine's Day` + "\r\n" + `DESCRIPTION:Observance\nTo hide observances\, go to Google Calendar Settings > Holidays`,
			30: "SUMMARY:Boyne\r\nDESCRIPTION:Public holiday in Northern Ireland", 40: "SUMMARY:Working Day on Weekend", 50: "SUMMARY:Called off\r\nSTATUS:CANCELLED",
		})
		sent := url.Values{"name": {"Ulster"}, "weekend": {"6", "0"}, "days": {day(5) + " Typed\n" + text}}
		shown := eve.Post(list, sent, 200).Body
		sitetest.Shows(t, shown, "What the file says", "2 events taken, 1 free day in the next ten years and 1 day of work; 2 not ticked, 2 left out.", "Nothing is saved yet",
			"Free only in Northern Ireland", "Kept, but not free", "Days of work", "Cancelled <span class=\"muted\">(1 event)", "Over <span", "Called off", "Long ago", "The last free day of the file is near", "New Year &lt;script&gt;", "!"+sitetest.Evil)
		found, err := models.ListCalendars(t.Context(), s.DB)
		s.Check(err)
		if len(found) != 0 {
			t.Fatalf("%+v is saved before anybody has seen it", found)
		}

		kept := url.Values{"name": {"Ulster"}, "weekend": {"6", "0"}, "days": {day(5) + " Typed"}, "file": {text}}
		kept["act"], kept["take"] = []string{"read"}, []string{"free", "regional:Northern Ireland"}
		sitetest.Shows(t, eve.Post(list, kept, 200).Body, "2 events taken, 2 free days in the next ten years; 2 not ticked, 2 left out.")
		kept.Del("act")
		kept["take"] = nil
		sitetest.Shows(t, eve.Post(list, kept, 422).Body, "No day of the file would be saved. Tick what is free for you, or leave the file out.")
		kept["take"] = []string{"free", "regional:Northern Ireland", "working"}
		eve.Post(list, kept, 303)
		found, err = models.ListCalendars(t.Context(), s.DB)
		s.Check(err)
		want := day(5) + " Typed, " + day(10) + " New Year " + sitetest.Evil + ", " + day(30) + " Boyne; " + day(40) + " Working Day on Weekend"
		if got := written(t, found[0]); got != want {
			t.Errorf("saved %s\nwant %s", got, want)
		}
		sitetest.Shows(t, eve.Get(list, 200), "Its last free day is near")
		sitetest.Shows(t, eve.Get(list+"/"+found[0].ID, 200), "Its last free day is near", day(40)+" Working Day on Weekend")

		kept["act"] = []string{"drop"}
		sitetest.Shows(t, eve.Post(list+"/"+found[0].ID, kept, 200).Body, "!What the file says", day(5)+" Typed")
	})
}

func TestFileOfWhichNothingIsTakenIsNotSavedWithoutAWord(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		const list = "/schedules/calendars"
		eve := s.As(auth.Editor)
		for text, want := range map[string]string{
			calendarFile(map[int]string{-300: "SUMMARY:Past", -200: "SUMMARY:Past too"}): "No day of the file is taken. Below is why each of its events is left out.",
			calendarFile(nil): "No day of the file is taken. There is no event in it.",
			calendarFile(map[int]string{9: "SUMMARY:Father's Day (Not a Public Holiday)"}): "No day of the file is taken. Tick what is free for you",
		} {
			sitetest.Shows(t, eve.Post(list, url.Values{"name": {"A"}, "days": {text}}, 200).Body, want, "!Save with these days")
			sitetest.Shows(t, eve.Post(list, url.Values{"name": {"A"}, "file": {text}}, 422).Body, "No day of the file would be saved.")
		}
		sitetest.Shows(t, eve.Post(list, url.Values{"name": {"A"}, "days": {strings.TrimSuffix(calendarFile(map[int]string{9: "SUMMARY:A"}), "END:VCALENDAR\r\n")}}, 422).Body, "The calendar file is cut off")
		found, err := models.ListCalendars(t.Context(), s.DB)
		s.Check(err)
		if len(found) != 0 {
			t.Fatalf("%+v", found)
		}
	})
}

func TestScheduleSaysThatItsCalendarEnds(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		for name, ahead := range map[string]int{"Short": 20, "Long": 200} {
			_, err := s.Catalog.CreateCalendar(t.Context(), name, catalog.CalendarDays{Days: []schedule.FreeDay{{Date: models.Now().AddDate(0, 0, ahead).Format(time.DateOnly)}}})
			s.Check(err)
			timed(s, name, `"cron": "0 9 * * *", "calendar": "`+name+`"`)
		}
		var planned []models.Schedule
		s.Check(s.DB.Find(&planned).Error)
		for _, one := range planned {
			const warning = "The calendar “Short”: Its last free day is near"
			if name := schedule.TriggerOf(one).Calendar; name == "Short" {
				sitetest.Shows(t, s.As(auth.Viewer).Get("/schedules/"+one.ID, 200), warning)
			} else {
				sitetest.Shows(t, s.As(auth.Viewer).Get("/schedules/"+one.ID, 200), "!is near")
			}
		}
		if len(planned) != 2 {
			t.Fatalf("%d schedules", len(planned))
		}
	})
}

func TestLargeFilesFitIntoTheForm(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		days := map[int]string{}
		for n := range 1000 {
			days[n] = "COMMENT:" + strings.Repeat("节", 200)
		}
		sitetest.Shows(t, s.As(auth.Editor).Post("/schedules/calendars", url.Values{"name": {"A"}, "days": {calendarFile(days)}}, 200).Body, "1,000 events taken")
	})
}

func TestCalendarsFromBeforeDaysOfWorkAreRead(t *testing.T) {
	sitetest.Each(t, func(t *testing.T, s *sitetest.Site) {
		id := models.NewID()
		s.Check(s.DB.Exec("INSERT INTO calendars (id, name, weekend, days, created_at, updated_at) VALUES (?, 'Old', '[0]', '[]', ?, ?)", id, models.Now(), models.Now()).Error)
		found, err := models.GetCalendar(t.Context(), s.DB, id)
		s.Check(err)
		if got := written(t, found); got != "; " {
			t.Error(got)
		}
		_, _, err = s.Catalog.UpdateCalendar(t.Context(), id, catalog.CalendarDays{Working: []schedule.FreeDay{{Date: "2030-05-05"}}})
		s.Check(err)
		changed, _, err := s.Catalog.UpdateCalendar(t.Context(), id, catalog.CalendarDays{Days: []schedule.FreeDay{{Date: "2030-05-01"}}})
		s.Check(err)
		if got := written(t, changed); got != "2030-05-01; 2030-05-05" {
			t.Errorf("days of work that were not sent are gone: %s", got)
		}
	})
}

func written(t *testing.T, stored models.Calendar) string {
	t.Helper()
	days, err := schedule.CalendarDaysOf(stored)
	if err != nil {
		t.Fatal(err)
	}
	join := func(days []schedule.FreeDay) string {
		var all []string
		for _, day := range days {
			all = append(all, strings.TrimSpace(day.Date+" "+day.Name))
		}
		return strings.Join(all, ", ")
	}
	return join(days.Free) + "; " + join(days.Working)
}
