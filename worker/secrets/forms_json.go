package secrets

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// jsonStyle is how a program writes a text in JSON.
type jsonStyle struct {
	also    string // what it writes as \u0026 besides
	ascii   bool   // nothing but ASCII
	special [utf8.RuneSelf]bool
}

func jsonStyleOf(also string, ascii bool) jsonStyle {
	s := jsonStyle{also: also, ascii: ascii}
	for c := range s.special {
		s.special[c] = c < ' ' || c == '"' || c == '\\' || ascii && c > '~' || strings.IndexByte(also, byte(c)) >= 0
	}
	return s
}

var (
	plainest = jsonStyleOf("", false)
	inGo     = jsonStyleOf("<>&", false)
	// jsonStyles begin with the plainest.
	jsonStyles = []jsonStyle{
		plainest,
		jsonStyleOf("\u2028\u2029", false),
		jsonStyleOf("<>&\u2028\u2029", false), // Go
		jsonStyleOf("", true),
		jsonStyleOf("<>&", true), // Python, Ruby on Rails
		jsonStyleOf("<>&'\"", true),
		jsonStyleOf("<>&'\"+`", true), // PHP, .NET
	}
)

// jsonForms are a text in JSON as different programs write it, without its
// quotation marks; the plainest is the first.
func jsonForms(text string) []string {
	var all []string
	for i := range jsonStyles {
		form := jsonText(text, &jsonStyles[i])
		all = append(all, form, upperEscapes(form))
	}
	return different(withSlashes(all...))
}

// withSlashes are the forms, and those with / written as \/ besides.
func withSlashes(forms ...string) []string {
	all := append([]string(nil), forms...)
	for _, form := range forms {
		if strings.Contains(form, "/") {
			all = append(all, strings.ReplaceAll(form, "/", `\/`))
		}
	}
	return all
}

func jsonText(text string, style *jsonStyle) string {
	var b strings.Builder
	done := 0
	for i := 0; i < len(text); {
		r, size := rune(text[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(text[i:])
			if !style.ascii && !strings.ContainsRune(style.also, r) {
				i += size
				continue
			}
		} else if !style.special[text[i]] {
			i++
			continue
		}
		b.WriteString(text[done:i])
		i += size
		done = i
		escape(&b, r, style)
	}
	if done == 0 {
		return text
	}
	b.WriteString(text[done:])
	return b.String()
}

func escape(b *strings.Builder, r rune, style *jsonStyle) {
	if short := strings.IndexRune("\"\\\n\r\t\b\f", r); short >= 0 && !strings.ContainsRune(style.also, r) {
		b.WriteByte('\\')
		b.WriteByte(`"\nrtbf`[short])
		return
	}
	if first, second := utf16.EncodeRune(r); first != utf8.RuneError {
		numbered(b, first)
		r = second
	}
	numbered(b, r)
}

func numbered(b *strings.Builder, unit rune) {
	const digits = "0123456789abcdef"
	b.WriteString(`\u`)
	for shift := 12; shift >= 0; shift -= 4 {
		b.WriteByte(digits[unit>>shift&15])
	}
}

// upperEscapes writes \u00e4 as \u00E4, as some do.
func upperEscapes(text string) string {
	if !strings.Contains(text, `\u`) {
		return text
	}
	b := []byte(text)
	for i := 0; i+5 < len(b); i++ {
		if b[i] != '\\' {
			continue
		}
		if b[i+1] == 'u' {
			copy(b[i+2:i+6], strings.ToUpper(string(b[i+2:i+6])))
		}
		i++
	}
	return string(b)
}
