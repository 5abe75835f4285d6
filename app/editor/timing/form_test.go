package timing

import (
	"net/url"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"workflows/worker/schedule"
	"workflows/worker/workflow"
)

func TestBuilderRecognisesTheSchedulesThatPeopleMean(t *testing.T) {
	for text, want := range map[string]string{
		"every 15m": "every 15 m", "every 2h": "every 2 h", "every 48h": "every 2 d", "every 1h30m": "every 90 m", "every 90s": "every 90s m",
		"5 * * * *": "hourly 5", "@hourly": "hourly 0", "0 9 * * *": "daily 09:00", "@daily": "daily 00:00", "0 9 * * 1-5": "weekly 09:00 1,2,3,4,5",
		"30 7 * * 0,6": "weekly 07:30 0,6", "@weekly": "weekly 00:00 0", "0 9 * * 5-7": "weekly 09:00 5,6,0", "0 9 31 * *": "monthly 09:00 31", "@monthly": "monthly 00:00 1",
		"*/5 * * * *": "cron", "0 9 1 * 1": "cron", "0 9,17 * * *": "cron", "0 9 * 1 *": "cron", "nonsense": "cron", "0 * 1 * *": "cron",
	} {
		trigger := workflow.Trigger{ID: "a", Type: "schedule", Cron: text}
		if every, ok := strings.CutPrefix(text, "every "); ok {
			trigger.Cron, trigger.Every = "", every
		}
		f := New(trigger, "")
		got := f.Mode
		switch f.Mode {
		case modeEvery:
			got += " " + f.Every + " " + f.Unit
		case modeHourly:
			got += " " + f.Minute
		case modeDaily:
			got += " " + f.Time
		case modeWeekly:
			got += " " + f.Time + " " + strings.Join(f.Days, ",")
		case modeMonthly:
			got += " " + f.Time + " " + f.Day
		}
		if got != want {
			t.Errorf("%s is shown as %s and not as %s", text, got, want)
		}
	}
}

func TestBuilderShowsAgainWhatItWrote(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		form := url.Values{
			"mode":         {rapid.SampledFrom([]string{modeEvery, modeHourly, modeDaily, modeWeekly, modeMonthly, modeNth, modeOnce}).Draw(t, "mode")},
			"more_times":   {rapid.SampledFrom([]string{"", "12:30", "17:05, 12:30"}).Draw(t, "more times")},
			"day_interval": {rapid.SampledFrom([]string{"", "1", "3"}).Draw(t, "days")}, "week_interval": {rapid.SampledFrom([]string{"1", "2"}).Draw(t, "weeks")},
			"month_interval": {rapid.SampledFrom([]string{"1", "6"}).Draw(t, "months")}, "week_of_month": {rapid.SampledFrom([]string{"first", "last"}).Draw(t, "nth")}, "weekday": {"fri"},
			"every": {rapid.SampledFrom([]string{"1", "7", "90"}).Draw(t, "every")}, "unit": {rapid.SampledFrom([]string{"m", "h", "d"}).Draw(t, "unit")},
			"minute": {rapid.SampledFrom([]string{"0", "5", "59"}).Draw(t, "minute")}, "time": {rapid.SampledFrom([]string{"00:00", "02:30", "23:59"}).Draw(t, "time")},
			"days": rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"0", "1", "2", "3", "4", "5", "6"}), 1, 6, rapid.ID[string]).Draw(t, "days"),
			"day":  {rapid.SampledFrom([]string{"1", "31"}).Draw(t, "day")}, "date": {"2030-06-01T12:30"}, "time_zone": {"Asia/Kolkata"},
			"missed": {rapid.SampledFrom([]string{"latest", "skip", "all"}).Draw(t, "missed")}, "overlap": {rapid.SampledFrom([]string{"skip", "queue", "allow"}).Draw(t, "overlap")},
			"missed_max_age": {rapid.SampledFrom([]string{"", "2h"}).Draw(t, "age")}, "jitter": {rapid.SampledFrom([]string{"", "5m"}).Draw(t, "jitter")},
			"start_date": {rapid.SampledFrom([]string{"", "2026-12-01"}).Draw(t, "first")}, "end_date": {rapid.SampledFrom([]string{"", "2027-12-01"}).Draw(t, "last")},
			"month_day": {rapid.SampledFrom([]string{"", "last_day", "last_business_day", "business_day_3"}).Draw(t, "month day")},
			"calendar":  {rapid.SampledFrom([]string{"", "Germany"}).Draw(t, "calendar")}, "free_days": {rapid.SampledFrom([]string{"skip", "move"}).Draw(t, "free days")},
			"not_from": {rapid.SampledFrom([]string{"", "22:00"}).Draw(t, "not from")}, "not_more": {rapid.SampledFrom([]string{"", "12:00-13:00", "12:00 – 13:00, 15:00-15:30"}).Draw(t, "not more")},
			"disabled": {rapid.SampledFrom([]string{"", "on"}).Draw(t, "off")},
		}
		if form.Get("not_from") != "" {
			form.Set("not_until", "06:00")
		}
		f := Read(form, workflow.Trigger{})
		first := f.Trigger()
		if len(f.Problems) > 0 {
			t.Fatalf("the builder refuses %v: %v", form, f.Problems)
		}
		shown := New(first, "")
		again := shown.Trigger()
		if !reflect.DeepEqual(again, first) {
			t.Fatalf("%+v comes back as %+v", first, again)
		}
	})
}

