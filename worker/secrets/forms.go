package secrets

import (
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
)

// maxForms bounds how many ways of writing one value are looked for. A value of
// letters and digits has six, one in base64 fifty, a private key 240.
const maxForms = 400

// maxTwice is the length of the longest value that is looked for in one way of
// writing inside of another: longer ones are keys and certificates.
const maxTwice = 4 << 10

// forms are the ways in which a value is commonly written, the likely ones first:
// as it is, in JSON, in JSON inside of JSON, in a URL, in HTML, in a quoted Go
// text (logs), in base64 and in hexadecimal. The same value has the same forms in
// the same order, always.
func forms(value string) []string {
	list := &list{seen: map[string]bool{}}
	for _, text := range lineEnds(value) {
		list.add(text)
		inJSON := jsonForms(text)
		plainJSON := inJSON[0]
		inURL := percentForms(text)
		list.add(inJSON...)
		list.add(inURL...)
		list.add(htmlForms(text)...)
		list.add(quoted(text), quoted(plainJSON), quoted(quoted(text)))
		list.add(inBase64(text)...)
		list.add(cores(plainJSON)...)
		inHex := hex.EncodeToString([]byte(text))
		list.add(inHex, strings.ToUpper(inHex))
		list.add(withSlashes(jsonText(plainJSON, jsonStyle{}))...)
		if len(text) > maxTwice {
			continue
		}
		for _, once := range inJSON {
			list.add(withSlashes(jsonText(once, jsonStyle{}), jsonText(once, jsonStyle{also: "<>&"}))...)
		}
		list.add(jsonText(jsonText(plainJSON, jsonStyle{}), jsonStyle{}))
		list.add(percentForms(plainJSON)...)
		list.add(htmlForms(plainJSON)...)
		for _, once := range inURL[:min(2, len(inURL))] {
			list.add(percentForms(once)...)
		}
		for _, within := range slices.Concat(inURL, inJSON) {
			list.add(cores(within)...)
		}
	}
	return list.texts
}

// list keeps each text that is long enough once.
type list struct {
	texts []string
	seen  map[string]bool
}

func (l *list) add(texts ...string) {
	for _, text := range texts {
		if len(text) >= shortest && len(l.texts) < maxForms && !l.seen[text] {
			l.seen[text] = true
			l.texts = append(l.texts, text)
		}
	}
}

// lineEnds are the value, as it is and without what surrounds it, with the ends of
// lines as different systems write them.
func lineEnds(value string) []string {
	var all []string
	for _, text := range []string{value, strings.TrimSpace(value)} {
		unix := strings.ReplaceAll(text, "\r\n", "\n")
		all = append(all, text, unix, strings.ReplaceAll(unix, "\n", "\r\n"))
	}
	return different(all)
}

// different are the texts, each once, in the order in which they come.
func different(texts []string) []string {
	var all []string
	for _, text := range texts {
		if !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	return all
}

func quoted(text string) string {
	text = strconv.Quote(text)
	return text[1 : len(text)-1]
}

// percentForms are a text in a URL or a web form: space as + or as %20, and the
// characters that one or the other leaves as they are.
func percentForms(text string) []string {
	all := []string{
		percent(text, "~", "+"), percent(text, "~", "%20"), // net/url and RFC 3986
		percent(text, "~!'()*", "%20"), percent(text, "~/", "%20"), percent(text, "~$&+=:@", "%20"), // JavaScript, Python, paths
		percent(text, "", "+"), percent(text, "*", "+"), percent(text, "~!'()*", "+"), // PHP, browsers
	}
	all = different(all)
	for _, form := range all {
		all = append(all, lowerEscapes(form))
	}
	return different(all)
}

func percent(text, keep, space string) string {
	const digits = "0123456789ABCDEF"
	b := make([]byte, 0, len(text)+len(text)/4)
	for i := range len(text) {
		switch c := text[i]; {
		case 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_' || c == '.' || strings.IndexByte(keep, c) >= 0:
			b = append(b, c)
		case c == ' ':
			b = append(b, space...)
		default:
			b = append(b, '%', digits[c>>4], digits[c&15])
		}
	}
	return string(b)
}

// lowerEscapes writes %2F as %2f, as some do.
func lowerEscapes(text string) string {
	b := []byte(text)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			b[i+1], b[i+2] = lower(b[i+1]), lower(b[i+2])
			i += 2
		}
	}
	return string(b)
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// htmlForms are a text in HTML or XML; quotation marks have many names there.
func htmlForms(text string) []string {
	var all []string
	for _, double := range []string{"&#34;", "&quot;", `"`} {
		for _, single := range []string{"&#39;", "&#x27;", "&apos;", "&#039;", "'"} {
			all = append(all, strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, double, "'", single).Replace(text))
		}
	}
	return different(all)
}

func inBase64(text string) []string {
	return append([]string{base64.StdEncoding.EncodeToString([]byte(text)), base64.URLEncoding.EncodeToString([]byte(text))}, cores(text)...)
}

// cores are what is certain to be in the base64 of a longer text that holds this
// one, with any number of bytes before it: the characters at the edges depend on
// the neighbours too and are left out.
func cores(text string) []string {
	var all []string
	for shift := range 3 {
		for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			encoded := encoding.EncodeToString([]byte(strings.Repeat("\x00", shift) + text))
			from := (8*shift + 5) / 6
			to := 8 * (shift + len(text)) / 6
			if core := encoded[from:max(from, min(to, len(encoded)))]; len(core) >= 2*shortest {
				all = append(all, core)
			}
		}
	}
	return slices.Concat(all, withSlashes(all...)[len(all):])
}
