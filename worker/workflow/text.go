package workflow

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"workflows/models/columns"
)

// hiddenCharacter finds a character that is hidden, see columns.Hidden.
func hiddenCharacter(text string, lineBreaks bool) (rune, bool) {
	for _, r := range text {
		switch {
		case lineBreaks && (r == '\n' || r == '\t' || r == '\r'):
		case columns.Hidden(r):
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
