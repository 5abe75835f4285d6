package schedule

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"workflows/models"
	"workflows/worker/workflow"
)

// diary is what somebody noted who looked at a zone's clock at every real minute of some
// years. Local minutes are counted from its first one, real ones from 1970.
type diary struct {
	zone  *time.Location
	begin time.Time         // the day of the first local minute
	first []int32           // when each local minute was shown first; 0 where the clock skipped it
	again map[int32][]int32 // when it was shown once more
}

func keepDiary(zone *time.Location, begin, end time.Time) diary {
	minutes := int(end.Sub(begin) / time.Minute)
	d := diary{zone: zone, begin: begin, first: make([]int32, minutes), again: map[int32][]int32{}}
	for t := begin.Add(-24 * time.Hour); t.Before(end.Add(24 * time.Hour)); t = t.Add(time.Minute) {
		_, offset := t.In(zone).Zone()
		local, real := int(t.Sub(begin)/time.Minute)+offset/60, int32(t.Unix()/60)
		switch {
		case local < 0 || local >= minutes:
		case d.first[local] == 0:
			d.first[local] = real
		default:
			d.again[int32(local)] = append(d.again[int32(local)], real)
		}
	}
	return d
}

// starts are the moments at which a local minute starts something: the first time that the
// clock shows it, or right after the gap that it falls into. By real time it is each time
// that the clock shows it, and no other.
func (d diary) starts(local int, realTime bool) []int32 {
	switch {
	case realTime && d.first[local] == 0:
		return nil
	case realTime:
		return append([]int32{d.first[local]}, d.again[int32(local)]...)
	}
	for d.first[local] == 0 {
		local++
	}
	return d.first[local : local+1]
}

// wallCalendar says whether a day is a working day.
type wallCalendar func(day time.Time) bool

// mondayToFriday is the one without a calendar.
func mondayToFriday(day time.Time) bool { return day.Weekday()%6 != 0 }

// anyDays are those of the month that a word such as last, first or business_day_3 counts.
func anyDays(trigger workflow.Trigger, month time.Time, works wallCalendar) (days []time.Time) {
	_, weekday, _ := strings.Cut(trigger.WeekdayOfMonth, " ")
	for at := month; at.Month() == month.Month(); at = at.AddDate(0, 0, 1) {
		if trigger.MonthDay == MonthDayLast || trigger.MonthDay != "" && works(at) || trigger.MonthDay == "" && strings.ToLower(at.Format("Mon")) == weekday {
			days = append(days, at)
		}
	}
	return days
}

// meant says, from a calendar on the wall, whether a trigger fires on a day that its
// cron line names.
func meant(trigger workflow.Trigger, day time.Time, works wallCalendar) bool {
	first, _ := time.Parse(time.DateOnly, trigger.StartDate)
	if day.Before(first) {
		return false
	}
	switch {
	case trigger.DayInterval > 0:
		turn := first
		for turn.Before(day) {
			turn = turn.AddDate(0, 0, trigger.DayInterval)
		}
		return turn.Equal(day)
	case trigger.WeekInterval > 0:
		monday := first
		for monday.Weekday() != time.Monday {
			monday = monday.AddDate(0, 0, -1)
		}
		for !monday.AddDate(0, 0, 7).After(day) {
			monday = monday.AddDate(0, 0, 7*trigger.WeekInterval)
		}
		return !monday.After(day)
	case trigger.MonthInterval > 0:
		month := time.Date(first.Year(), first.Month(), 1, 0, 0, 0, 0, time.UTC)
		for !month.AddDate(0, 1, 0).After(day) {
			month = month.AddDate(0, trigger.MonthInterval, 0)
		}
		if month.After(day) {
			return false
		}
	}
	word, _, _ := strings.Cut(trigger.WeekdayOfMonth+trigger.MonthDay, " ")
	if word == "" {
		return true
	}
	days := anyDays(trigger, time.Date(day.Year(), day.Month(), 1, 0, 0, 0, 0, time.UTC), works)
	n := map[string]int{"first": 1, MonthDayFirstBusiness: 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "last": len(days), MonthDayLast: len(days), MonthDayLastBusiness: len(days)}[word]
	_, _ = fmt.Sscanf(word, "business_day_%d", &n)
	return 0 < n && n <= len(days) && days[n-1].Equal(day)
}

// wanted are the moments of the diary, from its second day on, at which a trigger fires,
// day by day.
func (d diary) wanted(trigger workflow.Trigger, works wallCalendar) (moments []time.Time) {
	fields := strings.Fields("* * * * *")
	if trigger.Cron != "" {
		fields = strings.Fields(trigger.Cron)
	}
	minutes, hours := named(fields[0], 0, 59), named(fields[1], 0, 23)
	onDay, realTime := crontab("* * "+strings.Join(fields[2:], " ")), fields[1][0] == '*' && len(trigger.Times) == 0
	var times []int // of each day
	for minute := range 24 * 60 {
		at := minutes[minute%60] && hours[minute/60]
		if len(trigger.Times) > 0 {
			at = slices.Contains(trigger.Times, fmt.Sprintf("%02d:%02d", minute/60, minute%60))
		}
		if at {
			times = append(times, minute)
		}
	}
	for n := 1; n < len(d.first)/(24*60)-1; n++ {
		day := d.begin.AddDate(0, 0, n)
		if !onDay(day) || !meant(trigger, day, works) || trigger.Calendar != "" && !works(day) {
			continue
		}
		for _, minute := range times {
			for _, real := range d.starts(n*24*60+minute, realTime) {
				moments = append(moments, time.Unix(int64(real)*60, 0).UTC())
			}
		}
	}
	slices.SortFunc(moments, time.Time.Compare)
	return slices.CompactFunc(moments, time.Time.Equal)
}

