package schedule

import (
	"strings"
	"testing"
	"time"

	"workflows/worker/workflow"
)

func TestBadSchedulesAreRefusedWithFieldAndRange(t *testing.T) {
	for name, c := range map[string]struct {
		trigger    workflow.Trigger
		path, says string
	}{
		"four fields":       {workflow.Trigger{Cron: "* * * *"}, "cron", "five fields"},
		"six fields":        {workflow.Trigger{Cron: "0 */5 * * * *"}, "cron", "Leave out the seconds"},
		"minute 60":         {workflow.Trigger{Cron: "60 * * * *"}, "cron", "Minute must be 0–59"},
		"hour 24":           {workflow.Trigger{Cron: "0 24 * * *"}, "cron", "Hour must be 0–23"},
		"day 0":             {workflow.Trigger{Cron: "0 0 0 * *"}, "cron", "Day of month must be 1–31"},
		"month 13":          {workflow.Trigger{Cron: "0 0 1 13 *"}, "cron", "Month must be 1–12"},
		"weekday 8":         {workflow.Trigger{Cron: "0 0 * * 8"}, "cron", "Day of week must be 0–7"},
		"step 0":            {workflow.Trigger{Cron: "*/0 * * * *"}, "cron", "step after “/” in minute must be 1–60"},
		"step 90":           {workflow.Trigger{Cron: "*/90 * * * *"}, "cron", "1–60"},
		"no step":           {workflow.Trigger{Cron: "*/ * * * *"}, "cron", "step"},
		"two steps":         {workflow.Trigger{Cron: "*/2/3 * * * *"}, "cron", "step"},
		"range down":        {workflow.Trigger{Cron: "0 17-9 * * *"}, "cron", "smaller to the larger"},
		"weekdays down":     {workflow.Trigger{Cron: "0 9 * * fri-mon"}, "cron", "Day of week: the range fri-mon must go from the smaller to the larger"},
		"days 6 to 1":       {workflow.Trigger{Cron: "0 9 * * 6-1"}, "cron", "Day of week: the range 6-1 must go from the smaller to the larger"},
		"comma at the end":  {workflow.Trigger{Cron: "0 9 1,3, * *"}, "cron", "Day of month must be 1–31"},
		"step 70":           {workflow.Trigger{Cron: "*/70 * * * *"}, "cron", "step after “/” in minute must be 1–60"},
		"31 February":       {workflow.Trigger{Cron: "0 9 31 2 *"}, "cron", "never happens"},
		"nth of a line":     {workflow.Trigger{Cron: "0 9 * * 1#2"}, "cron", "Day of week must be 0–7"},
		"random minute":     {workflow.Trigger{Cron: "0~30 9 * * *"}, "cron", "Minute must be 0–59"},
		"any random minute": {workflow.Trigger{Cron: "~ 9 * * *"}, "cron", "Minute must be 0–59"},
		"star range":        {workflow.Trigger{Cron: "0 *-5 * * *"}, "cron", "Hour must be"},
		"three-part range":  {workflow.Trigger{Cron: "0 1-2-3 * * *"}, "cron", "Hour must be"},
		"empty item":        {workflow.Trigger{Cron: "1,,2 * * * *"}, "cron", "Minute must be"},
		"plus":              {workflow.Trigger{Cron: "+5 * * * *"}, "cron", "Minute must be"},
		"minus":             {workflow.Trigger{Cron: "-5 * * * *"}, "cron", "Minute must be"},
		"question mark":     {workflow.Trigger{Cron: "? * * * *"}, "cron", "Minute must be"},
		"last day":          {workflow.Trigger{Cron: "0 0 L * *"}, "cron", "Day of month must be"},
		"TZ":                {workflow.Trigger{Cron: "TZ=Europe/Berlin 0 9 * * *"}, "cron", "time zone"},
		"TZ that panics":    {workflow.Trigger{Cron: "TZ=0"}, "cron", "time zone"},
		"CRON_TZ":           {workflow.Trigger{Cron: "CRON_TZ=UTC 0 9 * * *"}, "cron", "time zone"},
		"30 February":       {workflow.Trigger{Cron: "0 0 30 2 *"}, "cron", "never happens"},
		"31 of short ones":  {workflow.Trigger{Cron: "0 0 31 4,6,9,11 *"}, "cron", "never happens"},
		"@every":            {workflow.Trigger{Cron: "@every 1s"}, "cron", "every"},
		"@every below zero": {workflow.Trigger{Cron: "@every -5m"}, "cron", "every"},
		"@reboot":           {workflow.Trigger{Cron: "@reboot"}, "cron", "@hourly"},
		"@yearly":           {workflow.Trigger{Cron: "@yearly"}, "cron", "@hourly"},
		"tabs":              {workflow.Trigger{Cron: "0\t9\t*\t*\t*"}, "cron", "tabs"},
		"line break":        {workflow.Trigger{Cron: "0 9 * * *\n"}, "cron", "plain digits"},
		"full-width":        {workflow.Trigger{Cron: "０ ９ * * *"}, "cron", "plain digits"},
		"spaces only":       {workflow.Trigger{Cron: "   "}, "cron", "five fields"},
		"very long":         {workflow.Trigger{Cron: strings.Repeat("1,", 400) + "1 * * * *"}, "cron", "too long"},
		"huge number":       {workflow.Trigger{Cron: "99999999999999999999 * * * *"}, "cron", "Minute must be"},
		"30 seconds":        {workflow.Trigger{Every: "30s"}, "every", "once a minute"},
		"negative every":    {workflow.Trigger{Every: "-5m"}, "every", "negative"},
		"no duration":       {workflow.Trigger{Every: "often"}, "every", "length of time"},
		"at without offset": {workflow.Trigger{At: "2027-03-01T09:00:00"}, "at", "offset"},
		"at in words":       {workflow.Trigger{At: "tomorrow"}, "at", "offset"},
		"unknown zone":      {workflow.Trigger{Cron: "0 9 * * *", TimeZone: "Europe/Berlino"}, "time_zone", "no time zone"},
		"Local":             {workflow.Trigger{Cron: "0 9 * * *", TimeZone: "Local"}, "time_zone", "not a time zone"},
		"localtime":         {workflow.Trigger{Cron: "0 9 * * *", TimeZone: "localtime"}, "time_zone", "not a time zone"},
		"leap seconds":      {workflow.Trigger{Cron: "0 9 * * *", TimeZone: "right/Europe/Berlin"}, "time_zone", "not a time zone"},
		"path as zone":      {workflow.Trigger{Cron: "0 9 * * *", TimeZone: "../../etc/passwd"}, "time_zone", "not a time zone"},
		"offset as zone":    {workflow.Trigger{Cron: "0 9 * * *", TimeZone: "+02:00"}, "time_zone", "no time zone"},
		"nothing":           {workflow.Trigger{}, "cron", "Say when"},
		"two":               {workflow.Trigger{Cron: "0 9 * * *", Every: "5m"}, "every", "only one"},
		"three":             {workflow.Trigger{Cron: "0 9 * * *", Every: "5m", At: "2027-03-01T09:00:00Z"}, "at", "only one"},
		"missed":            {workflow.Trigger{Every: "5m", Missed: "never"}, "missed", "latest, skip or all"},
		"overlap":           {workflow.Trigger{Every: "5m", Overlap: "maybe"}, "overlap", "skip, queue, allow or replace"},
		"webhook":           {workflow.Trigger{Type: "webhook"}, "type", "must be schedule"},
	} {
		if c.trigger.Type == "" {
			c.trigger.Type = "schedule"
		}
		problems := CheckTrigger(c.trigger)
		if len(problems) != 1 || problems[0].Path != c.path || !strings.Contains(problems[0].Message, c.says) {
			t.Errorf("%s: %+v, want %q at %q", name, problems, c.says, c.path)
		}
	}
}

