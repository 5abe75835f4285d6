package content

import (
	"encoding/base64"
	"strings"
	"testing"

	"workflows/worker/document"
)

// What the steps and the webhooks are held to is in their tests; these are the corners.
func TestContentIsDecodedByMarkDeclarationAndLabel(t *testing.T) {
	utf16 := func(text string) string {
		var b strings.Builder
		for _, r := range text {
			b.WriteByte(byte(r))
			b.WriteByte(byte(r >> 8))
		}
		return b.String()
	}
	for name, c := range map[string]struct{ label, sent, want string }{
		"UTF-16 with a mark":               {"application/json", "\xff\xfe" + utf16(`{"a":"ä"}`), `{"a":"ä"}`},
		"UTF-16 without":                   {"application/json", utf16(`{"a":"ä"}`), `{"a":"ä"}`},
		"UTF-16 by its label":              {"text/plain; charset=utf-16le", utf16("ä日"), `"ä日"`},
		"UTF-32 with a mark":               {"text/plain", "\xff\xfe\x00\x00a\x00\x00\x00", `"a"`},
		"a mark counts more than a label":  {"text/plain; charset=iso-8859-1", "\xef\xbb\xbfä", `"ä"`},
		"a label more than a declaration":  {"text/xml; charset=utf-8", "<?xml version='1.0' encoding='iso-8859-1'?><a>ä</a>", `"<?xml version='1.0' encoding='iso-8859-1'?><a>ä</a>"`},
		"a declaration":                    {"application/xml", "<?xml version='1.0' encoding='iso-8859-1'?><a>\xe4</a>", `"<?xml version='1.0' encoding='iso-8859-1'?><a>ä</a>"`},
		"a declaration that cannot be":     {"application/xml", "<?xml version='1.0' encoding='utf-16'?><a>ä</a>", `"<?xml version='1.0' encoding='utf-16'?><a>ä</a>"`},
		"HTML that declares":               {"text/html", "<meta charset=iso-8859-2>\xe6", `"<meta charset=iso-8859-2>ć"`},
		"UTF-16 with the first byte first": {"text/xml; charset=utf-16", "\x00<\x00a\x00/\x00>", `"<a/>"`},
		"one wrong byte":                   {"text/xml; charset=utf-16", "<\x00\x00\xd8>\x00", `"<` + "\ufffd" + `>"`},
		"a form in Latin-1":                {"application/x-www-form-urlencoded; charset=iso-8859-1", "n=M%FCller&x=\xe4", `{"n":"Müller","x":"ä"}`},
		"a list under payload":             {"application/x-www-form-urlencoded", "payload=%5B1%5D", `{"payload":[1]}`},
		"payload that has one":             {"application/x-www-form-urlencoded", `payload={"payload":1}`, `{"payload":1}`},
		"payload and more":                 {"application/x-www-form-urlencoded", `payload={"a":1}&b=2`, `{"b":"2","payload":"{\"a\":1}"}`},
		"payload that is a text":           {"application/x-www-form-urlencoded", `payload=hello`, `{"payload":"hello"}`},
		"lines of JSON are a text":         {"application/x-ndjson", "{\"a\":1}\n{\"a\":2}", `"{\"a\":1}\n{\"a\":2}"`},
		"text that is called bytes":        {"application/octet-stream", "hello", `"hello"`},
		"a picture that could be a text":   {"image/x-xbm", "#define", `"I2RlZmluZQ=="`},
		"a drawing is a text":              {"image/svg+xml", "<svg/>", `"<svg/>"`},
	} {
		assertGives(t, name, Reader{}.Read([]byte(c.sent), c.label).Value, nil, c.want)
	}
}

// A number that nothing can hold makes no text of the fields around it that nobody is
// told of.
func TestANumberThatIsTooLargeIsToldWhereverItStands(t *testing.T) {
	huge := `{"a":1e999999999}`
	part := "--x\r\nContent-Disposition: form-data; name=a\r\nContent-Type: application/json\r\n\r\n" + huge + "\r\n--x--\r\n"
	for name, c := range map[string]struct{ label, sent string }{
		"called JSON":         {"application/json", huge},
		"called a text":       {"text/plain", huge},
		"called nothing":      {"", huge},
		"a payload":           {"application/x-www-form-urlencoded", "payload=" + huge},
		"a part":              {"multipart/form-data; boundary=x", part},
		"a part of many more": {"multipart/form-data; boundary=x", strings.Replace(part, "name=a", "name=payload", 1)},
	} {
		read := Reader{}.Read([]byte(c.sent), c.label)
		if read.Err == nil || !strings.Contains(read.Note, "too large to be stored") {
			t.Errorf("%s: %+v", name, read)
		}
	}
}

