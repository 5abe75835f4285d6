package words_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"workflows/models/words"
)

func TestWordsAreWhatPeopleTypeInAnyScriptWithoutCaseAndAccents(t *testing.T) {
	for text, want := range map[string]string{
		"Jan Kowalczyk":                 "jan kowalczyk",
		"ŁÓDŹ, Straße 5":                "lodz strasse 5",
		"STRASSE":                       "strasse",
		"Müller & Søn":                  "muller son",
		"Mu\u0308ller":                  "muller", // the accent a letter of its own
		"a.b+c@example.com":             "a b c example com",
		"A-4711":                        "a 4711",
		"order_id=7":                    "order id 7",
		"0193c2a4-1b2c-7d3e-8f40-a1b2c": "0193c2a4 1b2c 7d3e 8f40 a1b2c",
		"Αθήνας ΑΘΗΝΑΣ":                 "αθηνασ αθηνασ",
		"İstanbul ISTANBUL ısı":         "istanbul istanbul isi",
		"Київ":                          "киів", // ї is і with an accent
		"ＡＢＣ１２":                         "abc12",
		"東京都 ab":                        "東 京 都 ab",
		"x東y":                           "x 東 y",
		"محمّد":                         "محمد",
		"soft\u00adhyphen":              "softhyphen",
		"100 % :-) 🚀":                   "100",
		"":                              "",
		"\xff\xfe a":                    "a",
		strings.Repeat("a", 100):        strings.Repeat("a", 64),
		strings.Repeat("ж", 100):        strings.Repeat("ж", 32),
	} {
		if got := strings.Join(words.Of(text), " "); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestASearchAsksForPhrasesOfWhatIsTypedWithoutASpace(t *testing.T) {
	for typed, want := range map[string]words.Sought{
		"":                   nil,
		" % _ ":              nil,
		"Kowal":              {{"kowal"}},
		"A-4711  Jan JAN":    {{"a", "4711"}, {"jan"}},
		"jan@example.com, x": {{"jan", "example", "com"}, {"x"}},
	} {
		if got := words.Read(typed).Sought; !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %q, want %q", typed, got, want)
		}
	}
	many := words.Read(strings.Repeat("a-b ", 3) + strings.Repeat("c.d.e.f.g.h.i.j.k.l.m.n.o.p ", 2) + "q r s t u").Sought
	if got := slices.Concat(many...); len(got) != 16 {
		t.Errorf("%d words are looked for: %q", len(got), got)
	}
}

func TestASearchAsksForValuesOfFields(t *testing.T) {
	for typed, want := range map[string]string{
		"customer:4711":                      "customer=4711",
		`Jan order.id:A-77 "Order id":"a b"`: "Jan | order.id=A-77 | order id=a b",
		`step:"Send mail" late`:              "late | step=Send mail",
		`"send mail" x`:                      "send mail x",
		"12:30 https://x.example:80/a":       "12:30 https://x.example:80/a",
		"Re: offer : status:":                "Re: offer : status:",
		`note:"open`:                         `note=open`,
		`a"b c`:                              `a"b c`,
		"größe:12,5":                         "größe=12,5",
		"a:%":                                "a:%",
	} {
		q := words.Read(typed)
		var parts []string
		if q.Text != "" {
			parts = append(parts, q.Text)
		}
		for _, field := range q.Fields {
			parts = append(parts, field.Name+"="+field.Value)
		}
		if got := strings.Join(parts, " | "); got != want {
			t.Errorf("%q: %q, want %q", typed, got, want)
		}
	}
	if q := words.Read(`"send mail" x`); !reflect.DeepEqual(q.Sought, words.Sought{{"send", "mail"}, {"x"}}) {
		t.Errorf("%q", q.Sought)
	}
}

func TestTextsInJSONAreReadAsFarAsTheyGo(t *testing.T) {
	for quoted, want := range map[string]string{
		`"a"`: "a", `"a`: "a", `"a\"b\\"`: `a"b\`, `"\u017c\/\n\ud83d\ude80x"`: "ż/\n🚀x", `"a\u01`: "a", `"a\`: "a", `"a\ud83d`: "a", `"a\ud83dx"`: "a\ufffdx", `"\uzzzz"`: "",
	} {
		if got := words.Unquoted(quoted); got != want {
			t.Errorf("%s: %q, want %q", quoted, got, want)
		}
	}
	var found []string
	words.ValuesOf("input", `{"a":[1,{"b":"x"},true],"c":{"d":null},"e":"cut`, func(v words.Value) bool {
		found = append(found, v.Path+"="+v.Text)
		return true
	})
	if got := strings.Join(found, " "); got != "input.a=1 input.a.b=x input.a=true input.c.d=null input.e=cut" {
		t.Error(got)
	}
}