func TestGoodSchedulesAreAccepted(t *testing.T) {
	for _, text := range []string{
		"* * * * *", " 0  9 * * 1-5 ", "*/5 * * * *", "0 9-17/2 * * mon-fri", "0 0 29 2 *", "0 0 29 2 1", "0 0 31 2 1",
		"0 0 * * 7", "0 0 * * fri-sun", "0 0 * * 5-7", "0 0 1 JAN *", "5/10 * * * *", "0 0 ? * 1", "@hourly", "@daily", "@weekly", "@monthly", "*/60 */24 * * *",
		"0 9 */100,1-7 * 1", "0 9 1-7 * */7", "0 9 */100 * */100", "0 9 * * 0-7", "0 9 * jan-mar *", "30 2 29 2 *",
	} {
		if problems := CheckTrigger(workflow.Trigger{Type: "schedule", Cron: text, TimeZone: "Europe/Berlin"}); len(problems) > 0 {
			t.Errorf("%q: %+v", text, problems)
		}
	}
}

// robfig/cron#70, inngest#2631: the right values are those of Debian's cron and cronie.
func TestADayFieldThatBeginsWithAStarJoinsTheOtherByAnd(t *testing.T) {
	after := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]string{
		"0 9 */2 * 1":         "2026-12-07 2026-12-21 2027-01-11", // Mondays with an odd date
		"0 9 1-7 * */7":       "2026-12-06 2027-01-03 2027-02-07", // first Sundays
		"0 9 */100,1-7 * TUE": "2026-12-01 2027-01-05 2027-02-02", // first Tuesdays
		"0 9 1 * */2":         "2026-12-01 2027-04-01 2027-05-01", // firsts that are a Sunday, Tuesday, Thursday or Saturday
		"0 9 1-7 * 1":         "2026-11-30 2026-12-01 2026-12-02", // neither begins with a star
	} {
		rule, _ := Parse(workflow.Trigger{Cron: text})
		var got []string
		for at, ok := rule.Next(after); ok && len(got) < 3; at, ok = rule.Next(at) {
			got = append(got, at.Format(time.DateOnly))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %s, want %s", text, strings.Join(got, " "), want)
		}
	}
}

