// Package words makes words of texts. What is stored to be found and what somebody looks
// for go through the same function, so that neither database decides what a word is, and
// both find the same.
//
// It may import nothing of ours.
package words

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	// longest is how many bytes of a word count.
	longest = 64
	// Most bounds how many words of a search are looked for.
	Most = 16
	// shortestBeginning is from how many bytes on the last word of a search may be the
	// beginning of one: nearly everything has a word that begins with a given letter.
	shortestBeginning = 3
)

// unspaced are scripts that put no spaces between words: each letter is a word there.
var unspaced = []*unicode.RangeTable{unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar}

// plainly is how those type letters from which no accent can be taken who have no key for them.
var plainly = strings.NewReplacer("ß", "ss", "ł", "l", "ø", "o", "đ", "d", "ð", "d", "þ", "th", "æ", "ae", "œ", "oe", "ı", "i", "ħ", "h", "ŧ", "t", "ŋ", "n", "ς", "σ")

// Of are the words of a text in their order: letters and digits of any script, without
// case and accents. Whatever else stands there divides them.
func Of(text string) []string {
	var found []string
	for _, word := range strings.FieldsFunc(folded(text), func(letter rune) bool { return !inWord(letter) }) {
		for len(word) > 0 {
			n := strings.IndexFunc(word, isUnspaced)
			switch {
			case n < 0:
				n = len(word)
			case n == 0:
				_, n = utf8.DecodeRuneInString(word)
			}
			found = append(found, cut(word[:n]))
			word = word[n:]
		}
	}
	return found
}

// folded is a text without case and accents.
func folded(text string) string {
	ascii := strings.IndexFunc(text, func(letter rune) bool { return letter >= utf8.RuneSelf }) < 0
	if ascii {
		return strings.ToLower(text)
	}
	text = strings.Map(func(letter rune) rune {
		if unicode.In(letter, unicode.Mn, unicode.Me, unicode.Cf) { // accents, and what only says how letters join
			return -1
		}
		return letter
	}, norm.NFKD.String(text))
	return plainly.Replace(strings.ToLower(text))
}

func inWord(letter rune) bool {
	if letter < utf8.RuneSelf {
		return 'a' <= letter && letter <= 'z' || '0' <= letter && letter <= '9'
	}
	return unicode.In(letter, unicode.L, unicode.N, unicode.Mc)
}

func isUnspaced(letter rune) bool {
	return letter >= utf8.RuneSelf && unicode.In(letter, unspaced...)
}

// cut is the beginning of a word that is longer than any that somebody types.
func cut(word string) string {
	if len(word) <= longest {
		return word
	}
	return strings.ToValidUTF8(word[:longest], "")
}

// Sought is what a search asks for: all of the phrases, in any order. A phrase is what
// was typed without a space, such as an address or “A-4711”: its words stand one behind
// the other.
type Sought [][]string

// Begins reports whether the last word of a search may be the beginning of one.
func Begins(word string) bool { return len(word) >= shortestBeginning }
