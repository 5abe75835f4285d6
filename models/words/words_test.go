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
		if got := words.Search(typed); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %q, want %q", typed, got, want)
		}
	}
	many := words.Search(strings.Repeat("a-b ", 3) + strings.Repeat("c.d.e.f.g.h.i.j.k.l.m.n.o.p ", 2) + "q r s t u")
	if got := slices.Concat(many...); len(got) != 16 {
		t.Errorf("%d words are looked for: %q", len(got), got)
	}
}
