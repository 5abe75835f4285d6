package subscription

import (
	"cmp"
	"slices"
	"time"

	"workflows/models"
	"workflows/models/subscriptions"
	"workflows/worker/document"
	"workflows/worker/schedule"
)

// Days are free days and days of work.
type Days struct {
	Free    []schedule.FreeDay `json:"free,omitempty"`
	Working []schedule.FreeDay `json:"working,omitempty"`
}

// DaysOf reads stored days.
func DaysOf(stored []byte) (Days, error) {
	var d Days
	err := document.Decode(stored, &d)
	return d, err
}

// Beside is what of a subscription makes the days of its calendar.
type Beside struct {
	Own      Days // of a person, beside those that came
	Came     Days
	Excluded []string // the dates of these that a person has left out
}

// BesideOf reads them.
func BesideOf(s subscriptions.Subscription) (b Beside, err error) {
	if b.Own, err = DaysOf(s.Own); err != nil {
		return b, err
	}
	if b.Came, err = DaysOf(s.Came); err != nil {
		return b, err
	}
	return b, document.Decode(s.Excluded, &b.Excluded)
}

// CalendarDays are the days that a stored calendar has, wherever they came from.
func CalendarDays(stored models.Calendar) (Days, error) {
	d, err := schedule.CalendarDaysOf(stored)
	return Days{Free: d.Free, Working: d.Working}, err
}

// Empty reports whether there is none.
func (d Days) Empty() bool { return len(d.Free)+len(d.Working) == 0 }

// Equal reports whether both are the same days of the same names.
func (d Days) Equal(other Days) bool {
	return slices.Equal(d.Free, other.Free) && slices.Equal(d.Working, other.Working)
}

// Dates are all of them.
func (d Days) Dates() map[string]bool {
	dates := map[string]bool{}
	for _, day := range slices.Concat(d.Free, d.Working) {
		dates[day.Date] = true
	}
	return dates
}

// only are those of which it holds, in order.
func (d Days) only(holds func(day schedule.FreeDay, works bool) bool) Days {
	pick := func(days []schedule.FreeDay, works bool) (picked []schedule.FreeDay) {
		for _, day := range days {
			if holds(day, works) {
				picked = append(picked, day)
			}
		}
		slices.SortStableFunc(picked, func(a, b schedule.FreeDay) int { return cmp.Compare(a.Date, b.Date) })
		return picked
	}
	return Days{Free: pick(d.Free, false), Working: pick(d.Working, true)}
}

func (d Days) has(day schedule.FreeDay, works bool) bool {
	if works {
		return slices.Contains(d.Working, day)
	}
	return slices.Contains(d.Free, day)
}

func all(schedule.FreeDay, bool) bool { return true }

// Join are the days of a calendar: a person's own, and those that came from its address but
// for the dates that are excluded or that the person has a day of their own on.
func Join(own, came Days, excluded []string) Days {
	dates := own.Dates()
	came = came.only(func(day schedule.FreeDay, _ bool) bool {
		return !dates[day.Date] && !slices.Contains(excluded, day.Date)
	})
	return Days{Free: slices.Concat(own.Free, came.Free), Working: slices.Concat(own.Working, came.Working)}.only(all)
}

// Part takes all days of a calendar apart: what is just as it came from the address comes
// from there, the rest is a person's own, and what came and is not among them is excluded.
func Part(whole, came Days) (own Days, excluded []string) {
	own = whole.only(func(day schedule.FreeDay, works bool) bool { return !came.has(day, works) })
	dates := whole.Dates()
	for date := range came.Dates() {
		if !dates[date] {
			excluded = append(excluded, date)
		}
	}
	slices.Sort(excluded)
	return own, excluded
}

// StillOut are the dates that are left out once somebody has chosen from those that come and
// have not passed: the chosen ones, and of those before what the choice did not show, since it
// has passed or does not come for now.
func StillOut(chosen []string, before Beside, now time.Time) []string {
	came, today := before.Came.Dates(), now.Format(time.DateOnly)
	out := slices.Clone(chosen)
	for _, date := range before.Excluded {
		if came[date] == (date < today) {
			out = append(out, date)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// kept is for how long days that have passed stay although no file has them any more: the
// working days of a month are counted from its first.
const kept = 400 * 24 * time.Hour

// Renew replaces the days that came from an address by those that come now, from today on.
// What has passed stays for about a year.
func Renew(before, read Days, now time.Time) Days {
	today, oldest := now.Format(time.DateOnly), now.Add(-kept).Format(time.DateOnly)
	passed := before.only(func(day schedule.FreeDay, _ bool) bool { return oldest <= day.Date && day.Date < today })
	read = read.only(func(day schedule.FreeDay, _ bool) bool { return day.Date >= today })
	return Days{Free: slices.Concat(passed.Free, read.Free), Working: slices.Concat(passed.Working, read.Working)}.only(all)
}
