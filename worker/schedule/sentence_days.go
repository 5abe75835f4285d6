package schedule

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"
	"time"
)

const (
	allMonths = 1<<13 - 2
	allDays   = 1<<32 - 2
	workdays  = 1<<6 - 2
	weekend   = 1 | 1<<6
	allWeek   = 1<<7 - 1
)

// days names the days: "every day", "every weekday (Monday to Friday)", "on the
// 1st of every month and also every Friday in May".
func (l line) days() string {
	everyDate, everyWeekday := l.dom == allDays, l.dow == allWeek
	switch {
	case l.turns.days > 1:
		return fmt.Sprintf("every %d days", l.turns.days)
	case l.turns.weeks > 1:
		return l.everySoManyWeeks() + l.inMonths()
	case everyDate && everyWeekday, // either is enough, and one always matches
		!l.bothDays && (everyDate || everyWeekday):
		return "every day" + l.inMonths()
	case everyDate:
		return weekdayWords(l.dow) + l.inMonths()
	case everyWeekday:
		return l.dates()
	case l.bothDays:
		return l.weekdaysWithDates() + l.inMonths()
	}
	return l.dates() + ", and also " + weekdayWords(l.dow) + l.inMonths()
}

// everySoManyWeeks names days of weeks that are counted: "every other Friday", "every 3
// weeks on Monday and Thursday".
func (l line) everySoManyWeeks() string {
	days := strings.TrimPrefix(weekdayWords(l.dow), "every ")
	switch {
	case l.dow == allWeek:
		return fmt.Sprintf("every day of every %s week", ordinal(l.turns.weeks))
	case l.turns.weeks == 2 && bits.OnesCount64(l.dow) == 1:
		return "every other " + days
	}
	return fmt.Sprintf("every %d weeks on %s", l.turns.weeks, days)
}

const (
	oddDates  = 0xaaaaaaaa
	evenDates = 0x55555554
)

// weekdaysWithDates names days that must match both fields: "on the first Monday of
// every month", "every Monday with an odd date".
func (l line) weekdaysWithDates() string {
	if bits.OnesCount64(l.dow) == 1 {
		const week = 1<<8 - 2 // the 1st to the 7th
		for n, word := range []string{"first", "second", "third", "fourth"} {
			if l.dom == week<<(7*n) {
				return "on the " + word + " " + time.Weekday(bits.TrailingZeros64(l.dow)).String() + " of the month"
			}
		}
	}
	switch l.dom {
	case oddDates:
		return weekdayWords(l.dow) + " with an odd date"
	case evenDates:
		return weekdayWords(l.dow) + " with an even date"
	}
	return weekdayWords(l.dow) + " that falls on the " + ordinals(l.dom) + " of the month"
}

func weekdayWords(set uint64) string {
	switch set {
	case workdays:
		return "every weekday (Monday to Friday)"
	case weekend:
		return "every weekend day (Saturday and Sunday)"
	}
	var names []string
	for _, day := range []int{1, 2, 3, 4, 5, 6, 0} {
		if set>>day&1 == 1 {
			names = append(names, time.Weekday(day).String())
		}
	}
	return "every " + enumerate(names)
}

func (l line) dates() string {
	if bits.OnesCount64(l.dom) == 1 && bits.OnesCount64(l.month) == 1 {
		return fmt.Sprintf("every year on %d %s", bits.TrailingZeros64(l.dom), monthNames(l.month)[0])
	}
	of := " of " + l.everyMonth()
	if l.month != allMonths {
		of = " of " + enumerate(monthNames(l.month))
	}
	return "on the " + ordinals(l.dom) + of
}

func (l line) inMonths() string {
	if l.turns.months > 1 {
		return " in " + l.everyMonth()
	}
	if l.month == allMonths {
		return ""
	}
	return " in " + enumerate(monthNames(l.month))
}

func monthNames(set uint64) []string {
	var names []string
	for month := time.January; month <= time.December; month++ {
		if set>>month&1 == 1 {
			names = append(names, month.String())
		}
	}
	return names
}

func ordinals(set uint64) string {
	if first, last, row := span(set); row && last-first > 2 {
		return ordinal(first) + " to the " + ordinal(last)
	}
	var words []string
	for day := 1; day <= 31; day++ {
		if set>>day&1 == 1 {
			words = append(words, ordinal(day))
		}
	}
	return enumerate(words)
}

func ordinal(n int) string {
	suffix := "th"
	if n/10 != 1 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return strconv.Itoa(n) + suffix
}

func values(set uint64, format string) []string {
	var words []string
	for value := range 64 {
		if set>>value&1 == 1 {
			words = append(words, fmt.Sprintf(format, value))
		}
	}
	return words
}

// ranges writes a set as "0–3, 7 and 9–12".
func ranges(set uint64, format string) string {
	var words []string
	for value := 0; value < 64; value++ {
		if set>>value&1 == 0 {
			continue
		}
		last := value + bits.TrailingZeros64(^(set >> value)) - 1
		if last-value >= 2 {
			words = append(words, fmt.Sprintf(format+"–"+format, value, last))
			value = last
			continue
		}
		words = append(words, fmt.Sprintf(format, value))
	}
	return enumerate(words)
}

// enumerate reads "a, b and c".
func enumerate(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

func capital(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
