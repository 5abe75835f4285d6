package subscription

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"workflows/models/subscriptions"
	"workflows/worker/ics"
	"workflows/worker/schedule"
)

// days reads "1224 Eve, 1225"; what begins with + is a day of work.
func days(text string) (d Days) {
	for part := range strings.SplitSeq(text, ", ") {
		date, name, _ := strings.Cut(strings.TrimPrefix(part, "+"), " ")
		if date == "" {
			continue
		}
		year := "2026"
		if len(date) == 8 {
			year, date = date[:4], date[4:]
		}
		day := schedule.FreeDay{Date: year + "-" + date[:2] + "-" + date[2:], Name: name}
		if strings.HasPrefix(part, "+") {
			d.Working = append(d.Working, day)
		} else {
			d.Free = append(d.Free, day)
		}
	}
	return d
}

func said(d Days) string {
	var parts []string
	for i, list := range [][]schedule.FreeDay{d.Free, d.Working} {
		for _, day := range list {
			date := strings.ReplaceAll(strings.TrimPrefix(day.Date, "2026-"), "-", "")
			parts = append(parts, strings.TrimSpace([]string{"", "+"}[i]+date+" "+day.Name))
		}
	}
	return strings.Join(parts, ", ")
}

func TestAddressesAreReadAsPeopleHaveThem(t *testing.T) {
	for typed, want := range map[string]string{
		"https://example.com/a.ics":               "https://example.com/a.ics example.com",
		" webcal://example.com/a.ics?key=s ":      "https://example.com/a.ics?key=s example.com",
		"WEBCAL://Example.com:8443/a":             "https://Example.com:8443/a Example.com:8443",
		"webcals://example.com/a":                 "https://example.com/a example.com",
		"http://example.com/a#part":               "http://example.com/a example.com",
		"":                                        "Enter",
		"example.com/a.ics":                       "not a web address",
		"webcal:example.com/a.ics":                "not a web address",
		"https:///a.ics":                          "not a web address",
		"https://example.com/a b":                 "not a web address",
		"https://example.com/%zz":                 "not a web address",
		"https://%ff.example.com/a":               "not a web address", // no text that a database takes
		"https://exam\u202eple.com/a":             "not a web address", // shown, it turns what follows around
		"ftp://example.com/a.ics":                 "must begin with https://",
		"file:///etc/passwd":                      "not a web address",
		"https://anna:secret@example.com/a.ics":   "user name or password",
		"https://example.com/" + long(maxAddress): "longer than 2,000",
	} {
		address, host, problem := Address(typed)
		got := address + " " + host
		if problem != "" {
			got = problem
		}
		if got != want && (problem == "" || !strings.Contains(got, want)) {
			t.Errorf("%.60q is %.100q, not %q", typed, got, want)
		}
		if strings.Contains(problem, "secret") {
			t.Errorf("%q repeats what was typed", problem)
		}
	}
}

func long(n int) string { return strings.Repeat("a", n) }

func TestOwnDaysStayWhateverComesFromTheAddress(t *testing.T) {
	for name, c := range map[string]struct {
		own, came, want string
		excluded        []string
	}{
		"both are days of the calendar":      {own: "1224 Eve", came: "1225 Christmas, +1226 Made up", want: "1224 Eve, 1225 Christmas, +1226 Made up"},
		"in order":                           {own: "1231", came: "1225, 20270101", want: "1225, 1231, 20270101"},
		"one's own name of a day wins":       {own: "1225 Closed", came: "1225 Christmas", want: "1225 Closed"},
		"and one's own kind":                 {own: "+1225", came: "1225 Christmas", want: "+1225"},
		"what is left out stays out":         {came: "1225, 1226", excluded: []string{"2026-12-26"}, want: "1225"},
		"but not what one has typed oneself": {own: "1226 Mine", came: "1225, 1226", excluded: []string{"2026-12-26"}, want: "1225, 1226 Mine"},
	} {
		if got := said(Join(days(c.own), days(c.came), c.excluded)); got != c.want {
			t.Errorf("%s: %s, not %s", name, got, c.want)
		}
	}
}

func TestWholeCalendarsArePartedByWhatCame(t *testing.T) {
	for name, c := range map[string]struct{ whole, came, own, excluded string }{
		"just as it came": {whole: "1225 Christmas, +1226", came: "1225 Christmas, +1226"},
		"one more":        {whole: "1224, 1225 Christmas", came: "1225 Christmas", own: "1224"},
		"one fewer":       {whole: "1225", came: "1225, 1226", excluded: "2026-12-26"},
		"another name":    {whole: "1225 Closed", came: "1225 Christmas", own: "1225 Closed"},
		"another kind":    {whole: "+1225", came: "1225", own: "+1225"},
		"nothing":         {came: "1225, +1226", excluded: "2026-12-25 2026-12-26"},
	} {
		own, excluded := Part(days(c.whole), days(c.came))
		if said(own) != c.own || strings.Join(excluded, " ") != c.excluded {
			t.Errorf("%s: own %s, excluded %v", name, said(own), excluded)
		}
		if again := Join(own, days(c.came), excluded); !again.Equal(days(c.whole)) {
			t.Errorf("%s: joined again it is %s", name, said(again))
		}
	}
}

