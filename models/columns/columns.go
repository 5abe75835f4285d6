// Package columns says what a column of either database can hold, and writes JSON
// as columns hold it. It lies below the models because packages that know no
// database need it too. It may import nothing of ours.
package columns

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Holds reports whether a text can be stored as it is. PostgreSQL takes UTF-8
// without U+0000; SQLite takes anything, which could then never move.
func Holds(text string) bool {
	return utf8.ValidString(text) && strings.IndexByte(text, 0) < 0
}

// Fit is the text with U+FFFD in place of what cannot be stored.
func Fit(text string) string {
	if Holds(text) {
		return text
	}
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\ufffd"), "\x00", "\ufffd")
}

// Hidden reports whether a character does not show, or turns the direction of what follows
// (U+202E), with which one text can look like another. Line breaks and tabs do.
func Hidden(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029' || r == '\u200b' || r == '\ufeff'
}

// Shown is what people write for others to read, without what is hidden in it; line breaks and
// tabs stay.
func Shown(text string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && Hidden(r) {
			return -1
		}
		return r
	}, text)
}

// FitWithin is Fit of the beginning of a text, of at most so many bytes; "…" says that there
// was more.
func FitWithin(text string, most int) string {
	if text = Fit(text); len(text) <= most {
		return text
	}
	end := most
	for end > 0 && !utf8.RuneStart(text[end]) { // within a character
		end--
	}
	return text[:end] + " …"
}

// Encode writes a value as one line of JSON. It is the only encoder there is:
// < > & stay readable, numbers keep their digits.
func Encode(value any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

// FitJSON is the JSON with U+FFFD in place of U+0000, which PostgreSQL keeps in no
// text. An escaped backslash that happens to stand before "u0000" is something else.
func FitJSON(data []byte) []byte {
	if !bytes.Contains(data, []byte(`\u0000`)) {
		return data
	}
	out := make([]byte, 0, len(data))
	for i := 0; i < len(data); i++ {
		if data[i] != '\\' || i+1 == len(data) {
			out = append(out, data[i])
			continue
		}
		if bytes.HasPrefix(data[i:], []byte(`\u0000`)) {
			out = append(out, `\ufffd`...)
			i += 5
			continue
		}
		out = append(out, data[i], data[i+1])
		i++
	}
	return out
}