func TestSundayIsZeroAndSeven(t *testing.T) {
	after := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC) // a Monday
	for _, text := range []string{"0 0 * * 0", "0 0 * * 7", "0 0 * * sun", "0 0 * * SUN", "@weekly"} {
		rule, _ := Parse(workflow.Trigger{Cron: text})
		if at, _ := rule.Next(after); at.Weekday() != time.Sunday {
			t.Errorf("%s: %s", text, at)
		}
	}
}

func TestEveryCountsRealTimeFromItsAnchor(t *testing.T) {
	rule, _ := Parse(workflow.Trigger{Every: "1h", TimeZone: "Europe/Berlin"})
	anchor := time.Date(2026, 3, 28, 22, 30, 0, 0, time.UTC)
	rule = rule.From(anchor)
	at := anchor
	for i := range 6 { // across the night in which the clock goes forward
		next, ok := rule.Next(at)
		if !ok || next.Sub(anchor) != time.Duration(i+1)*time.Hour {
			t.Fatalf("planned %s after %s", next, at)
		}
		at = next
	}
	if next, _ := rule.Next(anchor.Add(90 * time.Minute)); !next.Equal(anchor.Add(2 * time.Hour)) {
		t.Fatalf("between two times: %s", next)
	}
	if next, _ := rule.Next(anchor.Add(-time.Minute)); !next.Equal(anchor.Add(time.Hour)) {
		t.Fatalf("before the anchor: %s", next)
	}
}

func TestAtHappensOnce(t *testing.T) {
	rule, _ := Parse(workflow.Trigger{At: "2027-03-01T09:00:00+01:00"})
	at, ok := rule.Next(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	if !ok || !at.Equal(time.Date(2027, 3, 1, 8, 0, 0, 0, time.UTC)) {
		t.Fatalf("planned %s, %v", at, ok)
	}
	if again, ok := rule.Next(at); ok {
		t.Fatalf("planned %s again", again)
	}
}

func FuzzParseNeverPanicsAndNextGoesForward(f *testing.F) {
	for _, text := range []string{"0 9 * * 1-5", "TZ=0", "@every -5m", "*/0 * * * *", "0 0 30 2 *", "０ ９ * * *", "0\t9 * * *", "@reboot", "0 0 29 2 1", "1-2-3/4/5 , * * *"} {
		f.Add(text, "Europe/Berlin", int64(1_800_000_000))
	}
	f.Fuzz(func(t *testing.T, text, zone string, unix int64) {
		rule, problems := Parse(workflow.Trigger{Cron: text, TimeZone: zone})
		if len(problems) > 0 {
			return
		}
		at := time.Unix(unix%100_000_000_000, 0)
		for range 3 {
			next, ok := rule.Next(at)
			if !ok {
				return
			}
			if !next.After(at) {
				t.Fatalf("%q in %q: %s is not after %s", text, zone, next, at)
			}
			at = next
		}
		if strings.TrimSpace(rule.Sentence()) == "" {
			t.Fatal("no sentence")
		}
	})
}
