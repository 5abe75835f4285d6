package feed

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"unicode/utf16"

	"workflows/worker/document"
)

func load(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func read(t *testing.T, text, label string) Feed {
	t.Helper()
	f, err := Read([]byte(text), label, "https://lake.example.com/feed.xml")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func shown(t *testing.T, value any) string {
	t.Helper()
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(data))
}

func TestEveryKindOfFeedGivesTheSameFields(t *testing.T) {
	for name, want := range map[string][]string{
		"rss2.xml": {
			`"The Lake House"`,
			`{"ID":"lake-2","Identity":"lake-2","Title":"Boats & birds, a List<T>","Link":"https://lake.example.com/boats","Summary":"<p>Short</p>","Content":"<p>Long & wide</p>","Author":"Ada","Published":"2021-09-06T10:00:00+02:00","Updated":null,"Categories":["Boats","Birds"],"Enclosures":[{"URL":"https://lake.example.com/a.mp3","Type":"audio/mpeg","Length":"123"}]}`,
			`{"ID":"https://lake.example.com/plain","Identity":"https://lake.example.com/plain","Title":"Without a guid","Link":"https://lake.example.com/plain","Summary":"","Content":"","Author":"","Published":"2021-09-06T10:00:00-05:00","Updated":null,"Categories":null,"Enclosures":null}`,
			`"ID":"same","Identity":"same https://lake.example.com/a"`,
			`"ID":"same","Identity":"same https://lake.example.com/b"`,
			`"Summary":"Nothing but this"`,
		},
		"atom.xml": {
			`"Notes — daily"`,
			`{"ID":"tag:notes.example.com,2026:1","Identity":"tag:notes.example.com,2026:1","Title":"a <i>","Link":"https://notes.example.com/1","Summary":"First","Content":"<p>Whole</p>","Author":"Bob","Published":"2026-11-28T10:00:00Z","Updated":"2026-11-28T12:00:00+01:00","Categories":null,"Enclosures":null}`,
		},
		"rdf.xml": {
			`"Old"`,
			`{"ID":"https://old.example.com/1","Identity":"https://old.example.com/1","Title":"One","Link":"https://old.example.com/1","Summary":"","Content":"","Author":"","Published":"2002-09-28T21:00:09+01:00"`,
		},
		"feed.json": {
			`"JSON"`,
			`{"ID":"1","Identity":"1","Title":"One","Link":"https://json.example.com/1","Summary":"s","Content":"<p>x</p>","Author":"Eve","Published":"2026-11-28T10:00:00Z","Updated":null,"Categories":["a"],"Enclosures":[{"URL":"https://json.example.com/a.pdf","Type":"application/pdf","Length":"7"}]}`,
			`"ID":"2","Identity":"2","Title":"","Link":"","Summary":"","Content":"text only"`,
		},
	} {
		f := read(t, load(t, name), "")
		got := []string{shown(t, f.Title)}
		for _, item := range f.Items {
			got = append(got, shown(t, item))
		}
		if len(got) != len(want) {
			t.Errorf("%s has %d entries", name, len(got)-1)
			continue
		}
		for i := range want {
			if !strings.Contains(got[i], want[i]) {
				t.Errorf("%s: %s\nwant %s", name, got[i], want[i])
			}
		}
	}
}

// A site that gives all its entries one guid and no link loses none of them.
func TestEntriesThatASiteCallsAlikeAreToldApart(t *testing.T) {
	f := read(t, `<rss version="2.0"><channel><title>x</title>
		<item><guid>1</guid><title>First</title></item>
		<item><guid>1</guid><title>Second</title></item>
		<item><guid>1</guid><title>Second</title></item>
		<item><guid>1</guid><link>/a</link><title>Third</title></item>
		<item><guid>1</guid><link>/a</link><title>Fourth</title></item>
	</channel></rss>`, "")
	identities := map[string]bool{}
	for _, item := range f.Items {
		identities[item.Identity] = true
	}
	if len(f.Items) != 5 || len(identities) != 4 {
		t.Errorf("%d entries are %d: %v", len(f.Items), len(identities), identities)
	}
}

// One wrong byte, or another character set, must not lose the whole feed.
func TestFeedsAreDecodedBeforeTheyAreRead(t *testing.T) {
	text := load(t, "rss2.xml")
	wide := []byte{0xff, 0xfe}
	for _, unit := range utf16.Encode([]rune(text)) {
		wide = append(wide, byte(unit), byte(unit>>8))
	}
	for name, c := range map[string]struct{ text, label, title string }{
		"UTF-16":                          {string(wide), "application/rss+xml", "Without a guid"},
		"UTF-16 that is none":             {strings.Replace(text, "UTF-8", "utf-16", 1), "", "Without a guid"},
		"Latin-1 by its declaration":      {strings.NewReplacer("UTF-8", "ISO-8859-1", "Without", "\xc4hne").Replace(text), "text/xml", "Ähne a guid"},
		"Latin-1 by its label":            {strings.Replace(text, "Without", "\xc4hne", 1), "text/xml; charset=iso-8859-1", "Ähne a guid"},
		"one wrong byte":                  {strings.Replace(text, "Without", "W\xffithout", 1), "application/rss+xml", "W\ufffdithout a guid"},
		"a character that XML has not":    {strings.Replace(text, "Without", "W\x0bithout", 1), "", "Without a guid"},
		"blank lines before, and a mark":  {"\ufeff\n\n" + text, "", "Without a guid"},
		"entities of HTML":                {strings.Replace(text, "Without", "With&nbsp;&uuml;", 1), "", "With ü a guid"},
		"a web page, says its server":     {text, "text/html; charset=utf-8", "Without a guid"},
		"a document type of its own":      {strings.Replace(text, "<rss", "<!DOCTYPE rss [<!ENTITY x \"y\">]>\n<rss", 1), "", "Without a guid"},
		"JSON with a byte order mark":     {"", "", ""},
		"a picture, says its server":      {text, "image/png", "Without a guid"},
		"with references beyond all XML":  {strings.Replace(text, "Without", "With&#11;out", 1), "", "Without a guid"},
		"a declaration with single marks": {strings.Replace(text, `"UTF-8"`, `'utf-8'`, 1), "", "Without a guid"},
	} {
		if c.text == "" {
			if f := read(t, "\ufeff"+load(t, "feed.json"), ""); len(f.Items) != 2 {
				t.Errorf("%s: %+v", name, f)
			}
			continue
		}
		f, err := Read([]byte(c.text), c.label, "https://lake.example.com/feed.xml")
		if err != nil || len(f.Items) != 5 || f.Items[1].Title != c.title {
			t.Errorf("%s: %+v %v", name, f.Items, err)
		}
	}
}

func TestWhatIsNoFeedIsSaidInWords(t *testing.T) {
	for text, want := range map[string]string{
		"": "nothing",
		"<!doctype html><html><body>Hello</body></html>": "web page",
		"hello":                "no feed",
		`{"a": 1}`:             "no feed",
		"<rss><channel><item>": "broken",
		"<svg/>":               "no feed",
	} {
		_, err := Read([]byte(text), "", "https://example.com/")
		var malformed *document.MalformedError
		if !errors.As(err, &malformed) || !strings.Contains(malformed.Message, want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func FuzzFeed(f *testing.F) {
	for _, name := range []string{"rss2.xml", "atom.xml", "rdf.xml", "feed.json"} {
		data, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data), "application/xml")
	}
	f.Fuzz(func(t *testing.T, text, label string) {
		read, err := Read([]byte(text), label, "https://example.com/")
		var malformed *document.MalformedError
		if err != nil && !errors.As(err, &malformed) {
			t.Errorf("%v is not for people", err)
		}
		for _, item := range read.Items {
			if item.Identity == "" {
				t.Errorf("nothing identifies %+v", item)
			}
		}
	})
}
