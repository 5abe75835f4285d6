package editor

import (
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"

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
		f := newScheduleForm(trigger, "")
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
			"mode":  {rapid.SampledFrom([]string{modeEvery, modeHourly, modeDaily, modeWeekly, modeMonthly, modeOnce}).Draw(t, "mode")},
			"every": {rapid.SampledFrom([]string{"1", "7", "90"}).Draw(t, "every")}, "unit": {rapid.SampledFrom([]string{"m", "h", "d"}).Draw(t, "unit")},
			"minute": {rapid.SampledFrom([]string{"0", "5", "59"}).Draw(t, "minute")}, "time": {rapid.SampledFrom([]string{"00:00", "02:30", "23:59"}).Draw(t, "time")},
			"days": rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"0", "1", "2", "3", "4", "5", "6"}), 1, 6, rapid.ID[string]).Draw(t, "days"),
			"day":  {rapid.SampledFrom([]string{"1", "31"}).Draw(t, "day")}, "date": {"2030-06-01T12:30"}, "time_zone": {"Asia/Kolkata"},
			"missed": {rapid.SampledFrom([]string{"latest", "skip", "all"}).Draw(t, "missed")}, "overlap": {rapid.SampledFrom([]string{"skip", "queue", "allow"}).Draw(t, "overlap")},
			"missed_max_age": {rapid.SampledFrom([]string{"", "2h"}).Draw(t, "age")}, "jitter": {rapid.SampledFrom([]string{"", "5m"}).Draw(t, "jitter")},
			"start_date": {rapid.SampledFrom([]string{"", "2026-12-01"}).Draw(t, "first")}, "end_date": {rapid.SampledFrom([]string{"", "2027-12-01"}).Draw(t, "last")},
			"month_day": {rapid.SampledFrom([]string{"", "last_day", "last_business_day"}).Draw(t, "month day")},
			"calendar":  {rapid.SampledFrom([]string{"", "Germany"}).Draw(t, "calendar")}, "free_days": {rapid.SampledFrom([]string{"skip", "move"}).Draw(t, "free days")},
			"disabled": {rapid.SampledFrom([]string{"", "on"}).Draw(t, "off")},
		}
		f := readScheduleForm(form, workflow.Trigger{})
		first := f.trigger()
		if len(f.problems) > 0 {
			t.Fatalf("the builder refuses %v: %v", form, f.problems)
		}
		shown := newScheduleForm(first, "")
		again := shown.trigger()
		if again != first {
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
		f := readScheduleForm(form, workflow.Trigger{ID: "a", Type: "schedule", Cron: rapid.String().Draw(t, "stored")})
		f.trigger()
		f.fields()
		newScheduleForm(f.stored, "")
	})
}
