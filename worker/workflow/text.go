package workflow

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// shorten cuts a text for use in a sentence.
func shorten(text string, limit int) string {
	if utf8.RuneCountInString(text) <= limit {
		return text
	}
	runes := []rune(text)
	return string(runes[:limit-1]) + "…"
}

// hiddenCharacter finds a character that does not show or that turns the
// direction of what follows (U+202E), with which one name can look like another.
func hiddenCharacter(text string, lineBreaks bool) (rune, bool) {
	for _, r := range text {
		switch {
		case lineBreaks && (r == '\n' || r == '\t' || r == '\r'):
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r),
			r == '\u2028', r == '\u2029', r == '\u200b', r == '\ufeff':
			return r, true
		}
	}
	return 0, false
}

// maxPersonName is how long the name of a person may be, in characters.
const maxPersonName = 100

// CheckPersonName says what is wrong with the name that somebody gives themselves,
// in a sentence; "" is a good one.
func CheckPersonName(name string) string {
	if strings.TrimSpace(name) == "" {
		return "Enter your name."
	}
	if utf8.RuneCountInString(name) > maxPersonName {
		return "Enter a name of at most 100 characters."
	}
	if _, hidden := hiddenCharacter(name, false); hidden {
		return "Enter a name without invisible characters."
	}
	return ""
}

// likely returns the candidate that was probably meant, or "".
func likely(given string, candidates []string) string {
	best, distance := "", 3
	for _, candidate := range candidates {
		if strings.EqualFold(given, candidate) {
			return candidate
		}
		d := editDistance(strings.ToLower(given), candidate)
		if d < distance && d <= max(1, len(candidate)/3) {
			best, distance = candidate, d
		}
	}
	return best
}

// didYouMean is the end of a sentence that names the likely candidate.
func didYouMean(given string, candidates []string) string {
	if best := likely(given, candidates); best != "" {
		return " Did you mean “" + best + "”?"
	}
	return ""
}

func editDistance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return 64
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := diagonal
			if a[i-1] != b[j-1] {
				cost = 1 + min(diagonal, row[j], row[j-1])
			}
			diagonal, row[j] = row[j], cost
		}
	}
	return row[len(b)]
}

// joinOr reads "a, b or c".
func joinOr(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}

// sentenceError is an error whose text is meant for people as it stands.
type sentenceError string

func (e sentenceError) Error() string { return string(e) }

func sentence(format string, args ...any) error {
	return sentenceError(fmt.Sprintf(format, args...))
}
