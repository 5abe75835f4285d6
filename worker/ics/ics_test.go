package ics

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var today = time.Date(2026, 11, 28, 10, 0, 0, 0, time.UTC)

func read(t *testing.T, text string) File {
	t.Helper()
	file, err := Read(t.Context(), text, today)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// around is a calendar with these lines, each event's between BEGIN and END.
func around(events ...string) string {
	var b strings.Builder
	b.WriteString("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Test//EN\r\n")
	for _, event := range events {
		b.WriteString("BEGIN:VEVENT\r\n" + strings.ReplaceAll(strings.TrimSpace(event), "\n", "\r\n") + "\r\nEND:VEVENT\r\n")
	}
	return b.String() + "END:VCALENDAR\r\n"
}

// words are the first days that are taken, and what is left out.
func words(file File) string {
	var parts []string
	for _, event := range file.Events {
		for i, at := range event.Days {
			if i == 4 {
				parts = append(parts, fmt.Sprintf("and %d more", len(event.Days)-i))
				break
			}
			parts = append(parts, at.Format("20060102"))
		}
	}
	for _, left := range file.LeftOut {
		parts = append(parts, left.Why)
	}
	return strings.Join(parts, ", ")
}

func TestWholeDaysAreReadHoweverTheyAreWritten(t *testing.T) {
	for name, c := range map[string]struct{ event, want string }{
		"a week by its length":           {"DTSTART;VALUE=DATE:20261221\nDURATION:P1W", "20261221, 20261222, 20261223, 20261224, and 3 more"},
		"days by their number":           {"DTSTART;VALUE=DATE:20261221\nDURATION:P2D", "20261221, 20261222"},
		"an end that is the begin":       {"DTSTART;VALUE=DATE:20261221\nDTEND;VALUE=DATE:20261221", "20261221"},
		"an end before the begin":        {"DTSTART;VALUE=DATE:20261221\nDTEND;VALUE=DATE:20261220", "20261221"},
		"a date without saying so":       {"DTSTART:20261221\nDTEND:20261223", "20261221, 20261222"},
		"a date with a clock":            {"DTSTART;VALUE=DATE:20261221T000000", "20261221"},
		"cancelled":                      {"DTSTART;VALUE=DATE:20261221\nSTATUS:CANCELLED", whyCancelled},
		"listed dates":                   {"DTSTART;VALUE=DATE:20261224\nRDATE;VALUE=DATE:20271224,20281227", "20261224, 20271224, 20281227"},
		"listed dates on two lines":      {"DTSTART;VALUE=DATE:20261224\nRDATE;VALUE=DATE:20271224\nRDATE;VALUE=DATE:20281227", "20261224, 20271224, 20281227"},
		"listed periods":                 {"DTSTART;VALUE=DATE:20261224\nRDATE;VALUE=PERIOD:20271224T000000/P2D,20281227T000000/20281229T000000", "20261224, 20271224, 20271225, 20281227, and 1 more"},
		"a list without a rule excepts":  {"DTSTART;VALUE=DATE:20261224\nRDATE;VALUE=DATE:20271224\nEXDATE;VALUE=DATE:20261224", "20271224"},
		"two rules":                      {"DTSTART;VALUE=DATE:20261224\nRRULE:FREQ=YEARLY;COUNT=2\nRRULE:FREQ=MONTHLY;COUNT=2", "20261224, 20270124, 20271224"},
		"an older rule that excepts":     {"DTSTART;VALUE=DATE:20261224\nRRULE:FREQ=DAILY;COUNT=3\nEXRULE:FREQ=DAILY;INTERVAL=2;COUNT=2", "20261225"},
		"a rule from a past year":        {"DTSTART;VALUE=DATE:20201224\nRRULE:FREQ=YEARLY;UNTIL=20281224", "20261224, 20271224, 20281224"},
		"a rule from long ago":           {"DTSTART;VALUE=DATE:16011224\nRRULE:FREQ=YEARLY;UNTIL=20271224", "20261224, 20271224"},
		"a rule that ends with ;":        {"DTSTART;VALUE=DATE:20201224\nRRULE:FREQ=YEARLY;INTERVAL=1;UNTIL=20271224;", "20261224, 20271224"},
		"a rule in small letters":        {"DTSTART;VALUE=DATE:20201224\nRRULE:freq=yearly;until=20271224", "20261224, 20271224"},
		"a rule with the usual scale":    {"DTSTART;VALUE=DATE:20201224\nRRULE:RSCALE=GREGORIAN;FREQ=YEARLY;UNTIL=20271224;SKIP=OMIT", "20261224, 20271224"},
		"a rule of another calendar":     {"DTSTART;VALUE=DATE:20130210\nRRULE:RSCALE=CHINESE;FREQ=YEARLY", whyRule},
		"a rule by hours":                {"DTSTART;VALUE=DATE:20261224\nRRULE:FREQ=HOURLY", whyRule},
		"a rule that makes no sense":     {"DTSTART;VALUE=DATE:20261224\nRRULE:every year", whyRule},
		"a rule that breaks the library": {"DTSTART;VALUE=DATE:20201224\nRRULE:FREQ=YEARLY;BYDAY=53MO;BYMONTH=2", whyRule},
		"the first day counts":           {"DTSTART;VALUE=DATE:20261224\nRRULE:FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=26;COUNT=3", "20261224, 20261226, 20271226"},
		"an end at midnight of Berlin":   {"DTSTART;VALUE=DATE:20201225\nRRULE:FREQ=YEARLY;UNTIL=20281224T230000Z", "20261225, 20271225, 20281225"},
		"an end at midnight of New York": {"DTSTART;VALUE=DATE:20201225\nRRULE:FREQ=YEARLY;UNTIL=20271225T050000Z", "20261225, 20271225"},
		"an end at midnight of nowhere":  {"DTSTART;VALUE=DATE:20201225\nRRULE:FREQ=YEARLY;UNTIL=20271225T000000Z", "20261225, 20271225"},
		"an end at the end of a day":     {"DTSTART;VALUE=DATE:20261225\nRRULE:FREQ=DAILY;UNTIL=20261226T225959Z", "20261225, 20261226"},
		"an exception with a clock":      {"DTSTART;VALUE=DATE:20261225\nRRULE:FREQ=YEARLY;COUNT=3\nEXDATE:20271225T000000Z", "20261225, 20281225"},
		"exceptions in one line":         {"DTSTART;VALUE=DATE:20261225\nRRULE:FREQ=YEARLY;COUNT=3\nEXDATE;VALUE=DATE:20271225,20281225", "20261225"},
		"everything excepted":            {"DTSTART;VALUE=DATE:20261225\nEXDATE;VALUE=DATE:20261225", whyExcepted},
		"names in small letters":         {"dtstart;value=date:20261225\nsummary:x\nrrule:freq=yearly;count=2", "20261225, 20271225"},
		"Outlook's midnights":            {"DTSTART;TZID=W. Europe Standard Time:20261224T000000\nDTEND;TZID=W. Europe Standard Time:20261225T000000\nX-MICROSOFT-CDO-ALLDAYEVENT:TRUE", "20261224"},
		"midnights in a zone":            {"DTSTART;TZID=Europe/Berlin:20261224T000000\nDTEND;TZID=Europe/Berlin:20261226T000000", "20261224, 20261225"},
		"midnights in no zone":           {"DTSTART:20261224T000000\nDTEND:20261225T000000", "20261224"},
		"midnights in UTC":               {"DTSTART:20261224T000000Z\nDTEND:20261225T000000Z", "20261224"},
		"midnights and a day's length":   {"DTSTART:20261224T000000\nDURATION:PT24H", "20261224"},
		"a day up to its last minute":    {"DTSTART:20261224T000000\nDTEND:20261224T235900", "20261224"},
		"a day up to its last second":    {"DTSTART:20261224T000000\nDTEND:20261225T235959", "20261224, 20261225"},
		"Outlook's day in UTC":           {"DTSTART:20261223T230000Z\nDTEND:20261224T230000Z\nX-MICROSOFT-CDO-ALLDAYEVENT:TRUE", "20261224"},
		"Outlook's day without an end":   {"DTSTART:20261224T000000\nX-MICROSOFT-CDO-ALLDAYEVENT:TRUE", "20261224"},
		"Outlook's rule in a zone":       {"DTSTART;TZID=W. Europe Standard Time:20201225T000000\nDTEND;TZID=W. Europe Standard Time:20201226T000000\nRRULE:FREQ=YEARLY;UNTIL=20281224T230000Z\nEXDATE:20271224T230000Z", "20261225, 20281225"},
		"a meeting":                      {"DTSTART:20261224T090000Z\nDTEND:20261224T100000Z", whyTimed},
		"a meeting from midnight":        {"DTSTART:20261224T000000Z\nDTEND:20261224T100000Z", whyTimed},
		"a moment":                       {"DTSTART:20261224T000000Z", whyTimed},
		"long ago":                       {"DTSTART;VALUE=DATE:20191224", whyOver},
		"far ahead":                      {"DTSTART;VALUE=DATE:20391224", whyAhead},
		"a rule that is over":            {"DTSTART;VALUE=DATE:20191224\nRRULE:FREQ=YEARLY;COUNT=3", whyOver},
		"longer than a year":             {"DTSTART;VALUE=DATE:20261224\nDTEND;VALUE=DATE:20291224", whyTooLong},
		"no begin":                       {"SUMMARY:x", whyDate},
		"no date":                        {"DTSTART;VALUE=DATE:20261324", whyDate},
		"an end that cannot be read":     {"DTSTART;VALUE=DATE:20261224\nDTEND;VALUE=DATE:soon", whyDate},
		"a begun event":                  {"DTSTART;VALUE=DATE:20261126\nDTEND;VALUE=DATE:20261130", "20261128, 20261129"},
	} {
		if got := words(read(t, around(c.event))); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, c.want)
		}
	}
}

