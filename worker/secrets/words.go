package secrets

import (
	"encoding/base64"
	"strings"
	"unicode"
	"unicode/utf8"
)

// shortWord is the length in bytes from which on a value is looked for anywhere.
// Shorter ones occur in other words and numbers by chance, so they have to stand
// alone, and are not taken for names of fields.
const shortWord = 8

// maxSignIn bounds the base64 in which a short value is looked for: a user name and
// a password fit.
const maxSignIn = 4 << 10

// alone reports whether the text from there to there has neither a letter nor a
// digit next to it, and is not the name of a field in JSON.
func alone(text string, from, to int) bool {
	before, after := text[max(0, from-6):from], text[to:min(to+3, len(text))]
	if r, _ := utf8.DecodeRuneInString(after); after != "" && alphanumeric(r) {
		return false
	}
	if strings.HasSuffix(before, `"`) && (strings.HasPrefix(after, `":`) || strings.HasPrefix(after, `\":`)) {
		return false
	}
	r, _ := utf8.DecodeLastRuneInString(before)
	return before == "" || !alphanumeric(r) || endsEscaped(before)
}

func alphanumeric(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// endsEscaped reports whether a text ends in \n, %20 or \u0022: those letters and
// digits stand for something else.
func endsEscaped(text string) bool {
	n := len(text)
	switch {
	case n >= 2 && text[n-2] == '\\':
		return strings.IndexByte("nrtbf", text[n-1]) >= 0
	case n >= 3 && text[n-3] == '%':
		return hexadecimal(text[n-2:])
	case n >= 6 && text[n-6:n-4] == `\u`:
		return hexadecimal(text[n-4:])
	}
	return false
}

func hexadecimal(text string) bool {
	return strings.Trim(text, "0123456789abcdefABCDEF") == ""
}

// signIns puts marks in the places of base64 that holds a short value, as the user
// name and password of a call do: such a value is too short to be seen in there.
func (m *matcher) signIns(text string) string {
	var out strings.Builder
	done := 0
	for i := 0; i < len(text); i++ {
		from := i
		for i < len(text) && inAlphabet(text[i]) {
			i++
		}
		if i-from < 2*shortest || i-from > maxSignIn {
			continue
		}
		mark := m.inside(text[from:i])
		if mark == "" {
			continue
		}
		for i < len(text) && text[i] == '=' {
			i++
		}
		out.WriteString(text[done:from])
		out.WriteString(mark)
		done = i
	}
	if done == 0 {
		return text
	}
	out.WriteString(text[done:])
	return out.String()
}

// inside is the mark of a value in what the base64 stands for, "" without one.
func (m *matcher) inside(encoded string) string {
	encoding := base64.RawStdEncoding
	if strings.ContainsAny(encoded, "-_") {
		encoding = base64.RawURLEncoding
	}
	// Most words are no base64 of a text: their first four characters tell.
	var start [3]byte
	if _, err := encoding.Decode(start[:], []byte(encoded[:4])); err != nil || start[0] < ' ' || start[0] == 0x7f {
		return ""
	}
	decoded, err := encoding.DecodeString(encoded)
	if err != nil || !utf8.Valid(decoded) {
		return ""
	}
	s := &search{matcher: m, text: string(decoded), words: true}
	if _, found := s.find(0); found >= 0 {
		return m.entries[found].of.mark
	}
	return ""
}

func inAlphabet(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '+' || c == '/' || c == '-' || c == '_'
}
