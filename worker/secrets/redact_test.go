package secrets_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"log/slog"
	"net/url"
	"strings"
	"testing"
	"unicode/utf16"

	"pgregory.net/rapid"

	"workflows/worker/secrets"
)

const canary = `c4n&ry "v+l/e"`

// written is the canary in the ways in which it may come back.
func written(value string) map[string]string {
	quoted, _ := json.Marshal(value)
	twice, _ := json.Marshal(string(quoted))
	slashed := strings.ReplaceAll(string(quoted), "/", `\/`)
	component := strings.NewReplacer("+", "%20", "%21", "!", "%27", "'", "%28", "(", "%29", ")", "%2A", "*").Replace(url.QueryEscape(value))
	forms := map[string]string{
		"plain": value, "JSON": string(quoted), "JSON in JSON": string(twice), "URL": url.QueryEscape(value), "path": url.PathEscape(value),
		"small URL": strings.ToLower(url.QueryEscape(value)), "HTML": html.EscapeString(value), "hex": hex.EncodeToString([]byte(value)), "Go": fmt.Sprintf("%q", value),
		"PHP's JSON": slashed, "ASCII JSON": asciiJSON(value, `\u%04x`), "ASCII JSON in capitals": asciiJSON(value, `\u%04X`),
		"RFC 3986": strings.ReplaceAll(url.QueryEscape(value), "+", "%20"), "encodeURIComponent": component, "URL twice": url.QueryEscape(url.QueryEscape(value)),
		"base64 of JSON": base64.StdEncoding.EncodeToString([]byte(`{"key":` + string(quoted) + `}`)),
		"Windows' lines": strings.ReplaceAll(strings.ReplaceAll(value, "\r\n", "\n"), "\n", "\r\n"), "Unix' lines": strings.ReplaceAll(value, "\r\n", "\n"),
	}
	for _, marks := range [][2]string{{"&quot;", "&#x27;"}, {"&quot;", "&apos;"}, {"&#34;", "&#39;"}, {"&quot;", "&#039;"}} {
		forms["HTML with "+marks[0]+marks[1]] = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, marks[0], "'", marks[1]).Replace(value)
	}
	for before := range 4 {
		for after := range 3 {
			around := strings.Repeat("a", before) + value + strings.Repeat("z", after)
			forms[fmt.Sprintf("base64 %d %d", before, after)] = base64.StdEncoding.EncodeToString([]byte(around))
			forms[fmt.Sprintf("base64 URL %d %d", before, after)] = base64.RawURLEncoding.EncodeToString([]byte(around))
		}
	}
	return forms
}

func asciiJSON(text, escape string) string {
	var quoted, b strings.Builder
	encoder := json.NewEncoder(&quoted)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text)
	for _, unit := range utf16.Encode([]rune(strings.TrimSpace(quoted.String()))) {
		if unit < 0x7f {
			b.WriteByte(byte(unit))
		} else {
			fmt.Fprintf(&b, escape, unit)
		}
	}
	return b.String()
}

func TestValuesAreRedactedHoweverTheyAreWritten(t *testing.T) {
	r := &secrets.Redactor{}
	r.Add(map[string]string{"SHOP": canary})
	for name, text := range written(canary) {
		clean := r.Text("before " + text + " after")
		if !strings.Contains(clean, "[secret SHOP]") || !strings.HasPrefix(clean, "before ") || !strings.HasSuffix(clean, " after") {
			t.Errorf("%s: %q became %q", name, text, clean)
		}
	}
	if text := "nothing of the kind, 1234, true"; r.Text(text) != text {
		t.Errorf("%q became %q", text, r.Text(text))
	}
}

