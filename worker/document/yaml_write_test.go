package document_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"workflows/models/columns"
	"workflows/worker/document"
)

// oddTexts are what one reader of YAML or another takes for something else: words and
// numbers of YAML 1.1, characters that end a line or are none.
var oddTexts = []string{
	"", " ", "~", "=", "<<", "y", "Y", "n", "N", "yes", "No", "ON", "off", "true", "FALSE", "null", "Null", "NULL", "nil", "None", ".inf", "-.INF", ".nan", "NaN",
	"0", "01234", "0o7", "0O7", "0x1F", "0b11", "08", "+49301234", "-1", "1_000", "1,000", "1.", ".5", "1e3", "1E+3", "-0", "18:30", "1:30.5", "190:20:30", "07:00",
	"2026-11-28", "2026-1-5", "2026-11-28T10:00:00Z", "2026-11-28 10:00:00", "22:00-07:00", "9-17", "30s", "7d", ":symbol", ": x", "a: b", "a:", "a #b", "#a", "- a", "-", "---", "...", "? a", "[a", "{a", "{{ input.a }}", "}", "&a", "*a", "!a", "!!str a", "%a", "@a", "`a", "|", ">", "'a'", "\"a\"", "a'b", "a\"b", "a\\b",
	"a\nb", "a\nb\n", "a\n\nb\n\n", "\na", "\n", "\n\n", " a\nb", "a \nb", "a\n b", "a\n\tb", "\ta", "a\tb", "a\t", "a\r\nb", "a\rb", "---\na", "a\n---\nb", "# a\nb", "a\n# b",
	"\u0085", "a\u0085b", "a\u2028b", "a\u2029b", "\ufeffa", "a\ufeffb", "a\u00a0b", "\u00a0", "\u200b", "\u202ea", "a\x7fb", "\x01", "a\u0080b", "a\u009fb", "\ufffe", "\U0001f600", "ä", "日本", "é\n日本\n",
	strings.Repeat("long words ", 40), strings.Repeat("x", 200), strings.Repeat("a: ", 50),
}

func anyText(t *rapid.T, name string) string {
	text := rapid.OneOf(rapid.SampledFrom(oddTexts), rapid.String(), rapid.StringOfN(rapid.SampledFrom([]rune("a1 :-#\n\t\r\u0085\u2028\"'\\,[]{}~=<yn.")), 0, 8, -1)).Draw(t, name)
	return columns.Fit(text)
}

func anyValue(t *rapid.T, depth int) any {
	kinds := []string{"text", "number", "true", "null", "list", "object"}
	if depth == 4 {
		kinds = kinds[:4]
	}
	switch rapid.SampledFrom(kinds).Draw(t, "kind") {
	case "text":
		return anyText(t, "text")
	case "number":
		return json.Number(rapid.SampledFrom([]string{"0", "-0", "1", "-1.50", "1e3", "1E400", "1e-3", "12345678901234567890.10", "123456789012345678901234567890", "9007199254740993", "1.5e+10", "1.5e10"}).Draw(t, "number"))
	case "true":
		return rapid.Bool().Draw(t, "flag")
	case "list":
		list := make([]any, rapid.IntRange(0, 3).Draw(t, "length"))
		for i := range list {
			list[i] = anyValue(t, depth+1)
		}
		return list
	case "object":
		object := map[string]any{}
		for range rapid.IntRange(0, 3).Draw(t, "fields") {
			object[anyText(t, "name")] = anyValue(t, depth+1)
		}
		return object
	}
	return nil
}

func TestWhateverIsWrittenAsYAMLIsReadBackTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := map[string]any{"value": anyValue(t, 0)}
		data, err := document.WriteYAML(want)
		if err != nil {
			t.Fatal(err)
		}
		got, err := document.ReadYAMLWithRemarks(data)
		if err != nil || len(got) != 1 || !reflect.DeepEqual(got[0].Value, any(want)) {
			t.Fatalf("%q became %v, %v:\n%s", want, got, err, data)
		}
		if len(got[0].Remarks) > 0 {
			t.Fatalf("what was written is remarked on: %v\n%s", got[0].Remarks, data)
		}
	})
}

func TestOddTextsAreQuotedInYAML(t *testing.T) {
	for _, text := range oddTexts {
		want := map[string]any{"a": text, text: "b", "c": []any{text}}
		data, err := document.WriteYAML(want)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if got, err := document.ReadYAML(data); err != nil || len(got) != 1 || !reflect.DeepEqual(got[0], any(want)) {
			t.Errorf("%q became %q, %v:\n%s", text, got, err, data)
		}
	}
	for text, want := range map[string]string{
		"Large orders": "Large orders", "30s": "30s", "15m": "15m", "http://a.example/x?y=1": "http://a.example/x?y=1", "Europe/Berlin": "Europe/Berlin",
		"on": `"on"`, "No": `"No"`, "18:30": `"18:30"`, "=": `"="`, "<<": `"<<"`, "01234": `"01234"`, "1_000": `"1_000"`, "2026-11-28": `"2026-11-28"`, "a\u0085b": `"a\Nb"`, "~": `"~"`, "0o7": `"0o7"`,
		"a: b": `'a: b'`, "two\nlines\n": "|\n  two\n  lines",
	} {
		if data, err := document.WriteYAML(map[string]any{"a": text}); err != nil || string(data) != "a: "+want+"\n" {
			t.Errorf("%q is written %q, %v", text, data, err)
		}
	}
}

func TestWhatIsNotWhatItLooksLikeIsRemarkedOn(t *testing.T) {
	for text, want := range map[string]string{
		"01234":     "Line 1: “01234” is read as the number 668. If it is a text, such as a postcode or a phone number, write it in quotes.",
		"+49301234": "is read as the number 49301234.", "08": "is read as the number 8.", "0x1F": "is read as the number 31.", "1_000": "is read as the number 1000.", "0o17": "is read as the number 15.", "0b11": "the number 3.", ".5": "the number 0.5.",
		"12:30": "“12:30” is read as this text, but other programs read it as a number. Write it in quotes.",
		"no":    "For yes or no write true or false", "On": "For yes or no", "y": "For yes or no",
		"1234": "", "-1.5": "", "1e3": "", "07:00": "", "true": "", "null": "", "~": "", "2026-11-28": "", "no way": "", `"01234"`: "", "'no'": "", "text": "", "{no: 1}": "",
	} {
		got, err := document.ReadYAMLWithRemarks([]byte("a: " + text))
		if err != nil || len(got) != 1 {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if remarks := strings.Join(got[0].Remarks, " "); want == "" && remarks != "" || !strings.Contains(remarks, want) {
			t.Errorf("%s: %s", text, remarks)
		}
	}
	many, err := document.ReadYAMLWithRemarks([]byte("a: [" + strings.Repeat("01, ", 100) + "1]"))
	if err != nil || len(many[0].Remarks) != 20 {
		t.Error(len(many[0].Remarks), err)
	}
	if got, err := document.ReadYAML([]byte("sep: <<\n")); err != nil || !reflect.DeepEqual(got, []any{map[string]any{"sep": "<<"}}) {
		t.Errorf("%v %v", got, err)
	}
}
