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

// shows reports whether a clock shows a time within written hours, by their text alone:
// "22:00" sorts as the clock goes.
func shows(clock time.Time, written []string) bool {
	now := clock.Format("15:04")
	return slices.ContainsFunc(written, func(hours string) bool {
		from, until := hours[:5], hours[6:]
		if from < until {
			return from <= now && now < until
		}
		return from <= now || now < until
	})
}

// Berlin goes to +2 on 28 March 2027, 02:00, and back on 31 October, 03:00; Lord Howe
// goes back half an hour on 4 April 2027, 02:00 (+11), and forth on 3 October, 02:00.
func TestHoursWithoutRunsAreThoseThatTheClocksShow(t *testing.T) {
	const berlin, howe = "Europe/Berlin", "Australia/Lord_Howe"
	calendar, err := ReadCalendar(models.Calendar{Name: "Saturdays", Weekend: models.JSON(`[6]`), Days: models.JSON(`[]`)})
	if err != nil {
		t.Fatal(err)
	}
	night := []string{"22:00-06:00"}
	for _, c := range []struct {
		trigger               workflow.Trigger
		after, sentence, want string
	}{
		{workflow.Trigger{Cron: "*/15 * * * *", NotBetween: night, TimeZone: berlin}, "2026-11-28T21:40:00+01:00", "Every 15 minutes, not between 22:00 and 06:00, Europe/Berlin", "28 21:45, 29 06:00, 29 06:15"},
		{workflow.Trigger{Every: "15m", NotBetween: night, TimeZone: berlin}, "2026-11-28T21:37:30+01:00", "Every 15 minutes, not between 22:00 and 06:00, Europe/Berlin", "28 21:52:30, 29 06:07:30, 29 06:22:30"},
		{workflow.Trigger{Every: "90m", NotBetween: []string{"12:00-13:00", "22:30-23:30"}}, "2026-11-28T09:00:00Z", "Every 1 hour 30 minutes, not between 12:00 and 13:00 and not between 22:30 and 23:30, UTC", "28 10:30, 28 13:30, 28 15:00, 28 16:30, 28 18:00, 28 19:30, 28 21:00, 29 00:00"},
		{workflow.Trigger{Cron: "0 * * * *", NotBetween: []string{"12:00-13:00"}, TimeZone: berlin, Jitter: "5m"}, "2026-11-28T10:30:00+01:00", "Every hour on the hour, not between 12:00 and 13:00, Europe/Berlin, up to 5 minutes later", "28 11:00, 28 13:00"},
		{workflow.Trigger{Times: []string{"09:00", "12:30", "16:30"}, NotBetween: []string{"12:00-13:00"}}, "2026-11-28T10:30:00Z", "Every day at 09:00, 12:30 and 16:30, not between 12:00 and 13:00, UTC", "28 16:30, 29 09:00"},
		{workflow.Trigger{Cron: "0 * * * *", NotBetween: []string{"22:00-00:00"}}, "2026-11-28T20:30:00Z", "Every hour on the hour, not between 22:00 and 00:00, UTC", "28 21:00, 29 00:00"},
		// The clock goes forth: the night is shorter, and its end comes with the jump where it is skipped.
		{workflow.Trigger{Cron: "0 * * * *", NotBetween: []string{"02:00-04:00"}, TimeZone: berlin}, "2027-03-28T00:30:00+01:00", "Every hour on the hour, not between 02:00 and 04:00, Europe/Berlin", "28 01:00, 28 04:00"},
		{workflow.Trigger{Every: "10m", NotBetween: []string{"01:30-02:30"}, TimeZone: berlin}, "2027-03-28T01:15:00+01:00", "Every 10 minutes, not between 01:30 and 02:30, Europe/Berlin", "28 01:25, 28 03:05"},
		{workflow.Trigger{Cron: "*/10 * * * *", NotBetween: []string{"02:10-02:40"}, TimeZone: howe}, "2027-10-03T01:55:00+10:30", "Every 10 minutes, not between 02:10 and 02:40, Australia/Lord_Howe", "03 02:40"},
		// It goes back: it shows the hours twice, and both times count.
		{workflow.Trigger{Cron: "*/30 * * * *", NotBetween: []string{"02:30-03:00"}, TimeZone: berlin}, "2027-10-31T01:45:00+02:00", "Every 30 minutes, not between 02:30 and 03:00, Europe/Berlin", "31 02:00, 31 02:00, 31 03:00"},
		{workflow.Trigger{Every: "30m", NotBetween: []string{"02:15-02:40"}, TimeZone: berlin}, "2027-10-31T01:20:00+02:00", "Every 30 minutes, not between 02:15 and 02:40, Europe/Berlin", "31 01:50, 31 02:50, 31 02:50, 31 03:20"},
		{workflow.Trigger{Cron: "*/15 * * * *", NotBetween: []string{"01:30-01:45"}, TimeZone: howe}, "2027-04-04T01:10:00+11:00", "Every 15 minutes, not between 01:30 and 01:45, Australia/Lord_Howe", "04 01:15, 04 01:45, 04 01:45, 04 02:00"},
		// A time that the clock skips is left out by what the line says and by when it would start.
		{workflow.Trigger{Cron: "30 1,2 * * *", NotBetween: []string{"02:00-03:00"}, TimeZone: berlin}, "2027-03-27T01:00:00+01:00", "Every day at 01:30 and 02:30, not between 02:00 and 03:00, Europe/Berlin", "27 01:30, 28 01:30, 29 01:30"},
		{workflow.Trigger{Cron: "30 2 * * *", NotBetween: []string{"03:00-04:00"}, TimeZone: berlin}, "2027-03-27T01:00:00+01:00", "Every day at 02:30, not between 03:00 and 04:00, Europe/Berlin", "27 02:30, 29 02:30"},
		// Saturday moves to the Sunday on which 02:30 is skipped: the moved time counts.
		{workflow.Trigger{Cron: "30 2 * * 6", NotBetween: []string{"03:00-04:00"}, TimeZone: berlin, Calendar: "Saturdays", FreeDays: FreeDaysMove}, "2027-03-19T12:00:00+01:00", "Every Saturday at 02:30, not between 03:00 and 04:00, Europe/Berlin, moved to the next working day on free days of “Saturdays”", "21 02:30, 04 02:30"},
	} {
		after, err := time.Parse(time.RFC3339, c.after)
		if err != nil {
			t.Fatal(err)
		}
		preview, problems := MakePreview(c.trigger, Calendars{"Saturdays": calendar}, after, strings.Count(c.want, ",")+1)
		var got []string
		for _, at := range preview.Next {
			got = append(got, strings.TrimSuffix(at.Format("02 15:04:05"), ":00"))
		}
		if strings.Join(got, ", ") != c.want || preview.Sentence != c.sentence || len(problems) > 0 {
			t.Errorf("%q, %+v\n got %s\nwant %s", preview.Sentence, problems, strings.Join(got, ", "), c.want)
		}
	}
}

