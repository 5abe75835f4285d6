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
		list.add(withSlashes(jsonText(plainJSON, &plainest))...)
		if len(text) > maxTwice {
			continue
		}
		for _, once := range inJSON {
			list.add(withSlashes(jsonText(once, &plainest), jsonText(once, &inGo))...)
		}
		list.add(jsonText(jsonText(plainJSON, &plainest), &plainest))
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

// percentStyle is how a program writes a text in a URL.
type percentStyle struct {
	kept  [256]bool // written as they are
	space string
}

func percentStyleOf(keep, space string) percentStyle {
	s := percentStyle{space: space}
	for c := range s.kept {
		s.kept[c] = 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-_."+keep, byte(c)) >= 0
	}
	return s
}

// percentStyles are those of net/url and RFC 3986; of JavaScript, Python and paths; of
// PHP and browsers.
var percentStyles = []percentStyle{
	percentStyleOf("~", "+"), percentStyleOf("~", "%20"),
	percentStyleOf("~!'()*", "%20"), percentStyleOf("~/", "%20"), percentStyleOf("~$&+=:@", "%20"),
	percentStyleOf("", "+"), percentStyleOf("*", "+"), percentStyleOf("~!'()*", "+"),
}

// percentForms are a text in a URL or a web form: space as + or as %20, and the
// characters that one or the other leaves as they are.
func percentForms(text string) []string {
	var all []string
	for i := range percentStyles {
		all = append(all, percentStyles[i].write(text))
	}
	all = different(all)
	for _, form := range all {
		all = append(all, lowerEscapes(form))
	}
	return different(all)
}

func (s *percentStyle) write(text string) string {
	const digits = "0123456789ABCDEF"
	b := make([]byte, 0, len(text)+len(text)/4)
	for i := range len(text) {
		switch c := text[i]; {
		case s.kept[c]:
			b = append(b, c)
		case c == ' ':
			b = append(b, s.space...)
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

// markup is what HTML and XML write in one way only.
var markup = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// htmlForms are a text in HTML or XML; quotation marks have many names there.
func htmlForms(text string) []string {
	all := []string{markup.Replace(text)}
	all = named(all, `"`, "&#34;", "&quot;", `"`)
	return named(all, "'", "&#39;", "&#x27;", "&apos;", "&#039;", "'")
}

// named are the texts with a character written by each of its names.
func named(texts []string, character string, names ...string) []string {
	if !strings.Contains(texts[0], character) {
		return texts // then none of them has it
	}
	var all []string
	for _, text := range texts {
		for _, name := range names {
			all = append(all, strings.ReplaceAll(text, character, name))
		}
	}
	return all
}

func inBase64(text string) []string {
	return append([]string{base64.StdEncoding.EncodeToString([]byte(text)), base64.URLEncoding.EncodeToString([]byte(text))}, cores(text)...)
}

// forURLs makes the base64 of URLs out of the other.
var forURLs = strings.NewReplacer("+", "-", "/", "_")

// cores are what is certain to be in the base64 of a longer text that holds this
// one, with any number of bytes before it: the characters at the edges depend on
// the neighbours too and are left out.
func cores(text string) []string {
	var all []string
	shifted := []byte("\x00\x00" + text)
	for shift := range 3 {
		encoded := base64.RawStdEncoding.EncodeToString(shifted[2-shift:])
		from := (8*shift + 5) / 6
		to := 8 * (shift + len(text)) / 6
		if core := encoded[from:max(from, min(to, len(encoded)))]; len(core) >= 2*shortest {
			all = append(all, core, forURLs.Replace(core))
		}
	}
	return slices.Concat(all, withSlashes(all...)[len(all):])
}