func TestChangedDaysOfAnEventTakeThePlaceOfTheirs(t *testing.T) {
	const yearly = "UID:1\nDTSTART;VALUE=DATE:20260710\nRRULE:FREQ=YEARLY;COUNT=4\n"
	for name, c := range map[string]struct {
		events []string
		want   string
	}{
		"moved":     {[]string{yearly, "UID:1\nRECURRENCE-ID;VALUE=DATE:20270710\nDTSTART;VALUE=DATE:20270712"}, "20270712, 20280710, 20290710"},
		"cancelled": {[]string{yearly, "UID:1\nRECURRENCE-ID;VALUE=DATE:20270710\nDTSTART;VALUE=DATE:20270710\nSTATUS:CANCELLED"}, "20280710, 20290710, " + whyCancelled},
		"moved to a time of day": {
			[]string{yearly, "UID:1\nRECURRENCE-ID;VALUE=DATE:20270710\nDTSTART:20270710T090000Z\nDTEND:20270710T100000Z"}, "20280710, 20290710, " + whyTimed,
		},
		"moved twice, the newer one first": {
			[]string{yearly, "UID:1\nSEQUENCE:2\nRECURRENCE-ID;VALUE=DATE:20270710\nDTSTART;VALUE=DATE:20270713", "UID:1\nSEQUENCE:1\nRECURRENCE-ID;VALUE=DATE:20270710\nDTSTART;VALUE=DATE:20270712"},
			"20270713, 20280710, 20290710",
		},
		"the change stands before the event": {[]string{"UID:1\nRECURRENCE-ID:20270710T000000Z\nDTSTART;VALUE=DATE:20270712", yearly}, "20270712, 20280710, 20290710"},
		"all that follow are moved": {
			[]string{yearly, "UID:1\nRECURRENCE-ID;VALUE=DATE;RANGE=THISANDFUTURE:20280710\nDTSTART;VALUE=DATE:20280711\nDTEND;VALUE=DATE:20280713"},
			"20270710, 20290711, 20290712, 20280711, 20280712",
		},
		"all that follow are cancelled": {
			[]string{yearly, "UID:1\nRECURRENCE-ID;VALUE=DATE;RANGE=THISANDFUTURE:20280710\nDTSTART;VALUE=DATE:20280710\nSTATUS:CANCELLED"}, "20270710, " + whyCancelled,
		},
		"a change that has taken the rule along": {[]string{yearly, "UID:1\nRECURRENCE-ID;VALUE=DATE:20270710\nDTSTART;VALUE=DATE:20270712\nRRULE:FREQ=DAILY"}, "20270712, 20280710, 20290710"},
		"a change older than the exception": {
			[]string{strings.TrimSpace(yearly) + "\nSEQUENCE:2\nEXDATE;VALUE=DATE:20270710", "UID:1\nSEQUENCE:1\nRECURRENCE-ID;VALUE=DATE:20270710\nDTSTART;VALUE=DATE:20270712"}, "20280710, 20290710",
		},
		"a change of a day that is none any more": {
			[]string{strings.TrimSpace(yearly) + "\nSEQUENCE:2", "UID:1\nSEQUENCE:1\nRECURRENCE-ID;VALUE=DATE:20270711\nDTSTART;VALUE=DATE:20270712"}, "20270710, 20280710, 20290710",
		},
		"another event's change": {[]string{yearly, "UID:2\nRECURRENCE-ID;VALUE=DATE:20270710\nDTSTART;VALUE=DATE:20270712"}, "20270710, 20280710, 20290710, 20270712"},
	} {
		if got := words(read(t, around(c.events...))); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, c.want)
		}
	}
}

