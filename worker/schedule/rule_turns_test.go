package schedule

import (
	"strings"
	"testing"
	"time"

	"workflows/worker/workflow"
)

// firstTimes are the next planned times as the zone's clock shows them.
func firstTimes(t *testing.T, trigger workflow.Trigger, after time.Time, count int) string {
	t.Helper()
	rule, problems := Parse(trigger)
	if len(problems) > 0 {
		t.Fatalf("%+v: %+v", trigger, problems)
	}
	var got []string
	for at, ok := rule.Next(after); ok && len(got) < count; at, ok = rule.Next(at) {
		got = append(got, at.In(rule.Zone()).Format("2006-01-02 15:04"))
	}
	return strings.Join(got, ", ")
}

// Cronicle#68, kelektiv/node-cron#168, resticprofile#482: every other Friday, first
// Monday, last Friday.
func TestSchedulesThatPeopleMean(t *testing.T) {
	after := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	const berlin = "Europe/Berlin"
	for _, c := range []struct {
		trigger        workflow.Trigger
		sentence, want string
	}{
		{workflow.Trigger{Cron: "0 9 * * 5", WeekInterval: 2, StartDate: "2026-12-07", TimeZone: berlin}, "Every other Friday at 09:00, Europe/Berlin, from 7 December 2026, counted from that week", "2026-12-11 09:00, 2026-12-25 09:00, 2027-01-08 09:00"},
		{workflow.Trigger{Cron: "0 9 * * 5", WeekInterval: 2, StartDate: "2026-12-12"}, "Every other Friday at 09:00, UTC, from 12 December 2026, counted from that week", "2026-12-25 09:00, 2027-01-08 09:00"},
		{workflow.Trigger{Cron: "30 2 * * 0", WeekInterval: 2, StartDate: "2027-03-14", TimeZone: berlin}, "Every other Sunday at 02:30, Europe/Berlin, from 14 March 2027, counted from that week", "2027-03-14 02:30, 2027-03-28 03:00, 2027-04-11 02:30"},
		{workflow.Trigger{Cron: "0 9 * * 1,4", WeekInterval: 3, StartDate: "2026-12-02"}, "Every 3 weeks on Monday and Thursday at 09:00, UTC, from 2 December 2026, counted from that week", "2026-12-03 09:00, 2026-12-21 09:00, 2026-12-24 09:00"},
		{workflow.Trigger{Cron: "0 9 * * *", WeekdayOfMonth: "first mon"}, "On the first Monday of every month at 09:00, UTC", "2026-12-07 09:00, 2027-01-04 09:00, 2027-02-01 09:00"},
		{workflow.Trigger{Cron: "0 9 * * *", WeekdayOfMonth: "last fri"}, "On the last Friday of every month at 09:00, UTC", "2026-12-25 09:00, 2027-01-29 09:00, 2027-02-26 09:00"},
		{workflow.Trigger{Cron: "0 9 * * *", WeekdayOfMonth: "fifth mon"}, "On the fifth Monday of every month at 09:00, UTC", "2026-11-30 09:00, 2027-03-29 09:00"},
		{workflow.Trigger{Cron: "0 9 * 3,6 *", WeekdayOfMonth: "Second TUE"}, "On the second Tuesday of March and June at 09:00, UTC", "2027-03-09 09:00, 2027-06-08 09:00"},
		{workflow.Trigger{Cron: "0 9 * * *", MonthDay: "business_day_3"}, "On the 3rd working day of every month at 09:00, UTC", "2026-12-03 09:00, 2027-01-05 09:00"},
		{workflow.Trigger{Cron: "0 9 * * *", DayInterval: 3, StartDate: "2026-12-30", TimeZone: berlin}, "Every 3 days at 09:00, Europe/Berlin, from 30 December 2026", "2026-12-30 09:00, 2027-01-02 09:00, 2027-01-05 09:00"},
		{workflow.Trigger{Cron: "0 9 31 * *", MonthInterval: 2, StartDate: "2026-12-01"}, "On the 31st of every other month at 09:00, UTC, from 1 December 2026", "2026-12-31 09:00, 2027-08-31 09:00, 2027-10-31 09:00"},
		{workflow.Trigger{Cron: "0 9 * * *", MonthDay: "last_day", MonthInterval: 3, StartDate: "2026-11-15"}, "On the last day of every 3rd month at 09:00, UTC, from 15 November 2026", "2026-11-30 09:00, 2027-02-28 09:00, 2027-05-31 09:00"},
		{workflow.Trigger{Cron: "0 9 * * *", WeekdayOfMonth: "last sun", MonthInterval: 2, StartDate: "2026-12-01"}, "On the last Sunday of every other month at 09:00, UTC, from 1 December 2026", "2026-12-27 09:00, 2027-02-28 09:00"},
		{workflow.Trigger{Cron: "0 9 * * 1", MonthInterval: 2, StartDate: "2026-12-01"}, "Every Monday in every other month at 09:00, UTC, from 1 December 2026", "2026-12-07 09:00, 2026-12-14 09:00, 2026-12-21 09:00, 2026-12-28 09:00, 2027-02-01 09:00"},
		{workflow.Trigger{Times: []string{"16:30", "09:00"}, TimeZone: berlin}, "Every day at 09:00 and 16:30, Europe/Berlin", "2026-11-28 16:30, 2026-11-29 09:00, 2026-11-29 16:30"},
		{workflow.Trigger{Cron: "* * * * 1-5", Times: []string{"09:00", "16:30"}}, "Every weekday (Monday to Friday) at 09:00 and 16:30, UTC", "2026-11-30 09:00, 2026-11-30 16:30, 2026-12-01 09:00"},
		{workflow.Trigger{Cron: "0 9 * * 1-5", Times: []string{"09:00", "16:30"}}, "Every weekday (Monday to Friday) at 09:00 and 16:30, UTC", "2026-11-30 09:00, 2026-11-30 16:30"},
		{workflow.Trigger{Times: []string{"01:30", "02:15", "02:45"}, TimeZone: berlin, StartDate: "2027-03-28"}, "Every day at 01:30, 02:15 and 02:45, Europe/Berlin, from 28 March 2027", "2027-03-28 01:30, 2027-03-28 03:00, 2027-03-29 01:30"},
		{workflow.Trigger{Times: []string{"09:00"}, WeekdayOfMonth: "third wed"}, "On the third Wednesday of every month at 09:00, UTC", "2026-12-16 09:00"},
		{workflow.Trigger{Cron: "*/30 9-11 * * 5", WeekInterval: 2, StartDate: "2026-12-07"}, "Every 30 minutes from 09:00 to 11:30, every other Friday, UTC, from 7 December 2026, counted from that week", "2026-12-11 09:00, 2026-12-11 09:30"},
	} {
		rule, problems := Parse(c.trigger)
		if len(problems) > 0 || rule.Sentence() != c.sentence {
			t.Errorf("%+v: %q, %+v", c.trigger, rule.Sentence(), problems)
		}
		if got := firstTimes(t, c.trigger, after, strings.Count(c.want, ",")+1); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.sentence, got, c.want)
		}
	}
}

