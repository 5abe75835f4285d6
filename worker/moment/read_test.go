package moment

import (
	"os"
	"strings"
	"testing"
	"time"
)

func TestEveryWritingIsReadAsTheSameMoment(t *testing.T) {
	for _, writing := range Writings() {
		got, err := Read(writing.Example)
		want := time.Date(2026, 11, 28, 10, 0, 0, 0, time.UTC)
		if IsDay(writing.Example) {
			want = want.Truncate(24 * time.Hour)
		}
		if err != nil || !got.Equal(want) {
			t.Errorf("%s (%s) is %v, %v", writing.Example, writing.Name, got, err)
		}
	}
}

func TestTheReadmeListsTheWritings(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, writing := range Writings() {
		if row := "| `" + writing.Example + "` | " + writing.Name + " |"; !strings.Contains(string(readme), row) {
			t.Errorf("README.md has no line %s", row)
		}
	}
}

func TestDatesOfRealProgramsAreRead(t *testing.T) {
	for text, want := range map[string]string{
		"2026-11-28T10:00:00.123456Z":                  "2026-11-28T10:00:00.123456Z",
		"2026-11-28 10:00:00,5":                        "2026-11-28T10:00:00.5Z",
		"2026-11-28T10:00:00.1234567890123Z":           "2026-11-28T10:00:00.123456789Z",
		"2026-11-28t10:00:00z":                         "2026-11-28T10:00:00Z",
		"2026-11-28T10:00Z":                            "2026-11-28T10:00:00Z",
		"2026-11-28T11:00:00+0100":                     "2026-11-28T11:00:00+01:00",
		"2026-11-28T11:00:00+01":                       "2026-11-28T11:00:00+01:00",
		"2026-11-28 11:00:00 +0100":                    "2026-11-28T11:00:00+01:00",
		"2026-11-28 11:00:00.5 +0100 CET":              "", // Go's own: the zone twice
		"2026-11-28 10:00:00 UTC":                      "2026-11-28T10:00:00Z",
		"  2026-11-28  ":                               "2026-11-28T00:00:00Z",
		"2026-1-5":                                     "2026-01-05T00:00:00Z",
		"2026-11-28T24:00:00Z":                         "2026-11-29T00:00:00Z",
		"2016-12-31T23:59:60Z":                         "2017-01-01T00:00:00Z",
		"2027-W01-1":                                   "2027-01-04T00:00:00Z",
		"2024-366":                                     "2024-12-31T00:00:00Z",
		"20261128T100000Z":                             "2026-11-28T10:00:00Z",
		"20261128T1000":                                "2026-11-28T10:00:00Z",
		"1.2.2026":                                     "2026-02-01T00:00:00Z",
		"1. 2. 2026":                                   "2026-02-01T00:00:00Z",
		"28.11.2026, 10:00:30":                         "2026-11-28T10:00:30Z",
		"Mon,06 Sep 2021 00:01:00 +0000":               "2021-09-06T00:01:00Z",
		"6 Sep 21 10:00 EST":                           "2021-09-06T10:00:00-05:00",
		"Mon, 6 Sep 99 10:00 PST":                      "1999-09-06T10:00:00-08:00",
		"6 Sep 121 10:00 UT":                           "2021-09-06T10:00:00Z",
		"Mon, 06 Sep 2021 10:00:00 CEST":               "2021-09-06T10:00:00+02:00",
		"Mon, 06 Sep 2021 10:00:00 BST":                "2021-09-06T10:00:00+01:00",
		"Tue, 06 Sep 2021 10:00:00 Z":                  "2021-09-06T10:00:00Z", // it was a Monday
		"Mon, 06 Sep 2021 10:00:00 -0000 (UTC)":        "2021-09-06T10:00:00Z",
		"Sat Nov  7 10:00:00 2026":                     "2026-11-07T10:00:00Z",
		"Sat Nov 28 10:00:00 UTC 2026":                 "2026-11-28T10:00:00Z",
		"Sat Nov 28 11:00:00 +0100 2026":               "2026-11-28T11:00:00+01:00",
		"Sat Nov 28 11:00:00 CET 2026":                 "2026-11-28T11:00:00+01:00",
		"Sat, Nov 28 2026":                             "2026-11-28T00:00:00Z",
		"28-Nov-2026":                                  "2026-11-28T00:00:00Z",
		"1st December 2026":                            "2026-12-01T00:00:00Z",
		"Sept. 3rd, 2026":                              "2026-09-03T00:00:00Z",
		"28. November 2026":                            "2026-11-28T00:00:00Z",
		"November 28, 2026 at 10:00\u202fPM":           "2026-11-28T22:00:00Z",
		"Nov 28, 2026 12:30 am":                        "2026-11-28T00:30:00Z",
		"9999-12-31T23:59:59.999999999Z":               "9999-12-31T23:59:59.999999999Z",
		"0001-01-01":                                   "0001-01-01T00:00:00Z",
		"Sat, 28 Nov 2026 10:00:00 GMT+1":              "2026-11-28T10:00:00+01:00",
		"2026-11-28T10:00:00Z[UTC]":                    "2026-11-28T10:00:00Z",
		"Thu, 01 Jan 1970 00:00:00 GMT":                "1970-01-01T00:00:00Z",
		"Sat, 28 Nov 2026 10:00:00 +0530 (IST)":        "2026-11-28T10:00:00+05:30",
		"Sat, 28 Nov 2026 10:00:00 GMT (some remark )": "2026-11-28T10:00:00Z",
	} {
		got, err := Read(text)
		if want == "" {
			if err == nil {
				t.Errorf("%s is %v", text, got)
			}
			continue
		}
		if err != nil || got.Format(time.RFC3339Nano) != want {
			t.Errorf("%s is %s, %v; want %s", text, got.Format(time.RFC3339Nano), err, want)
		}
	}
}