func TestFilesOfAFormAreKeptUpToALimit(t *testing.T) {
	part := func(head, body string) string {
		return "--x\r\nContent-Disposition: form-data; " + head + "\r\n\r\n" + body + "\r\n"
	}
	label := "multipart/form-data; boundary=x"
	large := strings.Repeat("y", maxFile+1)
	sent := part(`name="a"`, "1") + part(`name="a"`, "2") + part(`name="f"; filename="ä.bin"`+"\r\nContent-Type: image/png", "\x00\xff") +
		part(`name="g"; filename="g"`, large) + part(`name="j"`+"\r\nContent-Type: application/json", `[1]`) + part(`name="l"`+"\r\nContent-Type: text/plain; charset=iso-8859-1", "\xe4") + "--x--\r\n"
	read := Reader{}.Read([]byte(sent), label)
	assertGives(t, "parts", read.Value, read.Err, `{"a":["1","2"],"f":{"data":"AP8=","name":"ä.bin","size":2,"type":"image/png"},"g":{"data":null,"name":"g","size":262145,"type":""},"j":[1],"l":"ä"}`)
	if !read.Form || read.Guessed {
		t.Errorf("%+v", read)
	}
	payload := Reader{}.Read([]byte(part(`name="payload"`, `{"a":1}`)+"--x--"), label)
	assertGives(t, "payload", payload.Value, payload.Err, `{"a":1,"payload":{"a":1}}`)

	files := strings.Repeat(part(`name="f"; filename="f"`, strings.Repeat("z", maxFile)), 5)
	kept := 0
	for _, file := range (Reader{}).Read([]byte(files+"--x--"), label).Value.(map[string]any)["f"].([]any) {
		if data, isText := file.(map[string]any)["data"].(string); isText && len(data) == base64.StdEncoding.EncodedLen(maxFile) {
			kept++
		}
	}
	if kept != 4 {
		t.Errorf("%d files of 256 kB are kept", kept)
	}
	most := Reader{}.Read([]byte(strings.Repeat(part(`name="a"`, ""), maxParts)+"--x--"), label)
	if fields, _ := most.Value.(map[string]any); most.Err != nil || len(fields["a"].([]any)) != maxParts {
		t.Errorf("of as many parts as may be %v is read", most.Err)
	}
	for name, c := range map[string]struct{ label, sent string }{
		"no boundary": {"multipart/form-data", sent}, "cut off": {label, sent[:len(sent)-20]}, "no form": {label, "hello"},
		"too many parts": {label, strings.Repeat(part(`name="a"`, ""), maxParts+1) + "--x--"},
	} {
		read := Reader{}.Read([]byte(c.sent), c.label)
		assertRefused(t, name, read.Err, "form could not be read")
		if text, isText := read.Value.(string); !isText || text == "" || read.Note == "" {
			t.Errorf("%s: %+v", name, read)
		}
	}
}

func TestContentIsReadAsSomebodyAsks(t *testing.T) {
	for name, c := range map[string]struct{ as, label, sent, want string }{
		"XML":                {"xml", "text/plain", "<a>1</a>", `{"a":"1"}`},
		"a table":            {"csv", "application/octet-stream", "a;b\n1;2", `[{"a":"1","b":"2"}]`},
		"lines of JSON":      {"json", "application/x-ndjson", "{\"a\":1}\n{\"a\":2}", `[{"a":1},{"a":2}]`},
		"a text":             {"text", "application/json", `{"a":1}`, `"{\"a\":1}"`},
		"by what it is":      {"auto", "application/json", `{"a":1}`, `{"a":1}`},
		"XML that is not":    {"xml", "text/xml", "<a>", `"<a>"`},
		"a form as it came":  {"text", "application/x-www-form-urlencoded", "a=1", `"a=1"`},
		"bytes, not a table": {"csv", "image/png", "\x00", `"AA=="`},
	} {
		read := Reader{As: c.as}.Read([]byte(c.sent), c.label)
		assertGives(t, name, read.Value, nil, c.want)
		if _, isText := read.Value.(string); isText && c.as != "text" && read.Note == "" {
			t.Errorf("%s: nothing says that it is not", name)
		}
	}
}

func FuzzReadContent(f *testing.F) {
	f.Add("application/json", `{"a":1}`)
	f.Add("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--x--")
	f.Add("application/x-www-form-urlencoded; charset=utf-16", "payload=%7b%7d")
	f.Fuzz(func(t *testing.T, label, sent string) {
		read := Reader{}.Read([]byte(sent), label)
		if value, ok := document.Storable(read.Value); !ok || !strings.EqualFold(string(document.JSON(value)), string(document.JSON(read.Value))) {
			t.Errorf("%q %q cannot be stored", label, sent)
		}
	})
}

// What is stored of content is looked through for secrets: it has to be readable.
func TestContentAsATextIsInUTF8(t *testing.T) {
	for name, c := range map[string]struct{ label, sent, want string }{
		"as it came":              {"application/json", "\ufeff{}", "\ufeff{}"},
		"in another set":          {"text/plain; charset=iso-8859-1", "\xe4", "ä"},
		"UTF-16":                  {"application/json", "\xff\xfe{\x00}\x00", "{}"},
		"a form in another set":   {"application/x-www-form-urlencoded; charset=iso-8859-1", "a=%E4&b=1", "a=%C3%A4&b=1"},
		"a form as it came":       {"application/x-www-form-urlencoded", "b=1&a=%E4", "b=1&a=%E4"},
		"bytes":                   {"image/png", "a\x00\xff", "a\ufffd\ufffd"},
		"a form beyond reading":   {"application/x-www-form-urlencoded; charset=iso-8859-1", "%zz", "%zz"},
		"text that says too much": {"text/plain; charset=utf-8", "\xe4", "\ufffd"},
	} {
		if got := Text([]byte(c.sent), c.label); got != c.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}
