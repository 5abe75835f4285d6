package content

import (
	"bytes"
	"mime"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"

	"workflows/models/columns"
)

// kind is what content is called: its media type in small letters, and what stands
// behind that.
type kind struct {
	media      string
	parameters map[string]string
}

func kindOf(contentType string) kind {
	media, parameters, err := mime.ParseMediaType(contentType)
	if err != nil {
		media, _, _ = strings.Cut(strings.ToLower(contentType), ";")
	}
	return kind{strings.TrimSpace(media), parameters}
}

func (k kind) isJSON() bool {
	return k.media == "application/json" || strings.HasSuffix(k.media, "+json") || k.media == "text/json"
}

func (k kind) isXML() bool {
	return k.media == "application/xml" || k.media == "text/xml" || strings.HasSuffix(k.media, "+xml")
}

// isText reports whether content of that kind is text, whatever its bytes are.
func (k kind) isText() bool {
	if k.isJSON() || k.isXML() || strings.HasPrefix(k.media, "text/") || strings.HasSuffix(k.media, "+yaml") {
		return true
	}
	switch k.media {
	case "application/javascript", formType, "application/yaml", "application/x-yaml", "application/graphql", "application/x-ndjson", "application/csv":
		return true
	}
	return false
}

// neverText reports whether content of that kind is none, even where it looks so.
func (k kind) neverText() bool {
	if k.isXML() {
		return false
	}
	for _, family := range []string{"image/", "audio/", "video/", "font/", "application/pdf", "application/zip", "application/gzip"} {
		if strings.HasPrefix(k.media, family) {
			return true
		}
	}
	return false
}

// Text is content as a text in UTF-8: what is in another character set is decoded, the
// fields of a form are written anew, and what cannot be stored is U+FFFD.
func Text(data []byte, contentType string) string {
	k := kindOf(contentType)
	from, length := markOf(data)
	if from == nil {
		from = k.encodingOf(data)
	}
	switch {
	case from == nil || length == len(bom) || k.neverText():
	case k.media == formType:
		if values, err := url.ParseQuery(string(data)); err == nil {
			return k.encoded(values)
		}
	default:
		return columns.Fit(decoded(from, data[length:]))
	}
	return columns.Fit(string(data))
}

// text decodes content by, in this order: its byte order mark, the
// character set that it is sent with, the one that XML or HTML declares, UTF-8, or the
// one that old programs mean: Windows-1252, which is guessed. Bytes that the character
// set does not have become U+FFFD. It is false where that is no text.
func (k kind) text(data []byte) (text string, guessed, ok bool) {
	if from, length := markOf(data); from != nil {
		return decoded(from, data[length:]), false, true
	}
	if from := k.encodingOf(data); from != nil {
		return decoded(from, data), false, true
	}
	switch {
	case k.neverText():
		return "", false, false
	case utf8.Valid(data) && (k.isText() || bytes.IndexByte(data, 0) < 0):
		return string(data), false, true
	case !k.isText():
		return "", false, false
	}
	return decoded(charmap.Windows1252, data), true, true
}

func decoded(from encoding.Encoding, data []byte) string {
	text, err := from.NewDecoder().Bytes(data)
	if err != nil {
		return strings.ToValidUTF8(string(data), "\ufffd")
	}
	return strings.ToValidUTF8(string(text), "\ufffd")
}

// markOf finds a byte order mark, and how long it is.
func markOf(data []byte) (encoding.Encoding, int) {
	switch {
	case bytes.HasPrefix(data, []byte(bom)):
		return unicode.UTF8, 3
	case bytes.HasPrefix(data, []byte{0xff, 0xfe, 0, 0}):
		return utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM), 4
	case bytes.HasPrefix(data, []byte{0, 0, 0xfe, 0xff}):
		return utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM), 4
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}):
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), 2
	case bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), 2
	}
	return nil, 0
}

// encodingOf is the character set that content is sent with or declares, nil for none
// that is known and for UTF-8.
func (k kind) encodingOf(data []byte) encoding.Encoding {
	if name := strings.ToLower(k.parameters["charset"]); name != "" && name != "utf-16" && name != "utf-32" {
		return named(name)
	}
	if from := withZeros(data); from != nil && (k.isText() || k.media == "") {
		return from
	}
	if name := k.parameters["charset"]; name != "" {
		return named(name)
	}
	if declared := declaration.FindSubmatch(data[:min(len(data), 300)]); declared != nil && !k.neverText() {
		// Whoever could read this declaration has not read UTF-16.
		if name := strings.ToLower(string(declared[1])); !strings.HasPrefix(name, "utf-16") && !strings.HasPrefix(name, "utf-32") {
			return named(name)
		}
		return nil
	}
	if k.media == "text/html" && !utf8.Valid(data) {
		if from, name, _ := charset.DetermineEncoding(data[:min(len(data), 1024)], ""); name != "utf-8" && name != "windows-1252" {
			return from
		}
	}
	return nil
}

var declaration = regexp.MustCompile(`^\s*<\?xml\s[^>]*encoding\s*=\s*["']([A-Za-z0-9._:-]+)["']`)

func named(name string) encoding.Encoding {
	switch strings.ToLower(strings.TrimSpace(name)) {
	case "utf-8", "utf8":
		return nil
	case "utf-32le":
		return utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM)
	case "utf-32", "utf-32be":
		return utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM)
	}
	from, err := htmlindex.Get(strings.TrimSpace(name))
	if err != nil {
		return nil
	}
	return from
}

// withZeros recognises UTF-16 and UTF-32 without a mark: the documents that we know
// begin with a letter below U+0080, whose other bytes are zeros.
func withZeros(data []byte) encoding.Encoding {
	if len(data) < 4 {
		return nil
	}
	switch zero := [4]bool{data[0] == 0, data[1] == 0, data[2] == 0, data[3] == 0}; zero {
	case [4]bool{true, false, true, false}:
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	case [4]bool{false, true, false, true}:
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case [4]bool{true, true, true, false}:
		return utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM)
	case [4]bool{false, true, true, true}:
		return utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM)
	}
	return nil
}