// drawHours are some hours without runs, near the hours at which clocks change too.
func drawHours(t *rapid.T) []string {
	var hours []string
	for range rapid.IntRange(1, 3).Draw(t, "how many") {
		from := rapid.OneOf(rapid.IntRange(0, 24*60-1), rapid.IntRange(0, 4*60)).Draw(t, "from")
		until := (from + rapid.SampledFrom([]int{1, 20, 30, 90, 8 * 60, 23 * 60}).Draw(t, "length")) % (24 * 60)
		text := clock(from/60, from%60) + "-" + clock(until/60, until%60)
		if !slices.Contains(hours, text) {
			hours = append(hours, text)
		}
	}
	return hours
}

// Clock changes: cron lines and intervals with hours without runs plan what somebody
// notes who looks at the clock every minute.
func TestHoursWithoutRunsAgreeWithTheMinuteByMinuteOracle(t *testing.T) {
	all, changes := zones(t), map[*time.Location][]time.Time{}
	for _, zone := range all {
		changes[zone] = transitions(zone, 1975, 2060)
	}
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom(all).Draw(t, "zone")
		middle := time.Unix(rapid.Int64Range(200_000_000, 2_800_000_000).Draw(t, "middle"), 0)
		if len(changes[zone]) > 0 && rapid.IntRange(0, 9).Draw(t, "near a change") > 0 {
			middle = rapid.SampledFrom(changes[zone]).Draw(t, "change")
		}
		from := middle.UTC().Truncate(time.Minute).Add(-time.Duration(rapid.IntRange(0, 36*60).Draw(t, "before")) * time.Minute)
		trigger := workflow.Trigger{TimeZone: zone.String(), NotBetween: drawHours(t)}
		w := watchClock(zone, from, from.Add(40*time.Hour))
		anchor := from.Add(-time.Duration(rapid.IntRange(0, 100_000).Draw(t, "anchor")) * time.Minute)
		var want []time.Time
		if rapid.Bool().Draw(t, "interval") {
			step := time.Duration(rapid.SampledFrom([]int{1, 7, 15, 60, 95, 25 * 60}).Draw(t, "every")) * time.Minute
			trigger.Every = fmt.Sprintf("%dm", step/time.Minute)
			for _, m := range w.seen {
				if m.real.After(from) && !m.real.After(w.to) && m.real.After(anchor) && m.real.Sub(anchor)%step == 0 && !shows(m.local, trigger.NotBetween) {
					want = append(want, m.real)
				}
			}
		} else {
			trigger.Cron = drawLine(t)
			want = w.oracle(trigger.Cron, trigger.NotBetween...)
		}
		rule, problems := Parse(trigger)
		if len(problems) > 0 {
			t.Skip(problems)
		}
		var got []time.Time
		rule = rule.From(anchor)
		for at, ok := rule.Next(from); ok && !at.After(w.to); at, ok = rule.Next(at) {
			got = append(got, at)
			if len(got) > len(want)+1 {
				break
			}
		}
		if !slices.EqualFunc(got, want, time.Time.Equal) {
			t.Fatalf("%+v from %s:\n got %s\nwant %s", trigger, from.In(zone), brief(got, zone), brief(want, zone))
		}
	})
}

