package failures

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// shapeRead is how much of a message is looked at, in bytes; what tells causes apart stands at
	// its beginning.
	shapeRead = 1000
	// codeAnswered is that of failures whose quotes are what a server has answered, one of few,
	// and no value.
	codeAnswered = "unexpected_status"
	// some stands in the shape for whatever differs from run to run.
	some = "#"
)

// Fingerprint names the cause of a failure: the same for all runs of a workflow that failed
// at the same step with the same code and the same words, whatever ids, numbers, times,
// quoted values and parameters of addresses stand among these.
func Fingerprint(stepID, code, message string) string {
	sum := sha256.Sum256([]byte(stepID + "\x00" + code + "\x00" + shape(message, code == codeAnswered)))
	return hex.EncodeToString(sum[:16])
}

// shape is a message without what differs from run to run.
func shape(message string, quotes bool) string {
	message = strings.ToValidUTF8(message, "") // first: else it told apart what is cut
	if len(message) > shapeRead {
		message = strings.ToValidUTF8(message[:shapeRead], "")
	}
	var words []string
	add := func(word string) {
		last := ""
		if len(words) > 0 {
			last = words[len(words)-1]
		}
		switch {
		case word == "" || last == some && (word == some || ofATime(word)):
		case word == some && ofATime(last):
			words[len(words)-1] = some
		case last == some && len(word) > 3: // “1 row”, “2 rows”
			words = append(words, strings.TrimSuffix(word, "s"))
		default:
			words = append(words, word)
		}
	}
	for message != "" {
		if !quotes {
			if length := quoted(message); length > 0 {
				add(some)
				message = message[length:]
				continue
			}
		}
		length := wordLength(message, quotes)
		if length == 0 { // a space, a mark or a quote that stands alone
			_, length = utf8.DecodeRuneInString(message)
		} else {
			add(plainWord(message[:length]))
		}
		message = message[length:]
	}
	return strings.Join(words, " ")
}

// closing is the end of the quotes that begin with a character; 0 where it begins none.
func closing(begin rune) rune {
	switch begin {
	case '“':
		return '”'
	case '„':
		return '“'
	case '‘':
		return '’'
	case '«':
		return '»'
	case '"', '`', '\'':
		return begin
	}
	return 0
}

// quoted is how long the quoted value is with which a text begins, with its quotes; 0 where
// it begins with none.
func quoted(text string) int {
	begin, size := utf8.DecodeRuneInString(text)
	end := closing(begin)
	if end == 0 {
		return 0
	}
	depth := 1
	for at, r := range text[size:] {
		switch r {
		case end:
			if depth--; depth == 0 {
				return size + at + utf8.RuneLen(r)
			}
		case begin:
			depth++
		}
	}
	return 0
}

// wordLength is how long the word is with which a text begins: up to a space or a quote. An
// apostrophe within a word is part of it.
func wordLength(text string, quotes bool) int {
	for at, r := range text {
		if unicode.IsSpace(r) || closing(r) != 0 && (at == 0 || r != '\'' && r != '‘') && !quotes {
			return at
		}
	}
	return len(text)
}

// plainWord is a word without what differs; "" where nothing is left.
func plainWord(word string) string {
	word = strings.ToLower(strings.TrimFunc(word, func(r rune) bool { return unicode.IsPunct(r) || unicode.IsSymbol(r) }))
	switch {
	case strings.Contains(word, "://"):
		return plainAddress(word)
	case strings.Contains(word, "@"), differs(word):
		return some
	}
	return word
}

// plainAddress is an address without its parameters, and without the parts of its path that
// differ.
func plainAddress(address string) string {
	if end := strings.IndexAny(address, "?#"); end >= 0 {
		address = address[:end]
	}
	parts := strings.Split(address, "/")
	for i, part := range parts {
		if differs(part) || strings.Contains(part, "@") {
			parts[i] = some
		}
	}
	return strings.TrimRight(strings.Join(parts, "/"), "/")
}

// hexLength is from which length on a word of the letters a to f is an id.
const hexLength = 8

// differs reports whether a word is a number, a time or an id.
func differs(word string) bool {
	return strings.ContainsFunc(word, unicode.IsNumber) || len(word) >= hexLength && strings.Trim(word, "abcdef-") == ""
}

// timeWords are those that stand beside the numbers of a time or a length.
const timeWords = " mon tue wed thu fri sat sun monday tuesday wednesday thursday friday saturday sunday" +
	" jan feb mar apr may jun jul aug sep oct nov dec january february march april june july august september october november december" +
	" ms s sec min h d second seconds minute minutes hour hours day days week weeks am pm utc gmt "

func ofATime(word string) bool { return strings.Contains(timeWords, " "+word+" ") }
