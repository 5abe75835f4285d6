package moment

import (
	"strings"
)

// scanner goes through a text once. What does not fit is not eaten.
type scanner struct {
	text string
	at   int
}

func (s *scanner) peek() byte { return s.after(0) }

// after is the byte so many places on; 0 is the end.
func (s *scanner) after(places int) byte {
	if s.at+places >= len(s.text) {
		return 0
	}
	return s.text[s.at+places]
}

func (s *scanner) eat(c byte) bool {
	if s.peek() != c {
		return false
	}
	s.at++
	return true
}

// number reads up to nine digits, and says how many they are.
func (s *scanner) number() (number, digits int) {
	for digits < 9 && isDigit(s.peek()) {
		number = number*10 + int(s.peek()-'0')
		s.at++
		digits++
	}
	return number, digits
}

func (s *scanner) upToTwo(number *int) bool {
	n, digits := s.number()
	*number = n
	return digits == 1 || digits == 2
}

// pair reads a number of up to two digits and what stands after it.
func (s *scanner) pair(number *int, separator byte) bool {
	return s.upToTwo(number) && s.eat(separator)
}

// blanks passes over blanks, those that do not break among them, which browsers write
// before AM.
func (s *scanner) blanks() bool {
	before := s.at
	for {
		switch rest := s.text[s.at:]; {
		case rest != "" && (rest[0] == ' ' || rest[0] == '\t'):
			s.at++
		case strings.HasPrefix(rest, "\u00a0"):
			s.at += len("\u00a0")
		case strings.HasPrefix(rest, "\u202f"):
			s.at += len("\u202f")
		default:
			return s.at > before
		}
	}
}

// word is the letters that come next.
func (s *scanner) word() string {
	end := s.at
	for end < len(s.text) && isLetter(s.text[end]) {
		end++
	}
	return s.text[s.at:end]
}

// weekday reads Sat, Sat., Saturday; which day it is counts for nothing, since many
// programs write the wrong one.
func (s *scanner) weekday() bool {
	word := s.word()
	for _, name := range [...]string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"} {
		if len(word) >= 3 && len(word) <= len(name) && strings.EqualFold(word, name[:len(word)]) {
			s.at += len(word)
			s.eat('.')
			return true
		}
	}
	return false
}

// month reads Nov, Nov., Sept, November.
func (s *scanner) month(w *written) bool {
	s.blanks()
	word := s.word()
	for i, name := range [...]string{"january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"} {
		if (len(word) == 3 || len(word) == 4 && i == 8 || len(word) == len(name)) && len(word) <= len(name) && strings.EqualFold(word, name[:len(word)]) {
			s.at += len(word)
			s.eat('.')
			w.month = i + 1
			return true
		}
	}
	return false
}

// ordinalEnding passes over the letters of 1st, 2nd, 3rd, 4th.
func (s *scanner) ordinalEnding() {
	switch word := s.word(); strings.ToLower(word) {
	case "st", "nd", "rd", "th":
		s.at += len(word)
	}
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
