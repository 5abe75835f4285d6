package e2e

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/models/sqlite"
)

// moved adds a schedule whose next run was planned by older time-zone data: in Edmonton an
// hour later. The process that starts anew reckons it once more, and tells.
func moved(t *testing.T, s *system, a *api) map[string]string {
	t.Helper()
	workflow := a.call("POST", "/workflows", object{
		"publish": true, "format": 1, "name": "Moves " + nasty,
		"triggers": []object{{"id": "yearly", "type": "schedule", "cron": "0 9 2 1 *", "time_zone": "America/Edmonton"}},
		"steps":    []object{{"id": "a", "type": "set_values", "config": object{"values": object{"x": 1}}}},
	}, 201)["id"].(string)
	schedule := a.call("GET", "/schedules?workflow_id="+workflow, nil, 200)["data"].([]any)[0].(object)["id"].(string)
	s.web.kill()
	db, err := sqlite.Open(filepath.Join(s.web.dir, "data"))
	if err != nil {
		t.Fatal(err)
	}
	later := func(column string) any { return gorm.Expr(column+" + ?", time.Hour.Microseconds()) }
	err = db.Table("schedules").Where("id = ?", schedule).Updates(map[string]any{"next_at": later("next_at"), "next_fire_at": later("next_fire_at"), "reread": models.RereadZones}).Error
	if err != nil {
		t.Fatal(err)
	}
	if err := models.Close(db); err != nil {
		t.Fatal(err)
	}
	s.web.start()
	s.ready(t)
	modelstest.Eventually(t, "an alert tells that the next run moved", func() bool {
		_, alerts := a.try("GET", "/alerts?kind=moved", nil)
		data, _ := alerts["data"].([]any)
		return len(data) == 1
	})
	return map[string]string{"schedule-moved": "/schedules/" + schedule, "alerts-moved": "/alerts?kind=moved"}
}

// acknowledges lets a person read that a next run moved, and say that they have seen it.
func (b *browser) acknowledges(schedule, alerts string) {
	b.t.Helper()
	b.visit(schedule)
	b.until("a notice says that the next run moved", "[...document.querySelectorAll('main .notice')].some(e => /next run moves/i.test(e.innerText))")
	b.visit(alerts)
	b.sees("next run moves")
	b.follow("Acknowledge")
	b.sees("No alert matches this filter.")
	b.visit(alerts + "&state=acknowledged")
	b.sees("Seen by Ann")
	b.clean("alerts-moved-acknowledged")
}

// calendarFile is one with days of each kind, in the coming weeks.
func calendarFile() string {
	var file strings.Builder
	file.WriteString("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Google Inc//Google Calendar 70.9054//EN\r\n")
	for i, event := range []string{
		"SUMMARY:New Year " + nasty, "SUMMARY:Boyne\r\nDESCRIPTION:Public holiday in Northern Ireland", "SUMMARY:Working Day on Weekend", "SUMMARY:Called off\r\nSTATUS:CANCELLED",
		`SUMMARY:Valentine's Day` + "\r\n" + `DESCRIPTION:Observance\nTo hide observances\, go to Google Calendar Settings > Holidays`,
	} {
		fmt.Fprintf(&file, "BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:%s\r\n%s\r\nEND:VEVENT\r\n", time.Now().AddDate(0, 0, 10*(i+1)).Format("20060102"), event)
	}
	return file.String() + "END:VCALENDAR\r\n"
}

// calendars pastes a calendar file, and then looks at what comes from an address.
func (b *browser) calendars() {
	b.t.Helper()
	file := calendarFile()
	b.visit("/schedules/calendars/new")
	b.fill("name", "Pasted "+nasty)
	b.script(fmt.Sprintf("document.querySelector('main [name=days]').value = %q", file))
	b.follow("Make the calendar")
	b.sees("What the file says")
	b.sees("Free only in Northern Ireland")
	b.clean("calendar-file")

	looked := make(chan struct{}) // at the page that is there until the file has come
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-looked:
		case <-r.Context().Done():
		}
		w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
		_, _ = io.WriteString(w, file)
	}))
	b.t.Cleanup(server.Close)
	b.visit("/schedules/calendars/new")
	b.fill("name", "Followed "+nasty)
	b.fill("address", server.URL+"/basic.ics")
	b.follow("Show what it says")
	b.sees("A worker fetches it")
	b.clean("calendar-waiting")
	close(looked)
	modelstest.Eventually(b.t, "it has come from the address", func() bool {
		b.follow("Show what has come")
		return strings.Contains(b.script("document.querySelector('main').innerText"), "What comes from ")
	})
	b.sees("Free only in Northern Ireland")
	b.clean("calendar-address")
	b.follow("Save and follow the address")
	b.sees("Choose it in a schedule")
	b.follow("Followed ")
	b.press("2 days still to come from the address")
	b.sees("Leave out")
	b.clean("calendar-followed")
}
