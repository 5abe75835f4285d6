package filter

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"workflows/worker/document"
)

func read(t testing.TB, text string) any {
	t.Helper()
	value, err := document.Value([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return value
}

// changed is what a chain makes of a value in JSON, in JSON; or the sentence.
func changed(t testing.TB, in, chain string, filled ...any) string {
	t.Helper()
	filters, err := Parse(chain)
	if err != nil {
		return err.Error()
	}
	out, err := Change(read(t, in), filters, func(string) (any, error) {
		value := filled[0]
		filled = filled[1:]
		return value, nil
	})
	if err != nil {
		return err.Error()
	}
	return string(document.JSON(out))
}

func TestWordsDoWhatTheirExamplesSay(t *testing.T) {
	for _, w := range Words() {
		if got := changed(t, w.In, w.Example); got != w.Out {
			t.Errorf("%s | %s is %s, not %s", w.In, w.Example, got, w.Out)
		}
		if !slices.Contains(Groups(), w.Group) || !strings.HasSuffix(w.Sentence, ".") {
			t.Errorf("%s has group %q and sentence %q", w.Name, w.Group, w.Sentence)
		}
	}
}

// The words of the contract, no more and no less.
func TestTheWordsAreThoseOfTheContract(t *testing.T) {
	want := strings.Fields(`default upper lower trim cut replace split join text number round plus minus times divide
		first last at count sort sort_by reverse unique pick sum min max keys values date add subtract since parse_json to_json`)
	got := Names()
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("%v, not %v", got, want)
	}
}

func TestNullPassesThroughButForThoseThatSayOtherwise(t *testing.T) {
	exceptions := map[string]string{"default": "0", "text": `""`, "count": "0", "to_json": `"null"`}
	for _, w := range Words() {
		want := exceptions[w.Name]
		if want == "" {
			want = "null"
		}
		if got := changed(t, "null", w.Example); got != want {
			t.Errorf("null | %s is %s, not %s", w.Example, got, want)
		}
	}
}

func TestValuesAreChanged(t *testing.T) {
	for _, c := range [][3]string{
		{`""`, `default "none"`, `"none"`},
		{`"  "`, `default 1`, `1`},
		{`[]`, `default null`, `null`},
		{`{}`, `default true`, `true`},
		{`0`, `default 1`, `0`},
		{`false`, `default 1`, `false`},
		{`"ß"`, `upper`, `"ß"`},
		{`12`, `upper`, `"12"`},
		{`"äöü€"`, `cut 2`, `"äö"`},
		{`"ab"`, `cut 0`, `""`},
		{`"ab"`, `cut 99`, `"ab"`},
		{`"a|b}}c"`, `replace "|" "}}"`, `"a}}b}}c"`},
		{`"a\"b"`, `replace "\"" "\u00e4"`, `"aäb"`},
		{`"aaa"`, `replace "aa" "b"`, `"ba"`},
		{`""`, `split ","`, `[]`},
		{`"a"`, `split ","`, `["a"]`},
		{`",a,"`, `split ","`, `["","a",""]`},
		{`[1,null,[2],true]`, `join "-"`, `"1--[2]-true"`},
		{`[]`, `join "-"`, `""`},
		{`{"a":1}`, `text`, `"{\"a\":1}"`},
		{`""`, `number`, `null`},
		{`"1e3"`, `number`, `1000`},
		{`-0.0`, `plus 0`, `0`},
		{`9007199254740993`, `plus 1`, `9007199254740994`},
		{`"0.1"`, `plus 0.2 | times 3 | minus 0.9`, `0`},
		{`10`, `divide 3`, `3.3333333333333333333`},
		{`2`, `divide 3`, `0.66666666666666666667`},
		{`-2`, `divide 3`, `-0.66666666666666666667`},
		{`1`, `divide 1024 | divide 1024`, `0.00000095367431640625`},
		{`123456789012345678901234567890`, `divide 1`, `123456789012345678901234567890`},
		{`100000000000000000000000000000`, `divide 3`, `33333333333333333333333333333`},
		{`100000000000000000000000000000`, `divide 0.7`, `142857142857142857142857142857`},
		{`0.07`, `divide -3`, `-0.023333333333333333333`},
		{`0`, `divide 7`, `0`},
		{`1e308`, `plus 0`, `1e+308`},
		{`1e308`, `minus 1e308`, `0`},
		{`1e-308`, `times 1`, `1e-308`},
		{`2.5`, `round 0`, `3`},
		{`-2.5`, `round 0`, `-3`},
		{`2.675`, `round 2`, `2.68`},
		{`1250`, `round -2`, `1300`},
		{`1e308`, `round 2`, `1e+308`},
		{`0.004`, `round 2`, `0`},
		{`12.5`, `round 2`, `12.5`},
		{`[]`, `first`, `null`},
		{`[1]`, `at 1`, `null`},
		{`[1,2]`, `at -2`, `1`},
		{`[1,2]`, `at -3`, `null`},
		{`"äöü"`, `count`, `3`},
		{`{"a":1}`, `count`, `1`},
		{`[null,"b",10,"9",true,{"x":1},[1],false,2.5,"a","B",null]`, `sort`, `[2.5,"9",10,"B","a","b",false,true,[1],{"x":1},null,null]`},
		{`["2.1.2026","2026-01-01","Sat, 28 Nov 2020 10:00:00 GMT"]`, `sort`, `["Sat, 28 Nov 2020 10:00:00 GMT","2026-01-01","2.1.2026"]`},
		{`[9007199254740993,9007199254740992,9007199254740994]`, `sort`, `[9007199254740992,9007199254740993,9007199254740994]`},
		{`[1.00000000000000000001,1,0.99999999999999999999]`, `sort`, `[0.99999999999999999999,1,1.00000000000000000001]`},
		{`[{"k":"a","v":1},{"v":2},{"k":"A","v":3},{"k":"a","v":4}]`, `sort_by "k" | pick "v"`, `[3,1,4,2]`},
		{`[{"c":{"n":2}},{"c":{"n":1}}]`, `sort_by "c.n" | pick "c.n"`, `[1,2]`},
		{`{"a.b":1,"a":{"b":2}}`, `pick "a.b"`, `1`},
		{`[null,{"a":1}]`, `pick "a"`, `[null,1]`},
		{`{"a":1}`, `pick "b"`, `null`},
		{`[{"a":1,"b":2},{"b":2.0,"a":1},{"a":"1","b":2},null,null,"null"]`, `unique`, `[{"a":1,"b":2},{"a":"1","b":2},null,"null"]`},
		{`[["a","b"],["a,b"],["ab"]]`, `unique`, `[["a","b"],["a,b"],["ab"]]`},
		{`[]`, `unique`, `[]`},
		{`["2026-11-28T10:00:00Z","Sat, 28 Nov 2026 10:00:00 GMT","2026-11-28T11:00:00+01:00","2026-11-28T10:00:00.5Z","2026-11-28"]`, `unique`, `["2026-11-28T10:00:00Z","2026-11-28T10:00:00.5Z","2026-11-28"]`},
		{`[{"at":"2026-11-28"},{"at":"28.11.2026"},{"2026-11-28":1},{"28.11.2026":1}]`, `unique`, `[{"at":"2026-11-28"},{"2026-11-28":1},{"28.11.2026":1}]`},
		{`["B","a",null]`, `max`, `"a"`},
		{`[true,false]`, `min`, `false`},
		{`[null]`, `min`, `null`},
		{`[]`, `sum`, `0`},
		{`["1.5",2,null,1e3,12345678901234567890]`, `sum`, `12345678901234568893.5`},
		{`[]`, `max`, `null`},
		{`[null,3,"20"]`, `max`, `"20"`},
		{`["2026-11-28T10:00:00Z","2026-11-28T10:30:00+01:00"]`, `min`, `"2026-11-28T10:30:00+01:00"`},
		{`{}`, `keys`, `[]`},
		{`"28.11.2026"`, `date "yyyy-MM-dd"`, `"2026-11-28"`},
		{`"Sat, 28 Nov 2026 10:00:00 GMT"`, `date "EEE EEEE d. MMM MMMM yy HH:mm:ss 'Uhr' ''T" "Asia/Tokyo"`, `"Sat Saturday 28. Nov November 26 19:00:00 Uhr 'T"`},
		{`"2026-11-28T10:00:00+01:00"`, `date "iso"`, `"2026-11-28T09:00:00Z"`},
		{`"2026-11-28 10:00"`, `date "iso" "Europe/Berlin"`, `"2026-11-28T11:00:00+01:00"`},
		{`1790000000`, `date "iso"`, `"2026-09-21T14:13:20Z"`},
		{`1790000000.25`, `date "iso"`, `"2026-09-21T14:13:20.25Z"`},
		{`"2026-01-31"`, `add "1 month"`, `"2026-02-28"`},
		{`"2024-02-29"`, `add "1 year"`, `"2025-02-28"`},
		{`"2026-03-31"`, `subtract "1 month"`, `"2026-02-28"`},
		{`"2026-11-28"`, `add "1 hour"`, `"2026-11-28T01:00:00Z"`},
		{`"2026-11-28T10:00:00+01:00"`, `add "1 day 2 hours, 3 minutes and 4 seconds"`, `"2026-11-29T12:03:04+01:00"`},
		{`"2026-11-28T10:00:00Z"`, `add "-2 weeks"`, `"2026-11-14T10:00:00Z"`},
		{`"2026-11-28T10:00:00.5Z"`, `since "2026-11-28T12:00:00+01:00"`, `-3599.5`},
		{`"9999-12-31T23:59:59Z"`, `since "0001-01-01"`, `315537897599`},
		{`"\ufeff[1.0,\"\\u0000\"]"`, `parse_json`, `[1.0,"` + "\ufffd" + `"]`},
		{`{"a":1}`, `parse_json`, `{"a":1}`},
		{`"a"`, `to_json | parse_json`, `"a"`},
	} {
		if got := changed(t, c[0], c[1]); got != c[2] {
			t.Errorf("%s | %s is %s, not %s", c[0], c[1], got, c[2])
		}
	}
}

func TestWhatCannotBeChangedIsASentenceWithTheWordAndTheValue(t *testing.T) {
	for _, c := range [][3]string{
		{`"abc"`, `round 2`, "“round” needs a number, and got the text “abc”."},
		{`"12,5"`, `number`, "“number” needs a number such as 12.5, and got the text “12,5”."},
		{`"12` + strings.Repeat(" ", 600) + `EUR"`, `number`, "“number” needs a number"},
		{`true`, `plus 1`, "“plus” needs a number, and got true."},
		{`1`, `divide 0`, "“divide” cannot divide by 0."},
		{`1`, `divide 0.00`, "“divide” cannot divide by 0."},
		{`1e308`, `times 1e308`, "“times” comes to a number that is too large or too long: at most 300 digits."},
		{`1e308`, `plus 1e-308`, "too large or too long"},
		{`"1e999999999"`, `plus 1`, "“plus” needs a number, and got the text “1e999999999”."},
		{`1e999999999`, `sum`, "“sum” needs a list, and got the number 1e999999999."},
		{`[1,"x"]`, `sum`, "“sum” needs a list of numbers, and its entry 2 is the text “x”."},
		{`[3,"x"]`, `min`, "“min” needs entries of one kind, numbers, dates or texts, and its entry 1 is the number 3, its entry 2 the text “x”."},
		{`["12,5",null,"3"]`, `max`, "its entry 1 is the text “12,5”, its entry 3 the number 3."},
		{`["2026-11-28","soon"]`, `max`, "its entry 1 is the date “2026-11-28”, its entry 2 the text “soon”."},
		{`[1,true]`, `max`, "its entry 2 true."},
		{`[[1],[2]]`, `max`, "“max” needs a list of numbers, of dates or of texts, and its entry 1 is a list with one entry."},
		{`[1]`, `upper`, "“upper” needs a text, and got a list with one entry."},
		{`{}`, `first`, "“first” needs a list, and got an object."},
		{`""`, `first`, "“first” needs a list, and got an empty text."},
		{`[1,{"a":1}]`, `pick "a"`, "“pick” needs a list of objects, and its entry 1 is the number 1."},
		{`"06/09/2021"`, `date "iso"`, "“date” needs a date: “06/09/2021” can mean two different days."},
		{`1790000000000`, `date "iso"`, "| divide 1000."},
		{`-1`, `date "iso"`, "beyond all years"},
		{`"1790000000"`, `date "iso"`, "is not a date or a time"},
		{`true`, `date "iso"`, "“date” needs a date, and got true."},
		{`"2026-11-28"`, `add "9999 years"`, "“add” leads out of the years 1 to 9999."},
		{`"2026-11-28"`, `add "999999999999 weeks"`, "leads out of the years"},
		{`"2026-11-28"`, `add "999999999999 years 999999999999 years"`, "leads out of the years"},
		{`"{"`, `parse_json`, "“parse_json” needs a text in JSON, and got the text “{”."},
		{`"1 2"`, `parse_json`, "needs a text in JSON"},
		{`"[1e999]"`, `parse_json`, "has no number of more than 300 digits"},
	} {
		if got := changed(t, c[0], c[1]); !strings.Contains(got, c[2]) {
			t.Errorf("%s | %s is %s, not %s", c[0], c[1], got, c[2])
		}
	}
}

func TestArgumentsMayComeFromReferences(t *testing.T) {
	for _, c := range []struct {
		in, chain string
		given     any
		want      string
	}{
		{`10`, `times input.n`, "1.5", "15"},
		{`10`, `times input.n`, nil, "“times” needs a number after it, and got nothing (null)."},
		{`null`, `default steps.a["c | d"].e`, "x", `"x"`},
		{`"abc"`, `cut input.n`, "2", `"ab"`},
		{`"abc"`, `cut input.n`, "2.5", "“cut” needs a whole number from 0 to 1000000000 after it, and got the text “2.5”."},
		{`"abc"`, `replace input.a "x"`, "", "“replace” needs something to look for, and got an empty text."},
		{`"abc"`, `replace "b" item`, nil, "“replace” needs a text after it, and got nothing (null)."},
		{`"2026-11-28"`, `add input.days`, "x days", "“add” needs a length of time such as"},
		{`"2026-11-28"`, `date "iso" input.zone`, "Atlantis", "“date” needs the name of a time zone such as"},
		{`"2026-11-28"`, `date input.format`, "DD.MM.YYYY", "Did you mean “dd”?"},
		{`"2026-11-28"`, `since now`, "2026-11-27", "86400"},
	} {
		if got := changed(t, c.in, c.chain, c.given); !strings.Contains(got, c.want) {
			t.Errorf("%s | %s with %v is %s, not %s", c.in, c.chain, c.given, got, c.want)
		}
	}
}

func TestOneFilterIsAppliedWithItsArgumentsFilledIn(t *testing.T) {
	list := []any{json.Number("2"), json.Number("1")}
	got, err := Apply(Filter{Name: "sort"}, nil, list)
	if err != nil || string(document.JSON(got)) != "[1,2]" || list[0] != json.Number("2") {
		t.Errorf("%v %v, from %v", got, err, list)
	}
	for _, wrong := range []Filter{{Name: "nothing"}, {Name: "round"}} {
		if _, err := Apply(wrong, nil, list); err == nil {
			t.Errorf("%s was applied", wrong.Name)
		}
	}
}
