package moment

import "time"

// setWeek sets the day of a week as ISO 8601 counts: the first week is the one with 4
// January, the first day Monday.
func (w *written) setWeek(week, weekday int) bool {
	if w.year < 1 || week < 1 || week > 53 || weekday < 1 || weekday > 7 {
		return false
	}
	fourth := time.Date(w.year, time.January, 4, 0, 0, 0, 0, time.UTC)
	toMonday := (int(fourth.Weekday()) + 6) % 7
	day := fourth.AddDate(0, 0, 7*(week-1)-toMonday+weekday-1)
	year, isoWeek := day.ISOWeek()
	if year != w.year || isoWeek != week {
		return false
	}
	w.setDate(day)
	return true
}

func (w *written) setDayOfYear(number int) bool {
	day := time.Date(w.year, time.January, number, 0, 0, 0, 0, time.UTC)
	if number < 1 || day.Year() != w.year {
		return false
	}
	w.setDate(day)
	return true
}

func (w *written) setDate(day time.Time) {
	w.year, w.day = day.Year(), day.Day()
	w.month = int(day.Month())
}

// exists reports whether there is such a day and such a time, in the years 1 to 9999,
// which JSON can write. 24:00 is the end of the day, and a second of 60 the one that is
// put in now and then.
func (w *written) exists() bool {
	if w.month < 1 || w.month > 12 || w.day < 1 || w.hour > 24 || w.minute > 59 || w.second > 60 {
		return false
	}
	if w.hour == 24 && w.minute+w.second+w.nanos > 0 {
		return false
	}
	day := time.Date(w.year, time.Month(w.month), w.day, 0, 0, 0, 0, time.UTC)
	year := w.time().UTC().Year()
	return day.Day() == w.day && w.year >= 1 && year >= 1 && year <= 9999
}

func (w *written) time() time.Time {
	zone := time.UTC
	if w.offset != 0 {
		zone = time.FixedZone("", w.offset)
	}
	return time.Date(w.year, time.Month(w.month), w.day, w.hour, w.minute, w.second, w.nanos, zone)
}