func TestHoursThatNobodyCanMeanAreRefusedWithTheirField(t *testing.T) {
	eleven := make([]string, 11)
	for i := range eleven {
		eleven[i] = fmt.Sprintf("%02d:00-%02d:30", i, i)
	}
	for name, c := range map[string]struct {
		trigger    workflow.Trigger
		path, says string
	}{
		"no hours":           {workflow.Trigger{Every: "1h", NotBetween: []string{"at night"}}, "not_between[0]", "like 22:00-06:00"},
		"without a zero":     {workflow.Trigger{Every: "1h", NotBetween: []string{"22:00-06:00", "9:00-10:00"}}, "not_between[1]", "like 22:00-06:00"},
		"hour 24":            {workflow.Trigger{Every: "1h", NotBetween: []string{"22:00-24:00"}}, "not_between[0]", "Midnight is 00:00"},
		"the same ends":      {workflow.Trigger{Every: "1h", NotBetween: []string{"22:00-22:00"}}, "not_between[0]", "end when they begin"},
		"twice":              {workflow.Trigger{Every: "1h", NotBetween: []string{"22:00-06:00", "22:00-06:00"}}, "not_between[1]", "there already"},
		"too many":           {workflow.Trigger{Every: "1h", NotBetween: eleven}, "not_between", "at most 10"},
		"one moment":         {workflow.Trigger{At: "2027-03-01T09:00:00Z", NotBetween: []string{"22:00-06:00"}}, "not_between", "one moment"},
		"the whole day":      {workflow.Trigger{Every: "1h", NotBetween: []string{"06:00-22:00", "21:00-07:00"}}, "not_between", "the whole day"},
		"all of a line":      {workflow.Trigger{Cron: "*/15 9-11 * * *", NotBetween: []string{"09:00-11:46"}}, "not_between", "All its times"},
		"all of its times":   {workflow.Trigger{Times: []string{"09:00", "10:00"}, NotBetween: []string{"08:00-12:00"}}, "not_between", "All its times"},
		"same time each day": {workflow.Trigger{Every: "24h", NotBetween: []string{"22:00-06:00"}}, "not_between", "Every day can fall"},
		"every two weeks":    {workflow.Trigger{Every: "14d", NotBetween: []string{"22:00-22:01"}}, "not_between", "Every 14 days can fall"},
		"a second later":     {workflow.Trigger{Every: "24h1s", NotBetween: []string{"22:00-06:00"}}, "not_between", "more than a year"},
		"a minute earlier":   {workflow.Trigger{Every: "23h59m", NotBetween: []string{"06:00-22:00"}}, "not_between", "more than a year"},
		"twice a day":        {workflow.Trigger{Every: "12h", NotBetween: []string{"06:00-22:00"}}, "not_between", "depending on when it is published"},
		"skipped each time":  {workflow.Trigger{Cron: "30 2 * 3 *", WeekdayOfMonth: "last sun", TimeZone: "Europe/Berlin", NotBetween: []string{"03:00-04:00"}}, "not_between", "the clock skips"},
		"of a bad line":      {workflow.Trigger{Cron: "61 * * * *", NotBetween: []string{"22:00-06:00"}}, "cron", "Minute"},
		"of a bad interval":  {workflow.Trigger{Every: "1s", NotBetween: []string{"22:00-06:00"}}, "every", "1m or more"},
	} {
		c.trigger.Type = "schedule"
		if problems := CheckTrigger(c.trigger); len(problems) != 1 || problems[0].Path != c.path || !strings.Contains(problems[0].Message, c.says) {
			t.Errorf("%s: %+v, want %q at %q", name, problems, c.says, c.path)
		}
	}
	for name, trigger := range map[string]workflow.Trigger{
		"in a far year":      {Cron: "0 0 29 2 *", StartDate: "5000-01-01", EndDate: "5003-01-01", NotBetween: []string{"03:00-04:00"}},
		"half of a line":     {Cron: "*/15 9-11 * * *", NotBetween: []string{"09:00-11:45"}},
		"one minute a day":   {Every: "1m", NotBetween: []string{"12:01-12:00"}},
		"eight hours apart":  {Every: "8h", NotBetween: []string{"06:00-22:00"}},
		"25 hours":           {Every: "25h", NotBetween: []string{"22:00-06:00"}},
		"24 hours 3 minutes": {Every: "24h3m", NotBetween: []string{"06:00-22:00"}},
	} {
		if _, problems := Parse(trigger); len(problems) > 0 {
			t.Errorf("%s: %+v", name, problems)
		}
	}
}

