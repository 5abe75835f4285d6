// Package moment reads the dates and times that people and programs write, and never
// guesses: what can mean two days, such as 06/09/2021, is refused. It reads the names
// of time zones too. It knows nothing of workflows, of the machine's own time zone and
// of today.
package moment

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"workflows/worker/document"
)

// maxLength is the longest text that is looked at, in bytes. The longest usual one is
// a browser's, with its zone written out: 63.
const maxLength = 100

const shortest = len("6/9/21")

// Read reads a date or a time in one of the Writings. A date alone is its first
// instant; what names no zone is in UTC, everything else keeps the offset that it is
// written with. The error is a sentence for people. Numbers are no dates: whether
// 1790000000 counts seconds is for those to say who know where it comes from.
func Read(text string) (time.Time, error) {
	w, why := read(text)
	if why != "" {
		return time.Time{}, sentence(fmt.Sprintf(why, document.Shorten(strings.TrimSpace(text), 40)))
	}
	return w.time(), nil
}

// Of is Read for those who try: whether it is a date, and no sentence if not.
func Of(text string) (time.Time, bool) {
	w, why := read(text)
	if why != "" {
		return time.Time{}, false
	}
	return w.time(), true
}

// MayBe reports whether a text is as long as a date and begins like one: most texts do
// not, and need not be looked at further.
func MayBe(text string) bool {
	if len(text) < shortest || len(text) > maxLength {
		return false
	}
	if !isLetter(text[0]) { // a digit, or a blank before one
		return true
	}
	switch string([]byte{text[0] | 0x20, text[1] | 0x20, text[2] | 0x20}) {
	case "mon", "tue", "wed", "thu", "fri", "sat", "sun",
		"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec":
		return true
	}
	return false
}

// IsDay reports whether the text is a date alone, without a time of day.
func IsDay(text string) bool {
	w, why := read(text)
	return why == "" && !w.timed
}

// sentence is an error whose text is meant for people as it stands.
type sentence string

func (s sentence) Error() string { return string(s) }

// ErrAmbiguous is the kind of a text that is a date, but no one can tell which; or only
// for this one, such as 28/11/2026, and not for others that are written alike.
var ErrAmbiguous = errors.New("it can mean two days")

// Is reports whether a sentence says that.
func (s sentence) Is(kind error) bool {
	isOf := func(why string) bool { return strings.HasSuffix(string(s), strings.TrimPrefix(why, "“%s”")) }
	return kind == ErrAmbiguous && (isOf(twoDays) || isOf(dayOrMonth))
}

// Why a text is not read, with a place for it.
const (
	noDate     = "“%s” is not a date or a time. Write it like 2026-12-24 or 2026-12-24T18:00:00Z."
	twoDays    = "“%s” can mean two different days. Write it with the year first, like 2026-12-24."
	dayOrMonth = "“%s” is not read, since some write the day first and some the month. Write it with the year first, like 2026-12-24."
	noSuchTime = "“%s” names a day or a time that does not exist. Look at its numbers."
	noZone     = "The time zone in “%s” is not known, or its letters mean several zones. Write the difference to UTC, like +02:00."
)

// written is a date as it stands in a text.
type written struct {
	year, month, day            int
	hour, minute, second, nanos int
	offset                      int // seconds east of UTC
	timed                       bool
}

func read(text string) (written, string) {
	text = strings.TrimSpace(text)
	if !MayBe(text) {
		return written{}, noDate
	}
	s := scanner{text: text}
	var w written
	why := ""
	if isLetter(text[0]) {
		why = s.named(&w)
	} else {
		why = s.numbered(&w)
	}
	switch {
	case why != "":
		return w, why
	case s.at < len(text):
		return w, noDate
	case !w.exists():
		return w, noSuchTime
	}
	return w, ""
}