func TestNewDaysReplaceThoseToComeAndPassedOnesStayAYear(t *testing.T) {
	now := time.Date(2026, 12, 20, 23, 30, 0, 0, time.UTC)
	before := days("20240101 Too old, 20260105 Passed, 1219 Yesterday, 1220 Today, 1225 Christmas, +1226")
	if got := said(Renew(before, days("1210 Late news, 1225 Christmas Day, 20270101"), now)); got != "0105 Passed, 1219 Yesterday, 1225 Christmas Day, 20270101" {
		t.Error(got)
	}
}

func file(t *testing.T, events ...string) ics.File {
	t.Helper()
	read, err := ics.Read(t.Context(), calendar(events...), time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	return read
}

// calendar is a file with events such as "20261225 Christmas|CATEGORIES:Public".
func calendar(events ...string) string {
	var b strings.Builder
	b.WriteString("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Test//EN\r\n")
	for i, event := range events {
		event, more, _ := strings.Cut(event, "|")
		date, name, _ := strings.Cut(event, " ")
		fmt.Fprintf(&b, "BEGIN:VEVENT\r\nUID:%d\r\nDTSTART;VALUE=DATE:%s\r\nSUMMARY:%s\r\n", i, date, name)
		if more != "" {
			b.WriteString(more + "\r\n")
		}
		b.WriteString("END:VEVENT\r\n")
	}
	return b.String() + "END:VCALENDAR\r\n"
}

func TestGroupsThatNobodyHasDecidedOnAreTakenAsUsual(t *testing.T) {
	first := file(t, "20261224 A|CATEGORIES:Public", "20261225 B|CATEGORIES:School", "20261226 C|DESCRIPTION:Public holiday in Bavaria")
	choice := Choose(first, []string{"free:Public", "regional:Bavaria"})
	later := file(t, "20261224 A|CATEGORIES:Public", "20261225 B|CATEGORIES:School", "20261226 C|DESCRIPTION:Public holiday in Bavaria",
		"20261227 D|CATEGORIES:Bank", "20261228 E|DESCRIPTION:Public holiday in Saxony", "20261229 F (Not a Public Holiday)")
	var taken []string
	for _, group := range later.Groups() {
		if choice.Takes(group) {
			taken = append(taken, group.Key)
		}
	}
	slices.Sort(taken)
	if got := strings.Join(taken, " "); got != "free:Bank free:Public regional:Bavaria" {
		t.Errorf("taken: %s", got)
	}
}

func TestFetchesArePlannedOnceADayAndFailuresCountedByDays(t *testing.T) {
	id := "calendar"
	at := func(day, hour int) time.Time { return time.Date(2026, 12, day, hour, 0, 0, 0, time.UTC) }
	s := subscriptions.Subscription{CalendarID: &id, Begun: true}
	Well(&s, false, at(1, 9))
	if !s.DueAt.Equal(at(2, 9)) || s.Begun || s.Problem != "" || !s.FetchedAt.Equal(at(1, 9)) {
		t.Errorf("after one that went well: %+v", s)
	}
	for _, c := range []struct{ day, hour, want int }{{2, 9, 1}, {2, 10, 1}, {2, 23, 1}, {3, 0, 2}, {5, 9, 3}} {
		if Badly(&s, "away", at(c.day, c.hour)); s.FailedDays != c.want || !s.FailingSince.Equal(at(2, 9)) || !s.DueAt.Equal(at(c.day+1, c.hour)) || !s.FetchedAt.Equal(at(1, 9)) {
			t.Errorf("on day %d at %d: %+v", c.day, c.hour, s)
		}
	}
	if etag, _ := known(subscriptions.Subscription{ETag: "x", ReadAt: s.ReadAt}, at(30, 9)); etag != "x" {
		t.Error("a file that is known is asked for as a whole")
	}
	if Well(&s, true, at(31, 9)); s.FailedDays != 0 || s.FailingSince != nil || !s.ReadAt.Equal(at(1, 9)) {
		t.Errorf("once it works again: %+v", s)
	}
	s.ETag = "x"
	if etag, _ := known(s, at(31, 9)); etag != "" {
		t.Error("after 30 days all of it is not asked for again")
	}
	look := subscriptions.Subscription{}
	if Badly(&look, "away", at(1, 9)); look.DueAt != nil {
		t.Error("what somebody looks at is fetched again")
	}
}