// An interval is refused where, published at one of the moments of a day, none of its
// times of a year would run; else it is never without a run for longer.
func TestAnIntervalIsRefusedWhenItCouldRestForAYear(t *testing.T) {
	const grid, day = 30 * time.Second, 2880 // half minutes
	midnight := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		hours := drawHours(t)
		var inside [day]bool
		for at := range inside {
			inside[at] = shows(midnight.Add(time.Duration(at)*grid), hours)
		}
		step := rapid.OneOf(rapid.IntRange(2, 100), rapid.IntRange(day-90, day+90), rapid.SampledFrom([]int{day / 3, day / 2, day, 3 * day / 2, 2 * day, 14 * day})).Draw(t, "step")
		rests := false
		for phase := 0; phase < day && !rests; phase++ {
			at, end := phase+step, phase+366*day
			for at <= end && inside[at%day] {
				at += step
			}
			rests = at > end
		}
		every := time.Duration(step) * grid
		rule, problems := Parse(workflow.Trigger{Every: every.String(), NotBetween: hours})
		if (len(problems) > 0) != rests {
			t.Fatalf("every %s, not between %v: it rests %v, %+v", every, hours, rests, problems)
		}
		if rests {
			return
		}
		at := midnight.Add(time.Duration(rapid.IntRange(0, day-1).Draw(t, "published")) * grid)
		first, _ := rule.Next(at) // counts from there
		rule = rule.From(at)
		if next, _ := rule.Next(at); !next.Equal(first) {
			t.Fatalf("every %s, not between %v: the first after %s is %s or %s", every, hours, at, first, next)
		}
		for range 20 {
			next, ok := rule.Next(at)
			if !ok || !next.After(at) || next.Sub(at) > 366*24*time.Hour+every {
				t.Fatalf("every %s, not between %v: after %s comes %s, %v", every, hours, at, next, ok)
			}
			at = next
		}
	})
}