// drawMeant is a schedule that counts or picks days, at hours at which clocks change too.
func drawMeant(t *rapid.T) workflow.Trigger {
	pick := func(label string, from ...string) string { return rapid.SampledFrom(from).Draw(t, label) }
	trigger := workflow.Trigger{StartDate: time.Date(2023, 1, rapid.IntRange(1, 800).Draw(t, "first"), 0, 0, 0, 0, time.UTC).Format(time.DateOnly)}
	count, days := rapid.IntRange(1, 14).Draw(t, "count"), "* * *"
	switch rapid.IntRange(0, 5).Draw(t, "kind") {
	case 0:
		trigger.DayInterval = count
	case 1:
		trigger.WeekInterval, days = count, "* * "+pick("weekdays", "*", "5", "0", "1,3,6", "1-5", "*/2")
	case 2:
		trigger.MonthInterval, days = count, pick("days", "1", "15,28", "1-7", "*/9")+" * "+pick("weekdays", "*", "1", "*/3")
	case 3:
		trigger.WeekdayOfMonth = pick("week", weekWords()...) + " " + pick("day", "mon", "thu", "sun")
		trigger.MonthInterval = rapid.IntRange(0, 5).Draw(t, "months")
	case 4:
		trigger.MonthDay = pick("day of the month", MonthDayLast, MonthDayFirstBusiness, MonthDayLastBusiness)
		trigger.MonthInterval = rapid.IntRange(0, 5).Draw(t, "months")
	default:
		trigger.MonthDay = fmt.Sprintf("business_day_%d", rapid.IntRange(1, MaxBusinessDay).Draw(t, "working day"))
		days = pick("months", "* * *", "* 3,10,11 *", "* */4 *")
	}
	clocks := []string{"0 9", "30 2", "*/20 1-2", "15 0", "30 */2"}
	if rapid.Bool().Draw(t, "several times") {
		trigger.Times = rapid.SampledFrom([][]string{{"09:00"}, {"16:30", "02:30"}, {"00:15", "01:45", "02:10", "02:15", "02:50", "03:00"}, {"23:59", "00:00"}}).Draw(t, "times")
		clocks = []string{"* *"}
	}
	if trigger.Cron = pick("clock", clocks...) + " " + days; trigger.Cron == "* * * * *" {
		trigger.Cron = ""
	}
	if rapid.Bool().Draw(t, "with a calendar") {
		trigger.Calendar = "Office"
	}
	return trigger
}

// office is a calendar without Fridays, some days of each year, most of August 2025, and
// with a Friday of work; and what hangs on the wall there.
func office(t *testing.T) (*Calendar, wallCalendar) {
	t.Helper()
	var free []FreeDay
	for _, day := range []string{"2023-05-01", "2023-12-31", "2024-01-01", "2024-01-02", "2025-03-30", "2025-03-31", "2026-02-28", "2026-10-01"} {
		free = append(free, FreeDay{Date: day})
	}
	for day := range 24 {
		free = append(free, FreeDay{Date: fmt.Sprintf("2025-08-%02d", 5+day)})
	}
	const work = "2024-11-01"
	days, err := models.ToJSON(free)
	if err != nil {
		t.Fatal(err)
	}
	calendar, err := ReadCalendar(models.Calendar{Name: "Office", Weekend: models.JSON(`[5]`), Days: days, WorkingDays: models.JSON(`[{"date":"` + work + `"}]`)})
	if err != nil {
		t.Fatal(err)
	}
	return calendar, func(day time.Time) bool {
		date := day.Format(time.DateOnly)
		return !slices.Contains(free, FreeDay{Date: date}) && (day.Weekday() != time.Friday || date == work)
	}
}

func TestCountedDaysAgreeWithACalendarOnTheWall(t *testing.T) {
	from, to := time.Date(2022, 12, 31, 0, 0, 0, 0, time.UTC), time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	places, diaries := []string{"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Havana", "America/Edmonton"}, map[string]diary{}
	for _, name := range places {
		zone, err := workflow.LoadZone(name)
		if err != nil {
			t.Fatal(err)
		}
		diaries[name] = keepDiary(zone, from.AddDate(0, 0, -1), to.AddDate(0, 0, 2))
	}
	calendar, officeWorks := office(t)
	rapid.Check(t, func(t *rapid.T) {
		trigger, works := drawMeant(t), wallCalendar(mondayToFriday)
		trigger.TimeZone = rapid.SampledFrom(places).Draw(t, "place")
		clock := diaries[trigger.TimeZone]
		if trigger.Calendar != "" {
			works = officeWorks
		}
		rule, problems := newRule(trigger, "id", time.Time{}, Calendars{"Office": calendar})
		if len(problems) > 0 {
			t.Fatal(trigger, problems)
		}
		outside := func(at time.Time) bool { return !at.After(from) || !at.Before(to) }
		want := slices.DeleteFunc(clock.wanted(trigger, works), outside)
		var got []time.Time
		for at, ok := rule.Next(from); ok && !outside(at); at, ok = rule.Next(at) {
			got = append(got, at)
		}
		if !slices.EqualFunc(got, want, time.Time.Equal) {
			for len(got) > 0 && len(want) > 0 && got[0].Equal(want[0]) {
				got, want = got[1:], want[1:]
			}
			t.Fatalf("%+v:\n got %s\nwant %s", trigger, brief(got, clock.zone), brief(want, clock.zone))
		}
		if strings.TrimSpace(rule.Sentence()) == "" {
			t.Fatal("no sentence")
		}
	})
}