func TestFilesAreReadThatAreNotQuiteByTheBook(t *testing.T) {
	one := around("DTSTART;VALUE=DATE:20261224\nSUMMARY:One")
	two := around("DTSTART;VALUE=DATE:20261225\nSUMMARY:Two")
	for name, text := range map[string]string{
		"two calendars":                   one + two,
		"two files with marks":            "\ufeff" + one + "\ufeff" + two,
		"a property after a component":    strings.Replace(one, "END:VCALENDAR", "X-WR-CALNAME:Late\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20261225\r\nEND:VEVENT\r\nEND:VCALENDAR", 1),
		"a line that is none":             strings.Replace(one, "SUMMARY", "what is this\r\nSUMMARY", 1) + two,
		"blank lines":                     strings.ReplaceAll(one+two, "\r\n", "\r\n\r\n"),
		"one kind of line end":            strings.ReplaceAll(one+two, "\r\n", "\n"),
		"the other":                       strings.ReplaceAll(one+two, "\r\n", "\r"),
		"small letters":                   strings.ToLower(one + two),
		"a folded date":                   strings.ReplaceAll(one+two, "=DATE:2026", "=DA\r\n TE:20\r\n\t26"),
		"the end of an event is missing":  strings.Replace(around("DTSTART;VALUE=DATE:20261224", "DTSTART;VALUE=DATE:20261225"), "END:VEVENT\r\n", "", 1),
		"an alarm with times in an event": strings.Replace(one, "END:VEVENT", "BEGIN:VALARM\r\nDURATION:P9D\r\nSTATUS:CANCELLED\r\nEND:VALARM\r\nEND:VEVENT", 1) + two,
		"quoted parameters":               strings.ReplaceAll(one+two, ";VALUE=DATE:", `;X-A="b:c;d";VALUE="DATE":`),
	} {
		if got := words(read(t, text)); got != "20261224, 20261225" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestZonesAreThoseOfTheWorldOfWindowsAndOfTheFile(t *testing.T) {
	const own = "BEGIN:VTIMEZONE\r\nTZID:Customized Time Zone\r\nBEGIN:STANDARD\r\nDTSTART:16010101T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\r\nEND:STANDARD\r\nBEGIN:DAYLIGHT\r\nDTSTART:16010101T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n"
	for _, name := range []string{"Europe/Berlin", "W. Europe Standard Time", "Customized Time Zone", "/mozilla.org/20050126_1/Europe/Berlin", "Nobody knows it"} {
		text := around("DTSTART;TZID=" + name + ":20260710T000000\nDTEND:20260710T220000Z\nRRULE:FREQ=YEARLY;UNTIL=20280709T220000Z\nEXDATE:20270709T220000Z")
		if name == "Nobody knows it" { // an end in UTC needs the zone
			text = strings.Replace(text, "DTEND:20260710T220000Z", "DURATION:P1D", 1)
		}
		text = strings.Replace(text, "BEGIN:VEVENT", own+"BEGIN:VEVENT", 1)
		if got := words(read(t, text)); got != "20280710" {
			t.Errorf("%s: %s", name, got)
		}
	}
	google := strings.Replace(around("DTSTART:20261223T230000Z\nDTEND:20261224T230000Z"), "BEGIN:VEVENT", "X-WR-TIMEZONE:Europe/Berlin\r\nBEGIN:VEVENT", 1)
	if got := words(read(t, google)); got != "20261224" {
		t.Errorf("midnights of the calendar's zone in UTC: %s", got)
	}
	for line := range strings.Lines(windowsZones) {
		if windows, place, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok && ofPlace(place) == nil {
			t.Errorf("%s is said to be %s, which is no zone", windows, place)
		}
	}
}

func TestWhatIsNotFreeForEverybodyIsToldApart(t *testing.T) {
	google := func(event string) string {
		return strings.Replace(around(event), "-//Test//EN", "-//Google Inc//Google Calendar 70.9054//EN", 1)
	}
	for name, c := range map[string]struct{ text, want string }{
		"Google's holiday":                 {google("SUMMARY:New Year's Day\nDESCRIPTION:Public holiday"), "free"},
		"Google's tentative holiday":       {google(`SUMMARY:Prophet's Birthday (tentative)` + "\n" + `DESCRIPTION:Public holiday\nDate is tentative and may change`), "free"},
		"Google's observance":              {google(`SUMMARY:Valentine's Day` + "\n" + `DESCRIPTION:Observance\nTo hide observances\, go to Google Calendar Settings > Holidays in United Kingdom`), "observance"},
		"Google's observance in German":    {google(`SUMMARY:Valentinstag` + "\n" + `DESCRIPTION:Gedenktag\nWenn Sie Gedenktage ausblenden möchten\, gehen Sie zu Einstellungen > Feiertage in Deutschland`), "observance"},
		"Google's clocks":                  {google("SUMMARY:Daylight Saving Time starts\nDESCRIPTION:Observance"), "observance"},
		"clocks without a word":            {around("SUMMARY:Daylight Saving Time ends"), "observance"},
		"Google's region":                  {google("SUMMARY:Battle of the Boyne\nDESCRIPTION:Public holiday in Northern Ireland"), "regional Northern Ireland"},
		"Google's regions":                 {google(`SUMMARY:Thaipusam (regional holiday)` + "\n" + `DESCRIPTION:Public holiday in Johor\, Kedah`), "regional Johor, Kedah"},
		"an official region":               {around("SUMMARY:Adelaide Cup (Regional Holiday)\nLOCATION:South Australia"), "regional South Australia"},
		"no public holiday":                {around("SUMMARY:Mother's Day (Not a Public Holiday)"), "observance"},
		"a holiday of states":              {around("SUMMARY:Lincoln's Birthday\nCATEGORIES:Holidays\nDESCRIPTION:State Holiday - It is one."), "regional"},
		"an observance of states":          {around("SUMMARY:Arbor Day\nCATEGORIES:Holidays\nDESCRIPTION:State Observance - It is one."), "observance"},
		"Thunderbird's local one":          {around("SUMMARY:Alkmaars Ontzet\nCATEGORIES:Localer Feiertag"), "regional"},
		"Thunderbird's free one":           {around("SUMMARY:Karfreitag\nCATEGORIES:Holidays\nDESCRIPTION:Christian - Viele Christen begehen ihn."), "free"},
		"Apple's free day":                 {around("SUMMARY:国庆节（休）\nX-APPLE-SPECIAL-DAY:WORK-HOLIDAY"), "free"},
		"Apple's day of work":              {around("SUMMARY:国庆节（班）\nX-APPLE-SPECIAL-DAY:ALTERNATE-WORKDAY"), "working"},
		"a Chinese day of work":            {around("SUMMARY:国庆节 补班 第1天/共2天"), "working"},
		"a day of work by its hours":       {around("DTSTART:20261226T090000\nDTEND:20261226T180000\nSUMMARY:国庆节 补班 第1天/共2天"), "working"},
		"a Hungarian day of work":          {around("SUMMARY:Áthelyezett munkanap"), "working"},
		"a Hungarian free day":             {around("SUMMARY:Munkaszüneti nap"), "free"},
		"a Russian free day":               {around("SUMMARY:Нерабочий день"), "free"},
		"a free day that says non-working": {around("SUMMARY:Special Non-working Day\nDESCRIPTION:Working day on no account, non-working"), "free"},
		"Labour Day":                       {around("SUMMARY:International Workers' Day"), "free"},
	} {
		text := c.text
		if !strings.Contains(text, "DTSTART") {
			text = strings.ReplaceAll(text, "SUMMARY", "DTSTART;VALUE=DATE:20261226\r\nSUMMARY")
		}
		text = strings.Replace(text, "END:VCALENDAR", "BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20270101\r\nEND:VEVENT\r\nEND:VCALENDAR", 1)
		event := read(t, text).Events[0]
		if got := strings.TrimSpace(string(event.Kind) + " " + event.Region); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	china := read(t, around(
		"SUMMARY:元旦\nDTSTART;VALUE=DATE:20270101\nCATEGORIES:法定节假日", "SUMMARY:小寒\nDTSTART;VALUE=DATE:20270105\nCATEGORIES:节气", "SUMMARY:【补班】元旦\nDTSTART;VALUE=DATE:20270110\nCATEGORIES:补班",
	))
	if got := fmt.Sprintf("%s %s %s", china.Events[0].Kind, china.Events[1].Kind, china.Events[2].Kind); got != "free observance working" {
		t.Errorf("days that are free by law beside others: %s", got)
	}
	bavaria := around("DTSTART;VALUE=DATE:20270106\nDESCRIPTION:Gesetzlicher Feiertag in Bayern", "DTSTART;VALUE=DATE:20270101\nDESCRIPTION:Gesetzlicher Feiertag in Bayern")
	if groups := read(t, bavaria).Groups(); len(groups) != 1 || groups[0].Kind != Free {
		t.Errorf("a file of one region: %+v", groups)
	}
}

func TestWhatIsTakenIsChosenByKindAndRegion(t *testing.T) {
	file := read(t, around(
		"DTSTART;VALUE=DATE:20270214\nSUMMARY:Valentine's Day\nDESCRIPTION:Observance",
		"DTSTART;VALUE=DATE:20270101\nSUMMARY:New Year",
		"DTSTART;VALUE=DATE:20270712\nSUMMARY:Boyne\nDESCRIPTION:Public holiday in Northern Ireland",
		"DTSTART;VALUE=DATE:20270116\nSUMMARY:Working Day on Weekend",
		"DTSTART;VALUE=DATE:20270101\nSUMMARY:New Year's Day\nDESCRIPTION:Public holiday in Scotland",
	))
	var keys []string
	for _, g := range file.Groups() {
		keys = append(keys, g.Key)
	}
	if got := strings.Join(keys, ", "); got != "free, regional:Northern Ireland, regional:Scotland, observance, working" {
		t.Error(got)
	}
	categories := read(t, around("DTSTART;VALUE=DATE:20270101\nCATEGORIES:Feiertag", "DTSTART;VALUE=DATE:20270206\nCATEGORIES:Abendfeier,Andere")).Groups()
	if len(categories) != 2 || categories[0].Key != "free:Abendfeier" || categories[1].Of != "Feiertag" {
		t.Errorf("%+v", categories)
	}
	show := func(taken func(Group) bool) string {
		free, working := file.Days(taken)
		var parts []string
		for _, day := range free {
			parts = append(parts, day.Date.Format("0102 ")+day.Name)
		}
		for _, day := range working {
			parts = append(parts, "work "+day.Date.Format("0102 ")+day.Name)
		}
		return strings.Join(parts, ", ")
	}
	if got := show(Group.Usual); got != "0101 New Year, work 0116 Working Day on Weekend" {
		t.Error(got)
	}
	if got := show(func(g Group) bool { return true }); got != "0101 New Year, 0214 Valentine's Day, 0712 Boyne, work 0116 Working Day on Weekend" {
		t.Error(got)
	}
}

// The files are written as the programs write them that they are named after.
func TestFilesOfTheUsualProgramsAreRead(t *testing.T) {
	for name, want := range map[string]string{
		"google":      "20261225 Christmas Day: free, 20270214 Valentine's Day: observance, 20270712 Battle of the Boyne (Northern Ireland): regional",
		"apple":       "20270101 20270102 20270103 元旦（休）: free, 20270105 小寒: observance, 20270110 元旦（班）: working",
		"outlook":     "20261224 Betriebsruhe: free, 20280628 Inventur: free, Jour fixe: Only a part of a day",
		"thunderbird": "20270212 Lincoln's Birthday: regional, 20271126 Thanksgiving Day: free, 20291122 20301128 20311127 20321125 20331124 20341123 20351122 20361127 Thanksgiving Day: free",
		"office":      "20270106 Adelaide Cup (Regional Holiday): regional, 20270329 20280417 20290402 Easter Monday: free",
	} {
		text, err := os.ReadFile("testdata/" + name + ".ics")
		if err != nil {
			t.Fatal(err)
		}
		file := read(t, string(text))
		var parts []string
		for _, event := range file.Events {
			var days []string
			for _, at := range event.Days {
				days = append(days, at.Format("20060102"))
			}
			parts = append(parts, strings.Join(days, " ")+" "+event.Name+": "+string(event.Kind))
		}
		for _, left := range file.LeftOut {
			parts = append(parts, left.Name+": "+left.Why)
		}
		if got := strings.Join(parts, ", "); got != want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, want)
		}
	}
}

func TestWhatIsNoCalendarIsRefusedInWords(t *testing.T) {
	for text, want := range map[string]string{
		"": "not a calendar", "hello": "not a calendar", "BEGIN:VCALENDAR nonsense": "not a calendar",
		"BEGIN:VCALENDAR\nBEGIN:": "cut off", around("DTSTART;VALUE=DATE:20261224")[:90]: "cut off",
		strings.Repeat("x", maxFile+1): "larger than 1 MB",
	} {
		if _, err := Read(t.Context(), text, today); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v, want %s", text, err, want)
		}
	}
}