func TestNoFormOfAnyValueSurvives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.StringMatching(`[ -~äöü€\n]{8,40}`).Draw(t, "value")
		if strings.TrimSpace(value) != value {
			t.Skip()
		}
		r := &secrets.Redactor{}
		r.Add(map[string]string{"S": value})
		for name, text := range written(value) {
			if name == "small URL" {
				continue // of values with capitals something else
			}
			if clean := r.Text(text); !strings.Contains(clean, "[secret S]") {
				t.Fatalf("%s of %q: %q became %q", name, value, text, clean)
			}
		}
	})
}

func TestRedactedJSONStaysJSON(t *testing.T) {
	r := &secrets.Redactor{}
	r.Add(map[string]string{"PIN": "4711", "KEY": `a","b":"c`, "NAME": "fieldname"})
	for before, after := range map[string]string{
		`{"pin":4711,"n":14711.5}`:        `{"n":14711.5,"pin":"[secret PIN]"}`,
		`{"fieldname":["x-4711-y",true]}`: `{"[secret NAME]":["x-[secret PIN]-y",true]}`,
		`{"t":"a\",\"b\":\"c"}`:           `{"t":"[secret KEY]"}`,
		`{"a":"a","b":"c"}`:               `{"a":"a","b":"c"}`,
		`{"big":123456789012345678901}`:   `{"big":123456789012345678901}`,
	} {
		if got := string(r.JSON([]byte(before))); got != after {
			t.Errorf("%s became %s, not %s", before, got, after)
		}
	}
}

func TestLogsAreRedacted(t *testing.T) {
	var out bytes.Buffer
	r := &secrets.Redactor{}
	log := slog.New(slog.NewJSONHandler(r.Writer(&out), nil))
	log.Info("before", "x", canary)
	if !strings.Contains(out.String(), "c4n&ry") {
		t.Error("a value is redacted before it is a secret's")
	}
	out.Reset()
	r.Add(map[string]string{"SHOP": canary})
	log.Info(canary, "error", fmt.Errorf("calling %q: %s", canary, canary))
	if strings.Contains(out.String(), "c4n") || strings.Count(out.String(), "[secret SHOP]") != 3 {
		t.Errorf("the log says %s", out.String())
	}
}

// As a PHP program answers with what it was told: in JSON, which stands in a text.
func TestSlashesThatAreEscapedInsideOfATextHideNothing(t *testing.T) {
	r := &secrets.Redactor{}
	r.Add(map[string]string{"AWS": "wJalrXUtnFEMI/K7MDENG/bPx", "KEY": "pässword-1234"})
	for before, after := range map[string]string{
		`{"body":"{\"key\":\"wJalrXUtnFEMI\\/K7MDENG\\/bPx\"}"}`:                `{"body":"{\"key\":\"[secret AWS]\"}"}`,
		`{"body":"{\"key\":\"p\\u00e4ssword-1234\"}","b":"p\u00E4ssword-1234"}`: `{"b":"[secret KEY]","body":"{\"key\":\"[secret KEY]\"}"}`,
		`{"a\\":"\\","b":"\/"}`: `{"a\\":"\\","b":"\/"}`, // nothing in it: as it was
	} {
		if got := string(r.JSON([]byte(before))); got != after {
			t.Errorf("%s became %s, not %s", before, got, after)
		}
	}
	for _, broken := range []string{`{"a":"\`, `{"a":"\q"}`, `"\"`} {
		if got := string(r.JSON([]byte(broken))); got != "null" {
			t.Errorf("%s became %s", broken, got)
		}
	}
}

