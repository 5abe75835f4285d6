package schedule

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"workflows/models"
	"workflows/worker/document"
)

// Calendar says which days are free. The zero value has none.
type Calendar struct {
	Name    string
	weekend [7]bool
	days    map[date]string
	working map[date]bool // although their weekday is free
}

// FreeDay is one day of a calendar on which nobody works.
type FreeDay struct {
	Date string `json:"date"` // 2026-12-25
	Name string `json:"name,omitempty"`
}

// date is a day as a zone's calendar shows it.
type date struct {
	year  int
	month time.Month
	day   int
}

func dateOf(local time.Time) date {
	year, month, day := local.Date()
	return date{year, month, day}
}

func (d date) midnight() time.Time {
	return time.Date(d.year, d.month, d.day, 0, 0, 0, 0, time.UTC)
}

// ReadCalendar reads a stored calendar.
func ReadCalendar(stored models.Calendar) (*Calendar, error) {
	c := &Calendar{Name: stored.Name, days: map[date]string{}, working: map[date]bool{}}
	written, err := CalendarDaysOf(stored)
	if err != nil {
		return nil, err
	}
	for _, weekday := range written.Weekend {
		c.weekend[weekday%7] = true
	}
	for _, free := range written.Free {
		at, err := time.Parse(time.DateOnly, free.Date)
		if err != nil {
			return nil, fmt.Errorf("read the calendar %s: %w", stored.Name, err)
		}
		c.days[dateOf(at)] = free.Name
	}
	for _, day := range written.Working {
		at, err := time.Parse(time.DateOnly, day.Date)
		if err != nil {
			return nil, fmt.Errorf("read the calendar %s: %w", stored.Name, err)
		}
		c.working[dateOf(at)] = true
	}
	return c, nil
}

// CalendarDays are the days of a calendar as they are written.
type CalendarDays struct {
	Weekend []int // the weekdays that are free, 0 is Sunday
	Free    []FreeDay
	Working []FreeDay // on which is worked although their weekday is free
}

// CalendarDaysOf returns the days of a stored calendar.
func CalendarDaysOf(stored models.Calendar) (CalendarDays, error) {
	var d CalendarDays
	if err := document.Decode(stored.Weekend, &d.Weekend); err != nil {
		return d, fmt.Errorf("read the weekend of the calendar %s: %w", stored.Name, err)
	}
	if err := document.Decode(stored.Days, &d.Free); err != nil {
		return d, fmt.Errorf("read the days of the calendar %s: %w", stored.Name, err)
	}
	if len(stored.WorkingDays) > 0 {
		if err := document.Decode(stored.WorkingDays, &d.Working); err != nil {
			return d, fmt.Errorf("read the days of work of the calendar %s: %w", stored.Name, err)
		}
	}
	if slices.ContainsFunc(d.Weekend, func(weekday int) bool { return weekday < 0 || weekday > 6 }) {
		return d, fmt.Errorf("the calendar %s has a weekday that does not exist", stored.Name)
	}
	return d, nil
}

// dayOff says what makes a day free; false for a working day. Without a calendar
// every day is a working day.
func (c *Calendar) dayOff(d date) (name string, free bool) {
	if c == nil {
		return "", false
	}
	if name, listed := c.days[d]; listed {
		return name, true
	}
	return "", c.weekend[d.midnight().Weekday()] && !c.working[d]
}

// business reports whether business is done on a day. Without a calendar it is
// on Monday to Friday.
func (c *Calendar) business(d date) bool {
	if c == nil {
		weekday := d.midnight().Weekday()
		return weekday != time.Saturday && weekday != time.Sunday
	}
	_, free := c.dayOff(d)
	return !free
}

// why words why nothing runs on a free day.
func (c *Calendar) why(d date, name string) string {
	day := d.midnight().Format("Monday, 2 January 2006")
	if name == "" {
		return fmt.Sprintf("%s is a free day in the calendar “%s”.", day, c.Name)
	}
	return fmt.Sprintf("%s is a free day in the calendar “%s”: %s.", day, c.Name, name)
}

// nearEnd is how long before its last free day a calendar says so.
const nearEnd = 60 * 24 * time.Hour

// CalendarEnds says that the last free day of a calendar is near, or has passed; "" when it
// is far, or there is none.
func CalendarEnds(last, now time.Time) string {
	end := dateOf(last)
	switch {
	case last.IsZero() || end.midnight().After(now.Add(nearEnd)):
		return ""
	case end.midnight().Before(dateOf(now).midnight()):
		return "All its free days have passed, the last on " + last.Format("2 January 2006") + ". Add those of the coming year."
	}
	return "Its last free day is near: " + last.Format("2 January 2006") + ". Add those of the coming year."
}

// LastDay is the last of a calendar's free days; zero when it has none, or is none.
func (c *Calendar) LastDay() (last time.Time) {
	if c == nil {
		return last
	}
	for d := range c.days {
		if at := d.midnight(); at.After(last) {
			last = at
		}
	}
	return last
}

// Days of a month that a schedule can pick.
const (
	MonthDayLast          = "last_day"
	MonthDayFirstBusiness = "first_business_day"
	MonthDayLastBusiness  = "last_business_day"
)

// MonthDayBusiness begins the word for a working day by its number: business_day_3.
const MonthDayBusiness = "business_day_"

// MaxBusinessDay is the last one that every month has, but for free days.
const MaxBusinessDay = 20

// nthBusinessDay reads such a word; 0 when it is none.
func nthBusinessDay(word string) int {
	digits, ok := strings.CutPrefix(word, MonthDayBusiness)
	n, plain := parseDigits(digits)
	if !ok || !plain || n < 1 || n > MaxBusinessDay || strconv.Itoa(n) != digits {
		return 0
	}
	return n
}

// monthDay returns the day of the month that is picked; false where a month has
// no such working day.
func (c *Calendar) monthDay(pick string, year int, month time.Month) (int, bool) {
	last := time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
	day, step := last, -1
	left := max(nthBusinessDay(pick), 1)
	if pick == MonthDayFirstBusiness || strings.HasPrefix(pick, MonthDayBusiness) {
		day, step = 1, 1
	}
	for ; day >= 1 && day <= last; day += step {
		if pick == MonthDayLast || c.business(date{year, month, day}) {
			if left--; left == 0 {
				return day, true
			}
		}
	}
	return 0, false
}