// ending is a context that ends when it is asked for the third time.
type ending struct {
	context.Context
	asked int
}

func (e *ending) Err() error {
	if e.asked++; e.asked > 2 {
		return context.DeadlineExceeded
	}
	return nil
}

// Work is counted, not timed: a slow machine is no hostile file. A step of the library is
// what cannot be ended, and is the search for a day up to the year 9999 at most.
func TestHostileFilesEndWithTheirTime(t *testing.T) {
	many := func(event string) string {
		return around(strings.TrimSuffix(strings.Repeat(event+"\nEND:VEVENT\nBEGIN:VEVENT\n", maxFile/(len(event)+40+2*strings.Count(event, "\n"))), "END:VEVENT\nBEGIN:VEVENT\n"))
	}
	for name, c := range map[string]struct {
		text string
		want string // of its error, where it has one
	}{
		"rules that never match":    {many("DTSTART:19000101\nRRULE:FREQ=DAILY;BYMONTHDAY=30;BYMONTH=2"), "takes too long"},
		"rules of every day":        {many("DTSTART:15830101\nRRULE:FREQ=DAILY"), "takes too long"},
		"many changes of many days": {many("UID:1\nDTSTART:20261224\nRRULE:FREQ=DAILY;COUNT=900\nEND:VEVENT\nBEGIN:VEVENT\nUID:1\nRECURRENCE-ID:20261224\nDTSTART:20261224"), "takes too long"},
		"many exceptions":           {around("DTSTART:20261224\nRRULE:FREQ=DAILY\n" + strings.Repeat("EXDATE:"+strings.Repeat("20261224T000000Z,", 3000)+"20261224\n", 18)), "takes too long"},
		"a line of parameters":      {around("DTSTART" + strings.Repeat(";X=Y", 200_000) + ":20261224"), ""},
		"components in one another": {"BEGIN:VCALENDAR\n" + strings.Repeat("BEGIN:X\n", 31) + "END:VCALENDAR", ""},
		"more components":           {"BEGIN:VCALENDAR\n" + strings.Repeat("BEGIN:X\nEND:X\n", 70_000) + "END:VCALENDAR", "more than 20,000 entries"},
		"ends that are not open":    {"BEGIN:VCALENDAR\n" + strings.Repeat("BEGIN:X\n", 30) + strings.Repeat("END:Y\n", 140_000) + "END:VCALENDAR", ""},
	} {
		ctx := &ending{Context: t.Context()}
		_, err := fileOf(ctx, c.text, today)
		if said := fmt.Sprint(err); (c.want == "") != (err == nil) || !strings.Contains(said, c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
		if ctx.asked > 3 {
			t.Errorf("%s: worked on after its time was over, and asked %d times", name, ctx.asked)
		}
	}
	ended, stop := context.WithCancel(t.Context())
	stop()
	if _, err := Read(ended, around("DTSTART:20261224\nRRULE:FREQ=DAILY"), today); !errors.Is(err, errTooLong) {
		t.Error(err)
	}
}

func FuzzRead(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.ics")
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Add(around("UID:1\nDTSTART;VALUE=DATE:20201225\nDTEND;VALUE=DATE:20201227\nRRULE:FREQ=YEARLY;UNTIL=20281224T230000Z\nEXDATE:20271225T000000Z"))
	f.Add(around("UID:1\nDTSTART;TZID=W. Europe Standard Time:20261224T000000\nDURATION:P1D\nRDATE;VALUE=PERIOD:20271224T000000/P2D", "UID:1\nRECURRENCE-ID;RANGE=THISANDFUTURE:20261224\nDTSTART:20261225"))
	f.Add("BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:A\nBEGIN:STANDARD\nDTSTART:16010101T000000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nRRULE:FREQ=YEARLY\nEND:STANDARD\nEND:VTIMEZONE\nBEGIN:VEVENT\nDTSTART;TZID=A:20261224T000000\nDTEND:20261225T000000Z\nEND:VEVENT\nEND:VCALENDAR")
	f.Add("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260101\nRRULE:FREQ=SECONDLY;INTERVAL=0\nEND:VEVENT\nEND:VCALENDAR")
	f.Fuzz(func(t *testing.T, text string) {
		file, err := Read(t.Context(), text, today)
		if err != nil {
			return
		}
		for _, event := range file.Events {
			for i, at := range event.Days {
				if at.Before(dateOf(today)) || at.After(dateOf(today).AddDate(years, 0, 0)) || i > 0 && !at.After(event.Days[i-1]) || !midnight(at) {
					t.Fatalf("%s of %v", at, event.Days)
				}
			}
			if len(event.Days) == 0 || len([]rune(event.Name)) > maxName {
				t.Fatalf("%+v", event)
			}
		}
	})
}
