package schedule

import (
	"strings"
	"testing"
	"time"
)

const holidays = `BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Test//EN
BEGIN:VEVENT
UID:1
DTSTART;VALUE=DATE:20201225
DTEND;VALUE=DATE:20201227
RRULE:FREQ=YEARLY
EXDATE;VALUE=DATE:20271225
SUMMARY:Christmas\, both days
END:VEVENT
BEGIN:VEVENT
UID:2
DTSTART;VALUE=DATE:20270326
SUMMARY:Good Friday
END:VEVENT
BEGIN:VEVENT
UID:3
DTSTART:20270401T090000Z
DTEND:20270401T100000Z
SUMMARY:A meeting
END:VEVENT
BEGIN:VEVENT
UID:4
DTSTART;VALUE=DATE:20190101
SUMMARY:Long ago
END:VEVENT
END:VCALENDAR
`

func TestWholeDaysOfAnICSFileAreFreeDays(t *testing.T) {
	for _, text := range []string{holidays, strings.ReplaceAll(holidays, "\n", "\r\n")} {
		days, err := ReadICS(text, time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC))
		if err != nil {
			t.Fatal(err)
		}
		var words []string
		for _, day := range days[:5] {
			words = append(words, day.Date+" "+day.Name)
		}
		want := "2026-12-25 Christmas, both days|2026-12-26 Christmas, both days|2027-03-26 Good Friday|2028-12-25 Christmas, both days|2028-12-26 Christmas, both days"
		if got := strings.Join(words, "|"); got != want || len(days) != 19 {
			t.Fatalf("%d days: %s", len(days), got)
		}
		if problems := CheckCalendar("A", nil, days); len(problems) > 0 {
			t.Fatal(problems)
		}
	}
}

func TestWhatIsNoCalendarOrTooLargeIsRefusedInWords(t *testing.T) {
	daily := strings.Replace(holidays, "FREQ=YEARLY", "FREQ=DAILY", 1)
	for text, want := range map[string]string{
		"": "not a calendar", "hello": "not a calendar", "BEGIN:VCALENDAR\nBEGIN:": "not a calendar",
		strings.Repeat("x", maxICS+1): "larger than 1 MB", daily: "more than 2000 free days",
	} {
		if _, err := ReadICS(text, noon); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v, want %s", text, err, want)
		}
	}
}

func FuzzReadICS(f *testing.F) {
	f.Add(holidays)
	f.Add("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260101\nRRULE:FREQ=SECONDLY;INTERVAL=0\nEND:VEVENT\nEND:VCALENDAR")
	f.Fuzz(func(t *testing.T, text string) {
		days, err := ReadICS(text, noon)
		if err == nil && len(days) > 0 {
			if problems := CheckCalendar("A", nil, days); len(problems) > 0 {
				t.Fatalf("%v of %v", problems, days)
			}
		}
	})
}