func TestShortValuesAreWholeWordsOnlyAndNeverNamesOfFields(t *testing.T) {
	r := &secrets.Redactor{}
	r.Add(map[string]string{"PIN": "2000", "N": "items", "K": "abc"})
	for before, after := range map[string]string{
		"120001, a2000, 2000b, ä2000":          "120001, a2000, 2000b, ä2000",
		"2000":                                 "[secret PIN]",
		"is 2000.":                             "is [secret PIN].",
		"(2000)_2000":                          "([secret PIN])_[secret PIN]",
		`line\n2000\n%202000 \u00222000\u0022`: `line\n[secret PIN]\n%20[secret PIN] \u0022[secret PIN]\u0022`,
		`{"items":"items"}`:                    `{"items":"[secret N]"}`,
		`{\"items\":\"items\"}`:                `{\"items\":\"[secret N]\"}`,
		"abc is not looked for":                "abc is not looked for",
		"%32%30%30%30":                         "%32%30%30%30",
		hex.EncodeToString([]byte("2000")) + " " + base64.StdEncoding.EncodeToString([]byte("2000")): "[secret PIN] [secret PIN]",
		"Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte("shop:2000")):             "Authorization: Basic [secret PIN]",
		`{"auth":"` + base64.StdEncoding.EncodeToString([]byte("2000:x")) + `","b":1}`:               `{"auth":"[secret PIN]","b":1}`,
		base64.StdEncoding.EncodeToString([]byte("shop:12000")):                                      base64.StdEncoding.EncodeToString([]byte("shop:12000")),
		base64.StdEncoding.EncodeToString([]byte{0, 1, 2, '2', '0', '0', '0', 0}):                    base64.StdEncoding.EncodeToString([]byte{0, 1, 2, '2', '0', '0', '0', 0}),
	} {
		if got := r.Text(before); got != after {
			t.Errorf("%s became %s, not %s", before, got, after)
		}
	}
	before := `{"status":200,"total":2000,"body":{"items":["items",120001]}}`
	if got := string(r.JSON([]byte(before))); got != `{"body":{"items":["[secret N]",120001]},"status":200,"total":"[secret PIN]"}` {
		t.Errorf("%s became %s", before, got)
	}
}

func TestOfValuesThatOverlapNothingStays(t *testing.T) {
	r := &secrets.Redactor{}
	r.Add(map[string]string{"A": "shop-key", "B": "key-secret-123456", "C": "secretly", "D": "shop-key-secret"})
	for before, after := range map[string]string{
		"my shop-key-secret-123456!": "my [secret D][secret B]!",
		"shop-key shop-keys":         "[secret A] [secret A]s",
	} {
		if got := r.Text(before); got != after {
			t.Errorf("%s became %s, not %s", before, got, after)
		}
	}
}

func TestValuesInUseAreNeverForgotten(t *testing.T) {
	r := &secrets.Redactor{}
	present := map[string]string{"TOKEN": "token-now"}
	for i := range 100 {
		present[fmt.Sprint("K", i)] = fmt.Sprintf("in-use-%d-x", i)
	}
	r.Hold(present)
	for i := range 6000 { // a token that is replaced again and again
		if i%50 == 0 {
			r.Add(map[string]string{"TOKEN": fmt.Sprintf("token-%d-x", i)})
		}
	}
	many := map[string]string{}
	for i := range 5000 {
		many[fmt.Sprint("M", i)] = fmt.Sprintf("another-%d-x", i)
	}
	r.Add(many)
	r.Hold(present)
	r.Add(map[string]string{"TOKEN": "token-of-today"})
	for name, value := range present {
		if r.Text(value) == value {
			t.Errorf("%s is not taken out any more", name)
		}
	}
	if r.Text("token-of-today") == "token-of-today" {
		t.Error("the newest value is not taken out")
	}
	if text := "token-0-x"; r.Text(text) != text {
		t.Error("nothing is forgotten, for ever")
	}
}

func TestLongValuesAreFoundAsWholes(t *testing.T) {
	r := &secrets.Redactor{}
	long := strings.Repeat("a", 60<<10) + "b"
	pem := "-----BEGIN KEY-----\n" + strings.Repeat("abcdefghijklmnop/qrstuvwxyz+1234\n", 100) + "-----END KEY-----"
	r.Add(map[string]string{"LONG": long, "PEM": pem})
	text := strings.Repeat("a", 1<<20)
	if r.Text(text) != text {
		t.Error("a beginning alone was taken out")
	}
	if got := r.Text(text + "b" + long); got != text[:1<<20-60<<10]+"[secret LONG][secret LONG]" {
		t.Errorf("became %d bytes", len(got))
	}
	for name, text := range written(pem) {
		if name == "small URL" {
			continue
		}
		if got := r.Text("x " + text + " y"); !strings.Contains(got, "[secret PEM]") || len(got) > 300 {
			t.Errorf("%s became %.300q", name, got)
		}
	}
}