func TestWhyNamesTheHoursWithoutRuns(t *testing.T) {
	rule, problems := Parse(workflow.Trigger{Cron: "*/15 * * * *", TimeZone: "Europe/Berlin", NotBetween: []string{"22:00-06:00", "12:00-13:00"}})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	at := func(text string) time.Time {
		moment, err := time.ParseInLocation("2 15:04", text, rule.Zone())
		if err != nil {
			t.Fatal(err)
		}
		return moment.AddDate(2026, 10, 0)
	}
	next := at("24 06:00")
	c := Case{
		Schedule: models.Schedule{Status: models.ScheduleActive, NextAt: &next, NextFireAt: &next, AccountedUntil: at("23 21:45"), CreatedAt: at("1 00:00")},
		Workflow: models.Workflow{Status: workflow.StatusActive}, Rule: rule, Readable: true, Workers: 1, Now: at("23 23:00"),
	}
	if got, want := c.WhyNow().Sentence, "It does not run between 22:00 and 06:00. Its first time has not come: it runs next on Tue 24 Nov 2026 at 06:00."; got != want {
		t.Errorf("%q", got)
	}
	run := "run"
	c.Last = &models.PlannedRun{PlannedAt: at("23 21:45"), Outcome: "ran", RunID: &run}
	if got, want := c.WhyNow().Sentence, "It did run on Mon 23 Nov 2026 at 21:45. It does not run between 22:00 and 06:00. It runs next on Tue 24 Nov 2026 at 06:00."; got != want {
		t.Errorf("%q", got)
	}
	for moment, want := range map[string]string{
		"23 22:00": "It was not planned for this time. It does not run between 22:00 and 06:00. The times around it are Mon 23 Nov 2026 at 21:45 and Tue 24 Nov 2026 at 06:00.",
		"23 12:30": "It was not planned for this time. It does not run between 12:00 and 13:00. The times around it are Mon 23 Nov 2026 at 11:45 and Mon 23 Nov 2026 at 13:00.",
		"23 13:05": "It was not planned for this time. The times around it are Mon 23 Nov 2026 at 13:00 and Mon 23 Nov 2026 at 13:15.",
		"24 05:00": "That is still to come. It does not run between 22:00 and 06:00. The times around it are Mon 23 Nov 2026 at 21:45 and Tue 24 Nov 2026 at 06:00.",
	} {
		if got := c.WhyAt(at(moment), nil); got.Sentence != want || !got.Well {
			t.Errorf("%s: %q", moment, got.Sentence)
		}
	}
}

func TestClockChangesSayWhatHoursWithoutRunsLeaveOut(t *testing.T) {
	after := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for cron, want := range map[string]string{
		"30 2 * * *":     "The clock goes forward from 02:00 to 03:00. What is planned from 02:30 until then is left out: at 03:00 it does not run.",
		"30 1 * * *":     "The clock goes forward from 02:00 to 03:00. No run is affected.",
		"0,30 2-5 * * *": "The clock goes forward from 02:00 to 03:00. What is planned from 02:00 until then is left out: at 03:00 it does not run.",
	} {
		preview, problems := MakePreview(workflow.Trigger{Cron: cron, TimeZone: "Europe/Berlin", NotBetween: []string{"03:00-04:00"}}, nil, after, 1)
		if len(problems) > 0 || preview.ClockChanges[0].Effect != want {
			t.Errorf("%s: %+v, %+v", cron, preview.ClockChanges, problems)
		}
	}
}

func TestWhatHasHoursWithoutRunsIsInNoCrowd(t *testing.T) {
	var stored4 []models.Schedule
	for range 4 {
		stored4 = append(stored4, stored(t, workflow.Trigger{Cron: "0 * * * *", NotBetween: []string{"22:30-06:00"}}, time.Time{}))
	}
	if crowds := Crowds(stored4); len(crowds) > 0 {
		t.Errorf("%+v", crowds)
	}
}
