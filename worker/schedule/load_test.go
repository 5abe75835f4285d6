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

// drawTrigger is a schedule of some kind.
func drawTrigger(t *rapid.T) workflow.Trigger {
	trigger := workflow.Trigger{Type: "schedule", TimeZone: rapid.SampledFrom([]string{"", "Europe/Berlin", "Australia/Lord_Howe", "America/New_York"}).Draw(t, "zone")}
	switch rapid.IntRange(0, 2).Draw(t, "kind") {
	case 0:
		trigger.Every = rapid.SampledFrom([]string{"1m", "7m", "1h", "25h"}).Draw(t, "every")
	case 1:
		trigger.Cron = rapid.SampledFrom([]string{"* * * * *", "*/7 * * * *", "30 2 * * *", "0 0 * * 1-5", "0 12 1 * *"}).Draw(t, "cron")
	default:
		trigger.Cron, trigger.Calendar = "15 9 * * *", "Office"
		trigger.FreeDays = rapid.SampledFrom([]string{"", FreeDaysMove}).Draw(t, "free")
	}
	trigger.NotBetween = rapid.SampledFrom([][]string{nil, {"22:10-23:40"}, {"01:00-02:10", "03:00-03:30"}}).Draw(t, "not between")
	return trigger
}

func TestTheLoadOfAWeekIsThatOfItsSchedules(t *testing.T) {
	calendar, err := ReadCalendar(models.Calendar{Name: "Office", Weekend: models.JSON(`[6,0]`), Days: models.JSON(`[{"date":"2026-10-26","name":"Day off"}]`)})
	if err != nil {
		t.Fatal(err)
	}
	calendars := Calendars{"Office": calendar}
	rapid.Check(t, func(t *rapid.T) {
		zone, err := time.LoadLocation(rapid.SampledFrom([]string{"UTC", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu"}).Draw(t, "viewer"))
		if err != nil {
			t.Fatal(err)
		}
		from := time.Date(2026, time.October, 19+7*rapid.IntRange(-30, 1).Draw(t, "week"), 0, 0, 0, 0, zone)
		to := from.AddDate(0, 0, 7)
		var schedules []models.Schedule
		var expected []time.Time
		for range rapid.IntRange(1, 4).Draw(t, "schedules") {
			anchor := from.Add(time.Duration(rapid.Int64Range(-1e7, 3e5).Draw(t, "anchor")) * time.Second)
			one := stored(t, drawTrigger(t), anchor)
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
