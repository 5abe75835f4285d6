package filter

import (
	"strings"
	"testing"
)

func TestFiltersAreWrittenAsTheyAreRead(t *testing.T) {
	for text, want := range map[string]string{
		`default 0 | round 2`:          `default 0 | round 2`,
		"  default\t0|round\n2 ":       `default 0 | round 2`,
		`replace "a|b" "}}" | upper`:   `replace "a|b" "}}" | upper`,
		`replace "\"" "\u00e4\n"`:      `replace "\"" "ä\n"`,
		`plus steps.a["c | d"].e[0]`:   `plus steps.a["c | d"].e[0]`,
		`plus now`:                     `plus now`,
		`default null`:                 `default null`,
		`default true`:                 `default true`,
		`default ""`:                   `default ""`,
		`plus +5 | plus .5 | plus 007`: `plus 5 | plus 0.5 | plus 7`,
		`plus 1e3`:                     `plus 1e3`,
		`date "iso" "Europe/Berlin"`:   `date "iso" "Europe/Berlin"`,
		strings.Repeat("upper | ", MaxFilters-1) + "lower": strings.Repeat("upper | ", MaxFilters-1) + "lower",
	} {
		filters, err := Parse(text)
		if err != nil || Join(filters) != want {
			t.Errorf("%s is %s, %v", text, Join(filters), err)
		}
	}
}

func TestWhatCannotBeReadIsSaidInASentence(t *testing.T) {
	for text, want := range map[string]string{
		``:                      "is missing after “|”",
		`|`:                     "is missing after “|”",
		`upper |`:               "is missing after “|”",
		`uper`:                  "There is no word “uper” to change a value with. Did you mean “upper”?",
		`"a"`:                   "There is no word",
		`upper 1`:               "“upper” stands alone: nothing comes after it but another “|”.",
		`round`:                 "“round” needs a whole number after it, as in: round 2.",
		`round 1 2`:             "“round” needs a whole number after it, as in: round 2.",
		`round 1 2 3 4 5 6 7 8`: "“round” needs a whole number after it",
		`round 2.5`:             "“round” needs a whole number from -20 to 20 after it, and got the number 2.5.",
		`round 99`:              "from -20 to 20",
		`round "x"`:             "and got the text “x”.",
		`cut -1`:                "from 0 to",
		`plus "x"`:              "“plus” needs a number after it, and got the text “x”.",
		`plus x`:                "“x” after “plus” cannot be read. Put a text in double quotes.",
		`plus 1,5`:              "“1,5” after “plus” is not a number",
		`plus 1e999999999`:      "is not a number that can be counted with",
		`default 'a'`:           `write " instead of '`,
		`default “a”`:           "straight double quotes",
		`default "a`:            "is not closed",
		`default "a\"`:          "is not closed",
		`default "\x"`:          "cannot be read. Inside quotes",
		`replace "a""b"`:        "a blank is missing",
		`replace "a"`:           `“replace” needs a text in quotes and a text in quotes after it, as in: replace "-" " ".`,
		`replace "" "b"`:        "needs a text to look for",
		`split ""`:              "needs a text to look for",
		`replace null "b"`:      "“replace” needs a text after it, and got nothing (null).",
		`date "DD.MM.YYYY"`:     "“date” does not know “DD” in a format.",
		`date "yyyy" "Berlin"`:  "“date” needs the name of a time zone such as",
		`add "2d"`:              "“add” needs a length of time such as",
		`add "2 fortnights"`:    "It knows seconds, minutes",
		`add ""`:                "needs a length of time",
		`add "two days"`:        "needs a length of time",
		`since "06/09/2021"`:    "“since” needs a date: “06/09/2021” can mean two",
		`default steps.["`:      "cannot be read",
		`default steps.a["b"]"`: "cannot be read",
		`default {{ input.x }}`: "Braces are not needed again after “default”.",
		strings.Repeat("upper | ", MaxFilters) + "lower": "At most 20 words",
	} {
		if filters, err := Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s is %v, %v; want %s", text, filters, err, want)
		}
	}
}

func TestQuotesKeepBracesAndBarsTogether(t *testing.T) {
	for text, want := range map[string]string{
		` input.x }} rest`:                    ` input.x `,
		`}}`:                                  ``,
		` input.x | default "}}" }} b }}`:     ` input.x | default "}}" `,
		` input.x | default "a\"}}" }}`:       ` input.x | default "a\"}}" `,
		` steps.a["c }} d"].e }}`:             ` steps.a["c }} d"].e `,
		` steps.a["c\"].e | default "}}" }} `: ` steps.a["c\"].e | default "}}" `,
		` "{{" }}`:                            ` "{{" `,
	} {
		if end := End(text); end < 0 || text[:end] != want {
			t.Errorf("%s ends at %d", text, end)
		}
	}
	for _, text := range []string{``, `}`, ` input.x | default "}}`, ` input.x`} {
		if end := End(text); end >= 0 {
			t.Errorf("%s ends at %d", text, end)
		}
	}
	for text, want := range map[string][2]string{
		`input.x | upper`:          {`input.x `, ` upper`},
		`steps.a["c | d"] | a | b`: {`steps.a["c | d"] `, ` a | b`},
		`"a | b" | upper`:          {`"a | b" `, ` upper`},
	} {
		if reference, filters, ok := Cut(text); !ok || reference != want[0] || filters != want[1] {
			t.Errorf("%s is %q, %q, %v", text, reference, filters, ok)
		}
	}
	if reference, _, ok := Cut(`steps.a["c | d"]`); ok || reference != `steps.a["c | d"]` {
		t.Error(reference)
	}
}

// Where many begin, each would be looked for up to the end otherwise.
func TestTheEndOfAPartIsLookedForNoFurtherThanAPartCanBeLong(t *testing.T) {
	for length, want := range map[int]int{maxPart: maxPart, maxPart + 1: 1} {
		if end := quotedPart(`["` + strings.Repeat("x", length-4) + `"]`); end != want {
			t.Fatalf("a part of %d bytes ends at %d", length, end)
		}
	}
	if end := End(strings.Repeat(`["`, 400<<10)); end != -1 {
		t.Errorf("it ends at %d", end)
	}
}