func TestSchedulesThatNobodyCanMeanAreRefusedWithTheirField(t *testing.T) {
	for name, c := range map[string]struct {
		trigger    workflow.Trigger
		path, says string
	}{
		"no first day":        {workflow.Trigger{Cron: "0 9 * * 5", WeekInterval: 2}, "start_date", "the weeks are counted from it"},
		"weeks below zero":    {workflow.Trigger{Cron: "0 9 * * 5", WeekInterval: -2, StartDate: "2026-12-07"}, "week_interval", "1–200"},
		"weeks of every":      {workflow.Trigger{Every: "1h", WeekInterval: 2, StartDate: "2026-12-07"}, "week_interval", "cron line or times"},
		"weeks and a date":    {workflow.Trigger{Cron: "0 9 13 * 5", WeekInterval: 2, StartDate: "2026-12-07"}, "week_interval", "day of the month open"},
		"weeks and months":    {workflow.Trigger{Cron: "0 9 * * 5", WeekInterval: 2, MonthInterval: 2, StartDate: "2026-12-07"}, "month_interval", "only one of"},
		"days and weekdays":   {workflow.Trigger{Cron: "0 9 * * 5", DayInterval: 2, StartDate: "2026-12-07"}, "day_interval", "days and months open"},
		"months without day":  {workflow.Trigger{Cron: "0 9 * * *", MonthInterval: 2, StartDate: "2026-12-07"}, "month_interval", "Choose the day"},
		"months and a month":  {workflow.Trigger{Cron: "0 9 1 5 *", MonthInterval: 2, StartDate: "2026-12-07"}, "month_interval", "month open"},
		"never":               {workflow.Trigger{Cron: "0 9 31 * *", MonthInterval: 12, StartDate: "2026-02-01"}, "start_date", "never happens"},
		"sixth Monday":        {workflow.Trigger{Cron: "0 9 * * *", WeekdayOfMonth: "sixth mon"}, "weekday_of_month", "first mon"},
		"half a weekday":      {workflow.Trigger{Cron: "0 9 * * *", WeekdayOfMonth: "first onm"}, "weekday_of_month", "first mon"},
		"weekday twice":       {workflow.Trigger{Cron: "0 9 * * 1", WeekdayOfMonth: "first mon"}, "weekday_of_month", "leaves the days open"},
		"two picked days":     {workflow.Trigger{Cron: "0 9 * * *", WeekdayOfMonth: "first mon", MonthDay: "last_day"}, "weekday_of_month", "Only one day"},
		"weekday of every":    {workflow.Trigger{Every: "1h", WeekdayOfMonth: "first mon"}, "weekday_of_month", "cron line"},
		"21st working day":    {workflow.Trigger{Cron: "0 9 * * *", MonthDay: "business_day_21"}, "month_day", "business_day_20"},
		"working day 03":      {workflow.Trigger{Cron: "0 9 * * *", MonthDay: "business_day_03"}, "month_day", "business_day_20"},
		"other times":         {workflow.Trigger{Cron: "0 8 * * *", Times: []string{"09:00"}}, "times", "other times of the day"},
		"times of every":      {workflow.Trigger{Every: "1h", Times: []string{"09:00"}}, "times", "without every"},
		"time in words":       {workflow.Trigger{Times: []string{"nine"}}, "times[0]", "such as 09:00"},
		"time without a zero": {workflow.Trigger{Times: []string{"09:00", "9:30"}}, "times[1]", "such as 09:00"},
		"time twice":          {workflow.Trigger{Times: []string{"09:00", "09:00"}}, "times[1]", "there already"},
		"bad line":            {workflow.Trigger{Cron: "61 * * * *", Times: []string{"09:00"}, WeekInterval: 2, StartDate: "2026-12-07", MonthDay: "last_day"}, "cron", "Minute"},
	} {
		problems := CheckTrigger(workflow.Trigger{
			Type: "schedule", Cron: c.trigger.Cron, Every: c.trigger.Every, Times: c.trigger.Times, StartDate: c.trigger.StartDate, MonthDay: c.trigger.MonthDay,
			WeekdayOfMonth: c.trigger.WeekdayOfMonth, DayInterval: c.trigger.DayInterval, WeekInterval: c.trigger.WeekInterval, MonthInterval: c.trigger.MonthInterval,
		})
		if len(problems) != 1 || problems[0].Path != c.path || !strings.Contains(problems[0].Message, c.says) {
			t.Errorf("%s: %+v, want %q at %q", name, problems, c.says, c.path)
		}
	}
}

func TestOfDaysAtATimeThePreviewSaysWhatEveryCountsFrom(t *testing.T) {
	for every, warns := range map[string]bool{"14d": true, "24h": true, "36h": false, "15m": false} {
		preview, problems := MakePreview(workflow.Trigger{Every: every, StartDate: "2026-12-07"}, nil, time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC), 1)
		if got := strings.Contains(strings.Join(preview.Warnings, " "), "days, weeks or months at a time"); got != warns || len(problems) > 0 {
			t.Errorf("%s: %q, %+v", every, preview.Warnings, problems)
		}
	}
}