func TestAnyFormOfTheBuilderGetsAnAnswer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		form := url.Values{}
		for _, name := range []string{"mode", "every", "unit", "minute", "time", "day", "date", "cron", "time_zone", "missed", "overlap", "days"} {
			form.Set(name, rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"every", "daily", "once", "cron", "1", "m", "UTC", "09:00"})).Draw(t, name))
		}
		f := Read(form, workflow.Trigger{ID: "a", Type: "schedule", Cron: rapid.String().Draw(t, "stored")})
		f.Trigger()
		f.Fields()
		New(f.Stored, "")
	})
}

func TestBuilderShowsCountedAndPickedDaysAsTheyAreMeant(t *testing.T) {
	for name, c := range map[string]struct {
		trigger workflow.Trigger
		want    string // mode, time and further times, counts, week and weekday, days
	}{
		"every other Friday": {workflow.Trigger{Cron: "0 9 * * 5", WeekInterval: 2, StartDate: "2026-12-07"}, "weekly 09:00 [] 1 2 1 / 5"},
		"every other week":   {workflow.Trigger{Cron: "0 9 * * *", WeekInterval: 2, StartDate: "2026-12-07"}, "weekly 09:00 [] 1 2 1 / 1234560"},
		"first Monday":       {workflow.Trigger{Cron: "0 9 * * *", WeekdayOfMonth: "First MON"}, "weekday_of_month 09:00 [] 1 1 1 first/mon"},
		"third day":          {workflow.Trigger{Times: []string{"08:00"}, DayInterval: 3, StartDate: "2026-12-07"}, "daily 08:00 [] 3 1 1 /"},
		"twice a day":        {workflow.Trigger{Times: []string{"09:00", "16:30"}}, "daily 09:00 [16:30] 1 1 1 /"},
		"twice on weekdays":  {workflow.Trigger{Cron: "* * * * 1-5", Times: []string{"09:00", "16:30"}}, "weekly 09:00 [16:30] 1 1 1 / 12345"},
		"line of the second": {workflow.Trigger{Cron: "30 16 1 * *", Times: []string{"09:00", "16:30"}, MonthInterval: 2, StartDate: "2026-12-07"}, "monthly 16:30 [09:00] 1 1 2 /"},
		"Mondays of months":  {workflow.Trigger{Cron: "0 9 * * 1", MonthInterval: 2, StartDate: "2026-12-07"}, "cron"},
		"in March":           {workflow.Trigger{Cron: "0 9 * 3 *", WeekdayOfMonth: "first mon"}, "cron"},
		"not at night":       {workflow.Trigger{Cron: "5 * * * *", NotBetween: []string{"22:00-06:00", "12:00-13:00"}}, "hourly 09:00 [] 1 1 1 /"},
		"night unread":       {workflow.Trigger{Cron: "5 * * * *", NotBetween: []string{"22:00-6", "noon"}}, "hourly 09:00 [] 1 1 1 /"},
		"half hours":         {workflow.Trigger{Cron: "*/30 * * * 5", WeekInterval: 2, StartDate: "2026-12-07"}, "cron"},
	} {
		c.trigger.ID, c.trigger.Type = "a", "schedule"
		f := New(c.trigger, "")
		got := f.Mode
		if f.Mode != modeCron {
			got += " " + f.Time + " [" + f.More + "] " + f.EveryDays + " " + f.EveryWeeks + " " + f.EveryMonths + " " + f.Nth + "/"
			if f.Nth != "" {
				got += f.NthDay
			}
			if f.Mode == modeWeekly {
				got += " " + strings.Join(f.Days, "")
			}
		}
		if got != c.want {
			t.Errorf("%s is shown as %q, not %q", name, got, c.want)
		}
		again := f.Trigger()
		if c.trigger.WeekdayOfMonth != "" {
			c.trigger.WeekdayOfMonth = strings.ToLower(c.trigger.WeekdayOfMonth)
			again.WeekdayOfMonth = strings.ToLower(again.WeekdayOfMonth)
		}
		if !reflect.DeepEqual(again, c.trigger) || len(f.Problems) > 0 {
			t.Errorf("%s: saved unchanged, %+v becomes %+v, %v", name, c.trigger, again, f.Problems)
		}
	}
}

