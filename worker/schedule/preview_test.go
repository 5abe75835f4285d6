package schedule

import (
	"strings"
	"testing"
	"time"

	"workflows/models"
	"workflows/worker/workflow"
)

func TestSentencesReadAsEnglish(t *testing.T) {
	for text, want := range map[string]string{
		"0 9 * * 1-5":          "Every weekday (Monday to Friday) at 09:00, Europe/Berlin",
		"* * * * *":            "Every minute, Europe/Berlin",
		"*/15 * * * *":         "Every 15 minutes, Europe/Berlin",
		"*/1 * * * *":          "Every minute, Europe/Berlin",
		"0 * * * *":            "Every hour on the hour, Europe/Berlin",
		"@hourly":              "Every hour on the hour, Europe/Berlin",
		"15 * * * *":           "Every hour at 15 minutes past the hour, Europe/Berlin",
		"0,20 * * * *":         "Every hour at 0 and 20 minutes past the hour, Europe/Berlin",
		"0 */2 * * *":          "Every 2 hours on the hour, Europe/Berlin",
		"*/15 9-17 * * 1-5":    "Every 15 minutes from 09:00 to 17:45, every weekday (Monday to Friday), Europe/Berlin",
		"* 9 * * *":            "Every minute from 09:00 to 09:59, Europe/Berlin",
		"0 9-17 * * *":         "Every hour on the hour from 09:00 to 17:00, Europe/Berlin",
		"0 0 * * *":            "Every day at 00:00, Europe/Berlin",
		"30 8,12,18 * * *":     "Every day at 08:30, 12:30 and 18:30, Europe/Berlin",
		"0 9 * * 1":            "Every Monday at 09:00, Europe/Berlin",
		"0 9 * * 1,3,5":        "Every Monday, Wednesday and Friday at 09:00, Europe/Berlin",
		"0 9 * * 0,6":          "Every weekend day (Saturday and Sunday) at 09:00, Europe/Berlin",
		"@weekly":              "Every Sunday at 00:00, Europe/Berlin",
		"@monthly":             "On the 1st of every month at 00:00, Europe/Berlin",
		"0 6 1,15 * *":         "On the 1st and 15th of every month at 06:00, Europe/Berlin",
		"0 6 1-7 * *":          "On the 1st to the 7th of every month at 06:00, Europe/Berlin",
		"0 6 22 3,9 *":         "On the 22nd of March and September at 06:00, Europe/Berlin",
		"0 0 24 12 *":          "Every year on 24 December at 00:00, Europe/Berlin",
		"0 0 13 * 5":           "On the 13th of every month, and also every Friday at 00:00, Europe/Berlin",
		"0 9 */2 * 1":          "Every Monday with an odd date at 09:00, Europe/Berlin",
		"0 9 2-30/2 * */7":     "Every Sunday with an even date at 09:00, Europe/Berlin",
		"0 9 1-7 * */7":        "On the first Sunday of the month at 09:00, Europe/Berlin",
		"0 9 */100,1-7 * 1":    "On the first Monday of the month at 09:00, Europe/Berlin",
		"0 9 8-14 3 */100":     "On the second Sunday of the month in March at 09:00, Europe/Berlin",
		"0 9 */5 * 1-5":        "Every weekday (Monday to Friday) that falls on the 1st, 6th, 11th, 16th, 21st, 26th and 31st of the month at 09:00, Europe/Berlin",
		"0 9 */100 * *":        "On the 1st of every month at 09:00, Europe/Berlin",
		"0 9 1,* * 1":          "Every day at 09:00, Europe/Berlin", // does not begin with a star, so either is enough
		"0 9 * 5 1":            "Every Monday in May at 09:00, Europe/Berlin",
		"0 9 * 5 *":            "Every day in May at 09:00, Europe/Berlin",
		"*/7 * * * *":          "Every day at minute 0, 7, 14, 21, 28, 35, 42, 49 and 56 of hour 0–23, Europe/Berlin",
		"1,2,3,10 4,8,9 * * *": "Every day at minute 1–3 and 10 of hour 4, 8 and 9, Europe/Berlin",
	} {
		rule, problems := Parse(workflow.Trigger{Cron: text, TimeZone: "Europe/Berlin"})
		if len(problems) > 0 {
			t.Fatal(text, problems)
		}
		if got := rule.Sentence(); got != want {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
	}
	for _, c := range []struct{ trigger, want string }{{"15m", "Every 15 minutes"}, {"1m", "Every minute"}, {"1h30m", "Every 1 hour 30 minutes"}, {"1d", "Every day"}} {
		rule, _ := Parse(workflow.Trigger{Every: c.trigger})
		if got := rule.Sentence(); got != c.want {
			t.Errorf("%s: %s", c.trigger, got)
		}
	}
	rule, _ := Parse(workflow.Trigger{At: "2027-03-01T09:00:00+01:00", TimeZone: "Europe/Berlin"})
	if got := rule.Sentence(); got != "Once, on Monday, 1 March 2027 at 09:00, Europe/Berlin" {
		t.Error(got)
	}
}

func TestPreviewShowsTheZonesTimesAndClockChanges(t *testing.T) {
	after := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for text, effects := range map[string][2]string{
		"30 2 * * *":   {"The clock goes forward from 02:00 to 03:00. The run at 02:30 starts at 03:00 instead.", "The clock goes back from 03:00 to 02:00. 02:30 happens twice: the run starts the first time only."},
		"0 9 * * *":    {"The clock goes forward from 02:00 to 03:00. No run is affected.", "The clock goes back from 03:00 to 02:00. No run is affected."},
		"*/10 2 * * *": {"The clock goes forward from 02:00 to 03:00. The runs from 02:00 until then are one run at 03:00.", "The clock goes back from 03:00 to 02:00. The runs in between start the first time only."},
		"0 * * * *":    {"The clock goes forward from 02:00 to 03:00. Runs follow real time: none is lost and none is repeated.", "The clock goes back from 03:00 to 02:00. Runs follow real time: none is lost and none is repeated."},
	} {
		preview, problems := MakePreview(workflow.Trigger{Cron: text, TimeZone: "Europe/Berlin"}, nil, after, 5)
		if len(problems) > 0 || len(preview.Next) != 5 || len(preview.ClockChanges) != 2 {
			t.Fatalf("%s: %+v %+v", text, preview, problems)
		}
		for i, change := range preview.ClockChanges {
			if change.Effect != effects[i] {
				t.Errorf("%s: %s", text, change.Effect)
			}
		}
		if at := preview.ClockChanges[0].At.Format(time.RFC3339); at != "2027-03-28T03:00:00+02:00" {
			t.Errorf("%s: changes at %s", text, at)
		}
	}
	preview, _ := MakePreview(workflow.Trigger{Cron: "0 9 * * 1-5", TimeZone: "Europe/Berlin"}, nil, after, 2)
	if got := preview.Next[0].Format(time.RFC3339); got != "2026-11-24T09:00:00+01:00" {
		t.Error(got)
	}
}

func TestPreviewWarnsOfWhatPeopleDoNotExpect(t *testing.T) {
	office, err := ReadCalendar(models.Calendar{Name: "Office", Weekend: models.JSON(`[6,0]`), Days: models.JSON(`[]`)})
	if err != nil {
		t.Fatal(err)
	}
	after := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		trigger workflow.Trigger
		says    string
	}{
		{workflow.Trigger{Cron: "0 0 31 * *"}, "Months without a 31st"},
		{workflow.Trigger{Cron: "0 0 29 2 *"}, "leap years"},
		{workflow.Trigger{Cron: "0 0 13 * 5"}, "either of them"},
		{workflow.Trigger{Cron: "0 0 */2 * 1"}, "match both of them"},
		{workflow.Trigger{Cron: "0 0 31 * 0-6"}, ""},
		{workflow.Trigger{Cron: "*/7 * * * *"}, "shorter"},
		{workflow.Trigger{Cron: "* 9 * * *"}, "every minute"},
		{workflow.Trigger{At: "2026-01-01T00:00:00Z"}, "passed"},
		{workflow.Trigger{Cron: "0 9 * * *", EndDate: "2026-11-22"}, "last day has passed"},
		{workflow.Trigger{Cron: "0 9 * * 6", Calendar: "Office"}, "All its days are free days of “Office”"},
		{workflow.Trigger{Every: "15m", NotBetween: []string{"12:00-00:00"}, EndDate: "2026-11-23", Jitter: "5m"}, "No time is left outside the hours"},
		{workflow.Trigger{Every: "15m", NotBetween: []string{"12:00-00:00"}}, ""},
		{workflow.Trigger{Every: "15m", Jitter: "20m"}, "more time than lies between"},
		{workflow.Trigger{Every: "15m", Jitter: "5m"}, ""},
		{workflow.Trigger{Cron: "0 9 * * 1", Calendar: "Office", EndDate: "2026-11-30"}, ""},
		{workflow.Trigger{Cron: "0 9 * * 1"}, ""},
		{workflow.Trigger{Cron: "* * * * *"}, ""},
	} {
		preview, problems := MakePreview(c.trigger, Calendars{"Office": office}, after, 1)
		got := strings.Join(preview.Warnings, " ")
		if len(problems) > 0 || !strings.Contains(got, c.says) || (c.says == "" && got != "") {
			t.Errorf("%+v: %q, %+v", c.trigger, got, problems)
		}
	}
}

func TestPreviewRefusesCountsOutOfRange(t *testing.T) {
	for _, count := range []int{0, -1, 51} {
		if _, problems := MakePreview(workflow.Trigger{Cron: "* * * * *"}, nil, time.Now(), count); len(problems) != 1 || problems[0].Path != "count" {
			t.Errorf("count %d: %+v", count, problems)
		}
	}
}