// numbered reads what begins with a number.
func (s *scanner) numbered(w *written) string {
	number, digits := s.number()
	switch {
	case digits == 4 && s.eat('-'):
		w.year = number
		if !s.afterYear(w) {
			return noDate
		}
	case digits == 4 && s.eat('/'):
		w.year = number
		if !s.pair(&w.month, '/') || !s.upToTwo(&w.day) {
			return noDate
		}
	case digits == 8 && (s.peek() == 'T' || s.peek() == 't'):
		w.year, w.month, w.day = number/10000, number/100%100, number%100
	case digits == 1 || digits == 2:
		w.day = number
		if why := s.afterDay(w); why != "" {
			return why
		}
	default:
		return noDate
	}
	return s.maybeTime(w)
}

// afterYear reads 11-28, the day of the year 332, and the week W48-6.
func (s *scanner) afterYear(w *written) bool {
	if s.eat('W') {
		week, digits := s.number()
		weekday := 0
		return digits == 2 && s.eat('-') && s.upToTwo(&weekday) && w.setWeek(week, weekday)
	}
	number, digits := s.number()
	switch {
	case digits == 3:
		return w.setDayOfYear(number)
	case digits == 1 || digits == 2:
		w.month = number
		return s.eat('-') && s.upToTwo(&w.day)
	}
	return false
}

// afterDay reads .11.2026, -Nov-26, " Nov 2026" and "th November 2026".
func (s *scanner) afterDay(w *written) string {
	switch c := s.peek(); {
	case c == '.':
		year, digits := 0, 0
		s.eat('.')
		s.blanks()
		if s.upToTwo(&w.month) && s.eat('.') {
			s.blanks()
			year, digits = s.number()
		} else if s.month(w) {
			return s.year(w, 4)
		}
		if digits != 4 {
			return noDate
		}
		w.year = year
		return ""
	case (c == '/' || c == '-') && isDigit(s.after(1)):
		return s.ambiguous(c, w.day)
	}
	s.ordinalEnding()
	hyphen := s.eat('-')
	s.blanks()
	if !s.month(w) || hyphen && !s.eat('-') {
		return noDate
	}
	return s.year(w, 2)
}

// ambiguous tells 06/09/2021 from a number of a phone. 28/11/2026 can mean one day only,
// and is not read either: what works on the 28th would fail on the 12th.
func (s *scanner) ambiguous(separator byte, first int) string {
	var second int
	s.eat(separator)
	if !s.pair(&second, separator) {
		return noDate
	}
	if _, digits := s.number(); digits != 2 && digits != 4 || isDigit(s.peek()) || s.peek() == separator {
		return noDate
	}
	switch low, high := min(first, second), max(first, second); {
	case low < 1 || low > 12 || high > 31:
		return noSuchTime
	case high > 12 || low == high:
		return dayOrMonth
	}
	return twoDays
}

// named reads what begins with the name of a day or a month.
func (s *scanner) named(w *written) string {
	if s.weekday() {
		s.eat(',')
		s.blanks()
		if number, digits := s.number(); digits > 2 {
			return noDate
		} else if digits > 0 {
			w.day = number
			if why := s.afterDay(w); why != "" {
				return why
			}
			return s.maybeTime(w)
		}
	}
	if !s.month(w) {
		return noDate
	}
	s.blanks()
	if !s.upToTwo(&w.day) {
		return noDate
	}
	s.ordinalEnding()
	s.eat(',')
	s.blanks()
	if s.beginsTime() { // the year comes last
		if why := s.clock(w); why != "" {
			return why
		}
		if why := s.zone(w); why != "" {
			return why
		}
		return s.year(w, 4)
	}
	if why := s.year(w, 4); why != "" {
		return why
	}
	return s.maybeTime(w)
}

// year reads a year of at least so many digits. Two or three are read as RFC 2822
// says: 00 to 49 are of this century, the others count from 1900.
func (s *scanner) year(w *written, least int) string {
	s.eat(',')
	s.blanks()
	number, digits := s.number()
	switch {
	case digits < least || digits > 4:
		return noDate
	case digits == 2 && number < 50:
		number += 2000
	case digits < 4:
		number += 1900
	}
	w.year = number
	return ""
}
