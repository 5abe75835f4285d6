package schedule

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"workflows/models"
	"workflows/worker/workflow"
)

func stored(t interface{ Fatal(...any) }, trigger workflow.Trigger, anchor time.Time) models.Schedule {
	rule, err := models.ToJSON(trigger)
	if err != nil {
		t.Fatal(err)
	}
	return models.Schedule{ID: models.NewID(), Rule: rule, AnchorAt: anchor, TimeZone: trigger.TimeZone}
}

// drawTrigger is a schedule of a kind from 0 to 8; a plain one has no zone and no hours
// without runs, so that another is often like it but for what its kind is about.
func drawTrigger(t *rapid.T, kind int, plain bool) workflow.Trigger {
	trigger := workflow.Trigger{Type: "schedule"}
	if !plain {
		trigger.TimeZone = rapid.SampledFrom([]string{"", "Europe/Berlin", "Australia/Lord_Howe", "America/New_York"}).Draw(t, "zone")
		trigger.NotBetween = rapid.SampledFrom([][]string{nil, {"22:10-23:40"}, {"01:00-02:10", "03:00-03:30"}}).Draw(t, "not between")
	}
	count := rapid.IntRange(1, 3).Draw(t, "count")
	first := func() string {
		return rapid.SampledFrom([]string{"2026-02-28", "2026-06-01", "2026-10-22"}).Draw(t, "first day")
	}
	switch kind {
	case 0:
		trigger.Every = rapid.SampledFrom([]string{"1m", "7m", "1h", "25h"}).Draw(t, "every")
	case 1:
		trigger.Cron = rapid.SampledFrom([]string{"* * * * *", "*/7 * * * *", "30 2 * * *", "0 0 * * 1-5", "0 12 1 * *"}).Draw(t, "cron")
	case 2:
		trigger.Cron, trigger.Calendar = "15 9 * * *", "Office"
		trigger.FreeDays = rapid.SampledFrom([]string{"", FreeDaysMove}).Draw(t, "free")
	case 3:
		trigger.Cron, trigger.WeekdayOfMonth = "30 2 * * *", rapid.SampledFrom(weekWords()).Draw(t, "week")+" "+rapid.SampledFrom([]string{"mon", "sun"}).Draw(t, "weekday")
	case 4:
		trigger.Cron, trigger.WeekInterval, trigger.StartDate = "45 2 * * 1,5", count, first()
	case 5:
		trigger.Cron, trigger.DayInterval, trigger.StartDate = "0 8 * * *", count, first()
	case 6:
		trigger.Cron, trigger.MonthInterval, trigger.StartDate = "0 12 1,22-28 * *", count, first()
	case 7:
		trigger.Cron, trigger.MonthDay = "5 9 * * *", rapid.SampledFrom([]string{"business_day_1", "business_day_3", "business_day_17", "business_day_20"}).Draw(t, "working day")
		trigger.Calendar = rapid.SampledFrom([]string{"", "Office"}).Draw(t, "calendar")
	default:
		trigger.Times = rapid.SampledFrom([][]string{{"09:00", "16:30"}, {"02:15", "02:30", "23:45"}}).Draw(t, "times")
		trigger.Cron = rapid.SampledFrom([]string{"", "* * * * 1,5"}).Draw(t, "days")
	}
	return trigger
}

func TestTheLoadOfAWeekIsThatOfItsSchedules(t *testing.T) {
	calendar, err := ReadCalendar(models.Calendar{Name: "Office", Weekend: models.JSON(`[6,0]`), Days: models.JSON(`[{"date":"2026-10-26","name":"Day off"}]`)})
	if err != nil {
		t.Fatal(err)
	}
	calendars := Calendars{"Office": calendar}
	rapid.Check(t, func(t *rapid.T) {
		zone, err := workflow.LoadZone(rapid.SampledFrom([]string{"UTC", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu"}).Draw(t, "viewer"))
		if err != nil {
			t.Fatal(err)
		}
		from := time.Date(2026, time.October, 19+7*rapid.IntRange(-30, 1).Draw(t, "week"), 0, 0, 0, 0, zone)
		to := from.AddDate(0, 0, 7)
		var schedules []models.Schedule
		var expected []time.Time
		kinds, alike := rapid.IntRange(0, 8), rapid.Bool().Draw(t, "much alike")
		if alike {
			kinds = rapid.Just(kinds.Draw(t, "kind"))
		}
		for range rapid.IntRange(1, 6).Draw(t, "schedules") {
			anchor := from.Add(time.Duration(rapid.Int64Range(-1e7, 3e5).Draw(t, "anchor")) * time.Second)
			one := stored(t, drawTrigger(t, kinds.Draw(t, "kind"), alike), anchor)
			rule, problems := RuleOf(one, calendars)
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			for range rapid.IntRange(1, 2).Draw(t, "copies") {
				schedules = append(schedules, one)
				for at, ok := rule.Next(from.Add(-time.Microsecond)); ok && at.Before(to); at, ok = rule.Next(at) {
					expected = append(expected, at)
				}
			}
		}
		load := LoadOf(schedules, calendars, from, to, zone)
		if load.Counted != len(schedules) || load.Left != 0 {
			t.Fatalf("%d counted, %d left", load.Counted, load.Left)
		}
		slices.SortFunc(expected, time.Time.Compare)
		last := from
		for _, hour := range load.Hours {
			if !hour.Start.Equal(last) {
				t.Fatalf("a gap before %s", hour.Start)
			}
			last = hour.End
			starts := 0
			for ; len(expected) > 0 && expected[0].Before(hour.End); expected = expected[1:] {
				starts++
			}
			if hour.Starts != starts {
				t.Fatalf("%d starts in the hour of %s instead of %d", hour.Starts, hour.Start, starts)
			}
		}
		if !last.Equal(to) {
			t.Fatalf("the week ends at %s instead of %s", last, to)
		}
	})
}

func TestTheLoadOfVeryManyDifferentSchedulesIsBounded(t *testing.T) {
	var schedules []models.Schedule
	from := time.Date(2026, time.October, 19, 0, 0, 0, 0, time.UTC)
	for i := range 1000 { // every minute, from another day on each
		first := from.AddDate(0, 0, -i).Format(time.DateOnly)
		schedules = append(schedules, stored(t, workflow.Trigger{Cron: "* * * * *", StartDate: first}, from))
	}
	load := LoadOf(schedules, nil, from, from.AddDate(0, 0, 7), time.UTC)
	if load.steps > maxLoadSteps+7*24*60 || load.Left == 0 || load.Counted+load.Left != len(schedules) {
		t.Fatalf("%d steps, %d counted, %d left", load.steps, load.Counted, load.Left)
	}
}

func BenchmarkLoadOfTenThousandSchedules(b *testing.B) {
	var schedules []models.Schedule
	from := time.Date(2026, time.October, 19, 0, 0, 0, 0, time.UTC)
	for i := range 10_000 {
		clock := time.Date(0, 1, 1, 0, i%1440, 0, 0, time.UTC).Format("15:04")
		trigger := workflow.Deadline{Time: clock, TimeZone: "Europe/Berlin"}.Trigger()
		if i%3 == 0 {
			trigger = workflow.Trigger{Every: "15m"}
		}
		schedules = append(schedules, stored(b, trigger, from.Add(-time.Duration(i)*time.Second)))
	}
	for b.Loop() {
		LoadOf(schedules, nil, from, from.AddDate(0, 0, 7), time.UTC)
	}
}
