package document

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestWhatKeepsATextFromBeingJSONIsSaidWithItsLine(t *testing.T) {
	for text, want := range map[string]string{
		"{\n  \"order\": 7\n  \"note\": \"for Anna\"\n}":   "Line 2: a comma is missing after “7”.",
		"{\n  \"note\": \"for Anna\"\n\n  \"order\": 7\n}": "Line 2: a comma is missing after “for Anna”.",
		"[{\"a\": 1}\n {\"b\": 2}]":                        "Line 1: a comma is missing after “}”.",
		"{\n  \"order\": 7,\n}":                            "Line 2: there is a comma too many after “7”.",
		"[1,, 2]":                                          "Line 1: there is a comma too many after “1”.",
		"{\n  \"order\" 7\n}":                              "Line 2: a colon is missing after the name “order”.",
		"{\n  order: 7\n}":                                 `Line 2: a name stands in quotation marks: "order".`,
		"{\n  'order': 7\n}":                               `Line 2: the quotation marks around a name are straight and double ones: ", not '.`,
		"{\"note\": “for Anna”}":                           `Line 1: the quotation marks around a text are straight and double ones: ", not “.`,
		"{\n\"note\": for Anna\n}":                         `Line 2: a text stands in quotation marks: "for Anna".`,
		"{\"a\": ,\n\"b\": 1}":                             "Line 1: the value of “a” is missing.",
		"{\n\"a\":":                                        "Line 2: the value of “a” is missing.",
		"{\"a\":\n}":                                       "Line 1: the value of “a” is missing.",
		"{\"paid\": True}":                                 "Line 1: “True” is written in small letters: true.",
		"{\"day\": 2026-11-30}":                            "Line 1: “2026-11-30” is no number. Write it like 42 or 0.5, or in quotation marks as a text.",
		"[007]":                                            "Line 1: “007” is no number. Write it like 42 or 0.5, or in quotation marks as a text.",
		"{\n\"note\": \"for Anna,\n\"order\": 7}":          "Line 2: the quotation mark after “for Anna,” is missing.",
		"{\"note\": \"for":                                 "Line 1: the quotation mark after “for” is missing.",
		"{\"note\": \"she said \"yes\" to it\"}":           `Line 1: a comma is missing after “she said”. A quotation mark inside a text is written \".`,
		"{\"path\": \"C:\\data\"}":                         `Line 1: a “\” cannot stand in a text alone: it is written \\.`,
		"[\"a\tb\"]":                                       `Line 1: a tab or another character that does not show stands in a text. A tab is written \t.`,
		"{\n  \"a\": [1, 2\n":                              "Line 2: “[” is not closed: “]” is missing at the end.",
		"{\n  \"a\": [1, 2}\n":                             "Line 2: “}” stands where “]” belongs.",
		"{\"a\": 1}\n}":                                    "Line 2: there is more after the end of the JSON: “}”.",
		"{\"a\": 1, // the first\n \"b\": 2}":              "Line 1: JSON has no remarks. Remove “// the first”.",
		"{\"a\": 1 # the first\n}":                         "Line 1: JSON has no remarks. Remove “# the first”.",
		"hello":                                            `Line 1: a text stands in quotation marks: "hello".`,
		"":                                                 "There is nothing here.",
		"{\"a\": {}, \"b\": [], \"c\": [null, true, -1.5e3, \"\\u00e9\"]}": "",
	} {
		if got := WrongJSON(text); got != want {
			t.Errorf("%s\nis said to be wrong so: %s", text, got)
		}
	}
}

func TestWhateverIsNoJSONIsSaidToBeNone(t *testing.T) {
	part := rapid.SampledFrom([]string{"{", "}", "[", "]", ",", ":", `"a"`, `"`, "1", "-", ".", "true", "x", "\n", " ", `\`, "“", "//", "\x00", "\xff", "é"})
	rapid.Check(t, func(t *rapid.T) {
		text := ""
		for _, piece := range rapid.SliceOfN(part, 0, 12).Draw(t, "parts") {
			text += piece
		}
		if said := WrongJSON(text); (said == "") != json.Valid([]byte(text)) {
			t.Errorf("%q: %s", text, said)
		}
	})
}

// What others send may hold what nobody else may read, and what is wrong with it is logged.
func TestWhatIsSentIsNotQuotedByWhatIsWrongWithIt(t *testing.T) {
	for _, text := range []string{`{"value": "hunter2`, `{"value": hunter2}`, `{"value": "hunter2" "name": "A"}`, `{"value": "hunter2"} hunter2`, `{hunter2: 1}`} {
		if _, err := Value([]byte(text)); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s is refused with %v", text, err)
		}
	}
}