// One benchmark, so that what many and long values cost can be compared.
func BenchmarkRedact(b *testing.B) {
	body, _ := json.Marshal(map[string]string{"text": strings.Repeat("an order of 12 apples and 3 pears; ", 300)})
	for _, count := range []int{0, 1, 100} {
		b.Run(fmt.Sprintf("%d secrets, 10 kB", count), func(b *testing.B) {
			r := &secrets.Redactor{}
			for i := range count {
				r.Add(map[string]string{fmt.Sprintf("S%d", i): fmt.Sprintf("value-%d-of-a-secret", i)})
			}
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				r.JSON(body)
			}
		})
	}
}

func BenchmarkRedactEscaped(b *testing.B) {
	body, _ := json.Marshal(map[string]string{"text": strings.Repeat("an \"order\" of 12 apples\nand 3 pears; ", 300)})
	r := &secrets.Redactor{}
	r.Add(map[string]string{"S": "value-of-a-secret"})
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		r.JSON(body)
	}
}

func BenchmarkLongValues(b *testing.B) {
	many := map[string]string{}
	for i := range 100 {
		var text strings.Builder
		for text.Len() < 6<<10 {
			fmt.Fprintf(&text, "%x/+\n", (i+1)*7919*(text.Len()+13))
		}
		many[fmt.Sprint("K", i)] = text.String()
	}
	b.Run("begin with 100 of 6 kB", func(b *testing.B) {
		for b.Loop() {
			(&secrets.Redactor{}).Add(many)
		}
	})
	b.Run("add one more", func(b *testing.B) {
		r := &secrets.Redactor{}
		r.Add(many)
		for i := 0; b.Loop(); i++ {
			r.Add(map[string]string{"ONE": fmt.Sprintf("one more value %d", i)})
		}
	})
	b.Run("1 MB that always begins like a long one", func(b *testing.B) {
		r := &secrets.Redactor{}
		r.Add(map[string]string{"LONG": strings.Repeat("a", 16<<10) + "b"})
		text := strings.Repeat("a", 1<<20)
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			r.Text(text)
		}
	})
}

func FuzzNoValueSurvives(f *testing.F) {
	f.Add("a text with wJalrXUtnFEMI/K7 in it", "wJalrXUtnFEMI/K7", "XUtnFEMI/K7MDENG")
	f.Add(strings.Repeat("ab", 200), strings.Repeat("ab", 90), strings.Repeat("ba", 70))
	f.Add("aaaaaaaaaaaaaaaab", "aaaaaaaa", "aaaaaaab")
	f.Add("p\\u00e4ssword-1234 pässword-1234", "pässword-1234", "line one\nline two")
	f.Fuzz(func(t *testing.T, text, a, b string) {
		if len(text)+len(a)+len(b) > 1000 {
			return // a long one shows what a short one does, at ten times its cost
		}
		r := &secrets.Redactor{}
		values := map[string]string{"A": a, "B": b}
		for name, value := range values { // one that a mark holds, or borders on, says nothing
			if len(value) < 8 || strings.ContainsAny(value, "[]") || strings.Contains(secrets.Mark("A")+secrets.Mark("B"), value) {
				delete(values, name)
			}
		}
		r.Add(values)
		for _, shown := range []string{text, text + a + text, a + b, a[:len(a)/2] + b + a[len(a)/2:]} {
			clean := r.Text(shown)
			for name, value := range values {
				if strings.Contains(clean, value) {
					t.Errorf("%s survives in %q", name, clean)
				}
			}
		}
	})
}