func TestWhatCouldMeanSeveralThingsIsRefusedWithTheReason(t *testing.T) {
	for text, why := range map[string]string{
		"06/09/2021":                       "two different days",
		"6/9/21":                           "two different days",
		"28/11/2026":                       "some write the day first and some the month",
		"11/28/2026 10:00":                 "some write the day first and some the month",
		"9/9/2021":                         "some write the day first and some the month",
		"32/11/2026":                       "does not exist",
		"13/13/2026":                       "does not exist",
		"0/11/2026":                        "does not exist",
		"06-09-2021":                       "two different days",
		"06/09/2021 10:00":                 "two different days",
		"Mon, 06 Sep 2021 10:00:00 IST":    "mean several zones",
		"Mon, 06 Sep 2021 10:00:00 LMT":    "mean several zones",
		"2026-11-28T10:00:00+99:00":        "not known",
		"2026-02-30":                       "does not exist",
		"2026-13-01":                       "does not exist",
		"31.11.2026":                       "does not exist",
		"0000-00-00":                       "does not exist",
		"2026-11-28T25:00:00Z":             "does not exist",
		"2026-11-28T24:00:01Z":             "does not exist",
		"2026-11-28 13:00 PM":              "does not exist",
		"9999-12-31T23:59:59-01:00":        "does not exist",
		"0001-01-01T00:00:00+01:00":        "does not exist",
		"1790000000":                       "not a date",
		"20261128":                         "not a date",
		"2026":                             "not a date",
		"2026-11":                          "not a date",
		"28.11.26":                         "not a date",
		"10:00":                            "not a date",
		"":                                 "not a date",
		"now":                              "not a date",
		"Saturday":                         "not a date",
		"Sat 28":                           "not a date",
		"Marching 28, 2026":                "not a date",
		"2026-11-28T":                      "not a date",
		"2026-11-28x":                      "not a date",
		"2026-11-28T10":                    "not a date",
		"2026-11-28T10:00:00Z trailing":    "not a date",
		"2026-W54-1":                       "not a date",
		"2025-W53-1":                       "not a date",
		"2025-366":                         "not a date",
		"12-34-5678-9012":                  "not a date",
		"192.168.2026.1":                   "not a date",
		"12345678901234567890-11-28":       "not a date",
		strings.Repeat("2026-11-28 ", 100): "not a date",
	} {
		if got, err := Read(text); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%.60s is %v, %v; want %s", text, got, err, why)
		}
	}
}

// Letters such as JST must not mean what the machine's own zone makes of them.
func TestTheMachinesZoneCountsForNothing(t *testing.T) {
	tokyo, err := LoadZone("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	before := time.Local
	t.Cleanup(func() { time.Local = before })
	time.Local = tokyo
	for _, text := range []string{"2026-11-28 10:00:00", "28 Nov 2026 10:00 UTC"} {
		if got, err := Read(text); err != nil || !got.Equal(time.Date(2026, 11, 28, 10, 0, 0, 0, time.UTC)) {
			t.Errorf("%s is %v, %v", text, got, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, writing := range Writings() {
		f.Add(writing.Example)
	}
	f.Add("06/09/2021")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := Read(text)
		tried, ok := Of(text)
		if ok != (err == nil) || !tried.Equal(got) {
			t.Fatalf("%q: Read gives %v %v, Of %v %v", text, got, err, tried, ok)
		}
		if err != nil {
			if !strings.HasSuffix(err.Error(), ".") {
				t.Fatalf("%q: %q is no sentence", text, err)
			}
			return
		}
		if year := got.UTC().Year(); year < 1 || year > 9999 {
			t.Fatalf("%q is in the year %d", text, year)
		}
		if again, err := Read(got.UTC().Format(time.RFC3339Nano)); err != nil || !again.Equal(got) {
			t.Fatalf("%q is %v, read again %v, %v", text, got, again, err)
		}
	})
}

func BenchmarkNoDate(b *testing.B) {
	for b.Loop() {
		Of("Order 4711 of Söhne & Co")
	}
}
