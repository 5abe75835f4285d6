package schedule

import (
	"strings"
	"testing"
	"time"

	"workflows/models"
	"workflows/worker/workflow"
)

func germany(t *testing.T) *Calendar {
	t.Helper()
	c, err := ReadCalendar(models.Calendar{
		Name: "Germany", Weekend: models.JSON(`[0,6]`),
		Days: models.JSON(`[{"date": "2026-12-25", "name": "Christmas Day"}, {"date": "2026-12-31"}, {"date": "2027-01-01", "name": "New Year"}]`),
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestDaysOfWorkAreNoWeekend(t *testing.T) {
	china, err := ReadCalendar(models.Calendar{
		Name: "China", Weekend: models.JSON(`[0,6]`), Days: models.JSON(`[{"date": "2027-02-06"}, {"date": "2027-02-08"}]`),
		WorkingDays: models.JSON(`[{"date": "2027-02-07", "name": "Makes up"}, {"date": "2027-02-28"}]`),
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		trigger workflow.Trigger
		want    string
	}{
		"a day of work in a weekend":      {workflow.Trigger{Cron: "0 9 * * *", Calendar: "China"}, "Fri 5, Sun 7, Tue 9"},
		"a time moves to it":              {workflow.Trigger{Cron: "0 9 6 * *", Calendar: "China", FreeDays: FreeDaysMove}, "Sun 7"},
		"it is the last day for business": {workflow.Trigger{Cron: "0 9 * * *", MonthDay: MonthDayLastBusiness, Calendar: "China"}, "Sun 28"},
	} {
		rule, problems := newRule(c.trigger, "id", time.Time{}, Calendars{"China": china})
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		at := time.Date(2027, 2, 5, 0, 0, 0, 0, time.UTC)
		var words []string
		for range strings.Split(c.want, ", ") {
			at, _ = rule.Next(at)
			words = append(words, at.Format("Mon 2"))
		}
		if got := strings.Join(words, ", "); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestCalendarSaysThatItsLastDayIsNear(t *testing.T) {
	c := germany(t) // until 1 January 2027
	for today, want := range map[string]string{
		"2026-11-01": "", "2026-11-02": "Its last free day is near: 1 January 2027. ", "2027-01-01": "Its last free day is near", "2027-01-02": "All its free days have passed, the last on 1 January 2027. ",
	} {
		now, _ := time.Parse(time.DateOnly, today)
		if got := CalendarEnds(c.LastDay(), now.Add(9*time.Hour)); !strings.HasPrefix(got, want) || (got == "") != (want == "") {
			t.Errorf("on %s: %s", today, got)
		}
	}
	var none *Calendar
	if got := CalendarEnds(none.LastDay(), noon); got != "" {
		t.Error(got)
	}
}

func TestCalendarsAreCheckedDayByDay(t *testing.T) {
	problems := CheckCalendar("A", CalendarDays{
		Free:    []FreeDay{{Date: "2027-02-06"}, {Date: "2027-02-30"}, {Date: "2027-02-06"}},
		Working: []FreeDay{{Date: "2027-02-07", Name: "a\x00"}, {Date: "2027-02-06"}, {Date: "soon"}},
	})
	var paths []string
	for _, problem := range problems {
		paths = append(paths, problem.Path+" "+problem.Code)
	}
	want := "days[1].date invalid_value, days[2].date duplicate, working_days[0].name invalid_value, working_days[1].date duplicate, working_days[2].date invalid_value"
	if got := strings.Join(paths, ", "); got != want {
		t.Error(got)
	}
	if problems := CheckCalendar("A", CalendarDays{Working: make([]FreeDay, MaxFreeDays+1)}); len(problems) != 1 || problems[0].Path != "working_days" {
		t.Errorf("%v", problems)
	}
}

// times are the next planned times on the clock of Berlin.
func times(t *testing.T, trigger workflow.Trigger, after string, count int) string {
	t.Helper()
	trigger.TimeZone = "Europe/Berlin"
	rule, problems := newRule(trigger, "id", time.Time{}, Calendars{"Germany": germany(t)})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", after, rule.Zone())
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	for range count {
		next, ok := rule.Next(at)
		if !ok {
			words = append(words, "never")
			break
		}
		at = next
		words = append(words, at.In(rule.Zone()).Format("Mon 2 Jan 15:04"))
	}
	return strings.Join(words, ", ")
}

func TestRulesKnowDays(t *testing.T) {
	for name, c := range map[string]struct {
		trigger workflow.Trigger
		after   string
		want    string
	}{
		"free days are left out": {
			workflow.Trigger{Cron: "0 9 * * *", Calendar: "Germany"},
			"2026-12-23 10:00",
			"Thu 24 Dec 09:00, Mon 28 Dec 09:00, Tue 29 Dec 09:00, Wed 30 Dec 09:00, Mon 4 Jan 09:00",
		},
		"and for an interval too": {
			workflow.Trigger{Cron: "0 */12 * * *", Calendar: "Germany"},
			"2026-12-24 11:00",
			"Thu 24 Dec 12:00, Mon 28 Dec 00:00, Mon 28 Dec 12:00",
		},
		"times on free days move to the next working day": {
			workflow.Trigger{Cron: "0 9 25,31 * *", Calendar: "Germany", FreeDays: FreeDaysMove},
			"2026-12-01 00:00",
			"Mon 28 Dec 09:00, Mon 4 Jan 09:00, Mon 25 Jan 09:00",
		},
		"which is one time where another is planned": {
			workflow.Trigger{Cron: "0 9 * * *", Calendar: "Germany", FreeDays: FreeDaysMove},
			"2026-12-24 10:00",
			"Mon 28 Dec 09:00, Tue 29 Dec 09:00",
		},
		"also seen from within the free days": {
			workflow.Trigger{Cron: "0 9 25 * *", Calendar: "Germany", FreeDays: FreeDaysMove},
			"2026-12-26 12:00",
			"Mon 28 Dec 09:00, Mon 25 Jan 09:00",
		},
		"and from the working day itself": {
			workflow.Trigger{Cron: "0 9 25 * *", Calendar: "Germany", FreeDays: FreeDaysMove},
			"2026-12-28 09:00",
			"Mon 25 Jan 09:00",
		},
		"the last working day of the month": {
			workflow.Trigger{Cron: "0 17 * * *", MonthDay: MonthDayLastBusiness, Calendar: "Germany"},
			"2026-12-01 00:00",
			"Wed 30 Dec 17:00, Fri 29 Jan 17:00, Fri 26 Feb 17:00",
		},
		"the last working day without a calendar": {
			workflow.Trigger{Cron: "0 17 * * *", MonthDay: MonthDayLastBusiness},
			"2026-12-01 00:00",
			"Thu 31 Dec 17:00, Fri 29 Jan 17:00",
		},
		"the first working day": {
			workflow.Trigger{Cron: "0 8 * * *", MonthDay: MonthDayFirstBusiness, Calendar: "Germany"},
			"2026-12-02 00:00",
			"Mon 4 Jan 08:00, Mon 1 Feb 08:00",
		},
		"the last day": {
			workflow.Trigger{Cron: "0 8 * * *", MonthDay: MonthDayLast},
			"2027-02-01 00:00",
			"Sun 28 Feb 08:00, Wed 31 Mar 08:00, Fri 30 Apr 08:00",
		},
		"a first and a last day": {
			workflow.Trigger{Cron: "30 0 * * *", StartDate: "2027-03-01", EndDate: "2027-03-02"},
			"2026-12-01 00:00",
			"Mon 1 Mar 00:30, Tue 2 Mar 00:30, never",
		},
		"nothing but free days": {
			workflow.Trigger{Cron: "0 9 * * 0,6", Calendar: "Germany"}, "2026-12-01 00:00", "never",
		},
		"a moved time around a clock change": {
			workflow.Trigger{Cron: "30 2 27 3 *", Calendar: "Germany", FreeDays: FreeDaysMove},
			"2027-03-01 00:00",
			"Mon 29 Mar 02:30, Mon 27 Mar 02:30",
		},
	} {
		if got := times(t, c.trigger, c.after, strings.Count(c.want, ",")+1); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, c.want)
		}
	}
}

// So many free days are passed over, each at once however many times it has.
func TestRuleOfFreeDaysOnlyIsBounded(t *testing.T) {
	sunday := time.Date(2026, 12, 6, 0, 0, 0, 0, time.UTC)
	for passed, found := range map[int]bool{maxFree - 1: true, maxFree: false} {
		worked := sunday.AddDate(0, 0, 7*passed).Format(time.DateOnly)
		calendar, err := ReadCalendar(models.Calendar{
			Name: "Church", Weekend: models.JSON(`[0,6]`), Days: models.JSON(`[]`), WorkingDays: models.JSON(`[{"date": "` + worked + `"}]`),
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range []string{"* * * * 0", "30 9 * * 0"} {
			rule, problems := newRule(workflow.Trigger{Cron: line, Calendar: "Church"}, "id", time.Time{}, Calendars{"Church": calendar})
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			if at, ok := rule.Next(sunday.Add(-time.Hour)); ok != found || ok && at.Format(time.DateOnly) != worked {
				t.Errorf("%s after %d free days: %s, %v", line, passed, at, ok)
			}
		}
	}
}

func TestTimesOnFreeDaysAreInTheBooks(t *testing.T) {
	rule, _ := newRule(workflow.Trigger{Cron: "0 9 * * *", Calendar: "Germany"}, "id", time.Time{}, Calendars{"Germany": germany(t)})
	r := ruled{stored: models.Schedule{AccountedUntil: time.Date(2026, 12, 23, 12, 0, 0, 0, time.UTC)}, rule: rule}
	verdicts := r.judge(time.Date(2026, 12, 28, 9, 0, 1, 0, time.UTC))
	var got []string
	for _, v := range verdicts {
		got = append(got, v.at.Format("2 ")+v.outcome)
	}
	if words := strings.Join(got, ", "); words != "24 missed, 25 skipped, 26 skipped, 27 skipped, 28 caught_up" {
		t.Fatal(words)
	}
	if verdicts[1].reason != "Friday, 25 December 2026 is a free day in the calendar “Germany”: Christmas Day." {
		t.Fatal(verdicts[1].reason)
	}
}

func TestMissedTimeThatIsTooOldIsNotMadeUpFor(t *testing.T) {
	rule, _ := Parse(workflow.Trigger{Cron: "0 * * * *"})
	for missed, want := range map[string]string{
		MissedAll:    "07 missed, 08 missed, 09 caught_up, 10 caught_up",
		MissedLatest: "07 missed, 08 missed, 09 missed, 10 caught_up",
		MissedSkip:   "07 missed, 08 missed, 09 missed, 10 missed",
	} {
		r := ruled{stored: models.Schedule{AccountedUntil: noon.Add(-6 * time.Hour)}, trigger: workflow.Trigger{Missed: missed, MissedMaxAge: "2h"}, rule: rule}
		var got []string
		for _, v := range r.judge(noon.Add(-time.Hour - 10*time.Minute)) {
			got = append(got, v.at.Format("15 ")+v.outcome)
		}
		if words := strings.Join(got, ", "); words != want {
			t.Errorf("%s: %s, want %s", missed, words, want)
		}
	}
	r := ruled{stored: models.Schedule{AccountedUntil: noon.Add(-6 * time.Hour)}, trigger: workflow.Trigger{MissedMaxAge: "30m"}, rule: rule}
	for _, v := range r.judge(noon.Add(-10 * time.Minute)) {
		if v.outcome != workflow.OutcomeMissed || !strings.Contains(v.reason, "older than 30 minutes") {
			t.Errorf("%+v", v)
		}
	}
}

func TestJitterIsWithinItsBoundsAndTheSameForEverybody(t *testing.T) {
	trigger := workflow.Trigger{Cron: "* * * * *", Jitter: "5m"}
	one, _ := newRule(trigger, "one", time.Time{}, nil)
	two, _ := newRule(trigger, "two", time.Time{}, nil)
	last, moved, differ := time.Time{}, 0, 0
	for at, n := noon, 0; n < 200; n++ {
		at, _ = one.Next(at)
		fires := one.firesAt(at)
		if fires.Before(at) || !fires.Before(at.Add(time.Minute)) || !fires.After(last) || !fires.Equal(one.firesAt(at)) {
			t.Fatalf("%s starts at %s, after %s", at, fires, last)
		}
		if last = fires; !fires.Equal(at) {
			moved++
		}
		if !fires.Equal(two.firesAt(at)) {
			differ++
		}
	}
	if moved < 150 || differ < 150 {
		t.Fatalf("%d of 200 are moved, %d differ between two schedules", moved, differ)
	}
}

func TestSentencesNameDaysAndConditions(t *testing.T) {
	for want, trigger := range map[string]workflow.Trigger{
		"Every day at 09:00, UTC, but not on free days of “Germany”":                                       {Cron: "0 9 * * *", Calendar: "Germany"},
		"On the 1st of every month at 09:00, UTC, moved to the next working day on free days of “Germany”": {Cron: "0 9 1 * *", Calendar: "Germany", FreeDays: FreeDaysMove},
		"On the last working day of every month at 17:00, UTC":                                             {Cron: "0 17 * * *", MonthDay: MonthDayLastBusiness},
		"On the last day of March and June at 17:00, UTC":                                                  {Cron: "0 17 * 3,6 *", MonthDay: MonthDayLast},
		"Every 15 minutes, from 1 December 2026, until 31 January 2027, up to 5 minutes later":             {Every: "15m", StartDate: "2026-12-01", EndDate: "2027-01-31", Jitter: "5m"},
	} {
		rule, problems := Parse(trigger)
		if got := rule.Sentence(); got != want || len(problems) > 0 {
			t.Errorf("%+v: %q, want %q; %v", trigger, got, want, problems)
		}
	}
}
