package secrets

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// forms are the ways in which a value is commonly written: as it is, in JSON, in
// JSON inside of JSON, in a URL, in HTML, in a quoted Go text (logs), in base64
// and in hexadecimal.
func forms(value string) []string {
	list := []string{
		value, strings.TrimSpace(value),
		jsonText(value, false), jsonText(value, true), jsonText(jsonText(value, false), false), jsonText(jsonText(value, true), false),
		url.QueryEscape(value), url.PathEscape(value), lowerEscapes(url.QueryEscape(value)), lowerEscapes(url.PathEscape(value)),
		html.EscapeString(value), quoted(value), quoted(jsonText(value, false)), quoted(quoted(value)),
		base64.StdEncoding.EncodeToString([]byte(value)), base64.URLEncoding.EncodeToString([]byte(value)),
		hex.EncodeToString([]byte(value)), strings.ToUpper(hex.EncodeToString([]byte(value))),
	}
	for _, text := range []string{value, url.QueryEscape(value)} {
		for shift := range 3 {
			list = append(list, base64Core(base64.StdEncoding, text, shift), base64Core(base64.URLEncoding, text, shift))
		}
	}
	list = append(list, escapedSlashes(list)...)
	slices.Sort(list)
	return slices.DeleteFunc(slices.Compact(list), func(form string) bool { return len(form) < shortest })
}

func jsonText(text string, escapeHTML bool) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(escapeHTML)
	_ = encoder.Encode(text) // a text always can be
	return strings.TrimSuffix(strings.TrimPrefix(strings.TrimSuffix(b.String(), "\n"), `"`), `"`)
}

func quoted(text string) string {
	text = strconv.Quote(text)
	return text[1 : len(text)-1]
}

// lowerEscapes writes %2F as %2f, as some do.
func lowerEscapes(text string) string {
	b := []byte(text)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			copy(b[i+1:i+3], strings.ToLower(string(b[i+1:i+3])))
		}
	}
	return string(b)
}

// escapedSlashes are the forms with / written as \/, as some JSON writers do.
func escapedSlashes(list []string) []string {
	var more []string
	for _, form := range list {
		if strings.Contains(form, "/") {
			more = append(more, strings.ReplaceAll(form, "/", `\/`))
		}
	}
	return more
}

// base64Core is what is certain to be in the base64 of a longer text that holds
// the value, with shift bytes (modulo 3) before it: the characters at the edges
// depend on the neighbours too and are left out.
func base64Core(encoding *base64.Encoding, value string, shift int) string {
	text := encoding.WithPadding(base64.NoPadding).EncodeToString([]byte(strings.Repeat("\x00", shift) + value))
	from := (8*shift + 5) / 6
	to := 8 * (shift + len(value)) / 6
	if core := text[from:max(from, min(to, len(text)))]; len(core) >= 2*shortest {
		return core
	}
	return ""
}