func TestBuilderSaysAtItsEntryWhatIsMissing(t *testing.T) {
	for name, c := range map[string]struct {
		form  url.Values
		entry string
	}{
		"further times": {url.Values{"mode": {"daily"}, "time": {"09:00"}, "more_times": {"noon"}}, "more_times"},
		"which one":     {url.Values{"mode": {"weekday_of_month"}, "time": {"09:00"}, "weekday": {"mon"}}, "week_of_month"},
		"weeks":         {url.Values{"mode": {"weekly"}, "time": {"09:00"}, "days": {"5"}, "week_interval": {"two"}}, "week_interval"},
		"first day":     {url.Values{"mode": {"weekly"}, "time": {"09:00"}, "days": {"5"}, "week_interval": {"2"}}, "start_date"},
		"no end":        {url.Values{"mode": {"every"}, "every": {"15"}, "unit": {"m"}, "not_from": {"22:00"}}, "not_until"},
		"no beginning":  {url.Values{"mode": {"every"}, "every": {"15"}, "unit": {"m"}, "not_until": {"06:00"}}, "not_from"},
		"same ends":     {url.Values{"mode": {"hourly"}, "minute": {"0"}, "not_from": {"22:00"}, "not_until": {"22:00"}}, "not_from"},
		"more hours":    {url.Values{"mode": {"hourly"}, "minute": {"0"}, "not_from": {"22:00"}, "not_until": {"06:00"}, "not_more": {"noon"}}, "not_more"},
		"only more":     {url.Values{"mode": {"hourly"}, "minute": {"0"}, "not_more": {"noon"}}, "not_more"},
		"nothing left":  {url.Values{"mode": {"daily"}, "time": {"23:00"}, "not_from": {"22:00"}, "not_until": {"06:00"}}, "not_from"},
		"same time":     {url.Values{"mode": {"daily"}, "time": {"09:00"}, "more_times": {"09:00"}}, "more_times"},
	} {
		c.form.Set("time_zone", "UTC")
		f := Read(c.form, workflow.Trigger{})
		if trigger := f.Trigger(); len(f.Problems) == 0 {
			f.Take(schedule.CheckTrigger(trigger))
		}
		if len(f.Problems) != 1 || f.Problems[c.entry] == "" {
			t.Errorf("%s: %v", name, f.Problems)
		}
	}
}
