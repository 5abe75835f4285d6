package moment

import (
	"strings"
	"time"
)

// maybeTime reads the time of day after a date, if there is one.
func (s *scanner) maybeTime(w *written) string {
	if s.at == len(s.text) {
		return ""
	}
	switch {
	case s.eat('T'), s.eat('t'):
		if s.compact(w) {
			return s.zone(w)
		}
	default:
		comma := s.eat(',')
		if !s.blanks() && !comma {
			return noDate
		}
		if strings.EqualFold(s.word(), "at") {
			s.at += len("at")
			s.blanks()
		}
	}
	if why := s.clock(w); why != "" {
		return why
	}
	return s.zone(w)
}

// compact reads 100000 and 1000, as calendars write them.
func (s *scanner) compact(w *written) bool {
	before := s.at
	number, digits := s.number()
	switch digits {
	case 4:
		w.hour, w.minute = number/100, number%100
	case 6:
		w.hour, w.minute, w.second = number/10000, number/100%100, number%100
		s.fraction(w)
	default:
		s.at = before
		return false
	}
	w.timed = true
	return true
}

// beginsTime reports whether a time comes next, and not a year.
func (s *scanner) beginsTime() bool {
	return isDigit(s.peek()) && (s.after(1) == ':' || isDigit(s.after(1)) && s.after(2) == ':')
}

// clock reads 10:00, 10:00:00, 10:00:00.123 and 10:00 AM.
func (s *scanner) clock(w *written) string {
	if !s.pair(&w.hour, ':') {
		return noDate
	}
	if n, digits := s.number(); digits == 2 {
		w.minute = n
	} else {
		return noDate
	}
	if s.eat(':') {
		if n, digits := s.number(); digits == 2 {
			w.second = n
		} else {
			return noDate
		}
		s.fraction(w)
	}
	w.timed = true
	return s.half(w)
}

// fraction reads what is left of a second; digits beyond the ninth count for nothing.
func (s *scanner) fraction(w *written) {
	if c := s.peek(); c != '.' && c != ',' || !isDigit(s.after(1)) {
		return
	}
	s.at++
	unit := int(time.Second)
	for isDigit(s.peek()) {
		unit /= 10
		w.nanos += int(s.peek()-'0') * unit
		s.at++
	}
}

// half reads AM and PM.
func (s *scanner) half(w *written) string {
	before := s.at
	s.blanks()
	word := s.word()
	if !strings.EqualFold(word, "am") && !strings.EqualFold(word, "pm") {
		s.at = before
		return ""
	}
	s.at += len(word)
	if w.hour < 1 || w.hour > 12 {
		return noSuchTime
	}
	w.hour %= 12
	if strings.EqualFold(word, "pm") {
		w.hour += 12
	}
	return ""
}

// zone reads Z, +02:00, +0200, +02, EST, GMT+1, and what stands after it only to be
// read: [Europe/Berlin] and (Central European Time).
func (s *scanner) zone(w *written) string {
	s.blanks()
	word := s.word()
	if word != "" {
		seconds, known := letters[strings.ToUpper(word)]
		if !known {
			return noZone
		}
		s.at += len(word)
		w.offset = seconds
		if seconds != 0 {
			return s.remark()
		}
	}
	if c := s.peek(); c == '+' || c == '-' {
		s.at++
		if why := s.offset(w, c == '-'); why != "" {
			return why
		}
	}
	return s.remark()
}

func (s *scanner) offset(w *written, west bool) string {
	number, digits := s.number()
	minutes := 0
	switch digits {
	case 1, 2:
		if s.eat(':') {
			if minutes, digits = s.number(); digits != 2 {
				return noZone
			}
		}
	case 4:
		number, minutes = number/100, number%100
	default:
		return noZone
	}
	if number > 23 || minutes > 59 {
		return noZone
	}
	w.offset = number*3600 + minutes*60
	if west {
		w.offset = -w.offset
	}
	return ""
}

// remark passes over what says the zone once more.
func (s *scanner) remark() string {
	if s.peek() == '[' {
		end := strings.IndexByte(s.text[s.at:], ']')
		if end < 2 || strings.ContainsAny(s.text[s.at+1:s.at+end], " [(") {
			return noDate
		}
		s.at += end + 1
	}
	s.blanks()
	if s.peek() == '(' {
		end := strings.IndexByte(s.text[s.at:], ')')
		if end < 0 || strings.ContainsAny(s.text[s.at+1:s.at+end], "([") {
			return noDate
		}
		s.at += end + 1
		s.blanks()
	}
	return ""
}

// letters are the zones that are written in letters, in seconds east of UTC: those of
// RFC 822 with what they mean there, and others that mean one zone only. IST (India,
// Israel, Ireland) is none.
var letters = map[string]int{
	"Z": 0, "UT": 0, "UTC": 0, "GMT": 0, "WET": 0,
	"EST": -5 * 3600, "EDT": -4 * 3600, "CST": -6 * 3600, "CDT": -5 * 3600,
	"MST": -7 * 3600, "MDT": -6 * 3600, "PST": -8 * 3600, "PDT": -7 * 3600,
	"AKST": -9 * 3600, "AKDT": -8 * 3600, "HST": -10 * 3600,
	"WEST": 3600, "BST": 3600, "CET": 3600, "CEST": 2 * 3600, "EET": 2 * 3600, "EEST": 3 * 3600, "MSK": 3 * 3600,
	"JST": 9 * 3600, "KST": 9 * 3600, "AEST": 10 * 3600, "AEDT": 11 * 3600, "NZST": 12 * 3600, "NZDT": 13 * 3600,
}
