package filter

import (
	"strings"
	"testing"
)

func TestArgumentsAreTakenAsPeopleTypeThem(t *testing.T) {
	for _, c := range []struct {
		word  string
		typed []string
		want  string
	}{
		{"upper", nil, "upper"},
		{"round", []string{" 2 "}, "round 2"},
		{"plus", []string{"{{ input.n }}"}, "plus input.n"},
		{"plus", []string{`{{ steps.a["c | d"].n }}`}, `plus steps.a["c | d"].n`},
		{"default", []string{"none"}, `default "none"`},
		{"default", []string{"0"}, "default 0"},
		{"default", []string{"007"}, `default "007"`},
		{"default", []string{"1e999999999"}, "is not a number that can be counted with"}, // and no text
		{"default", []string{"true"}, "default true"},
		{"default", []string{""}, `default ""`},
		{"replace", []string{`say "a"`, " "}, `replace "say \"a\"" " "`},
		{"replace", []string{"-"}, `replace "-" ""`},
		{"join", []string{", "}, `join ", "`},
		{"date", []string{"dd.MM.yyyy", ""}, `date "dd.MM.yyyy"`},
		{"date", []string{"dd.MM.yyyy", "Europe/Berlin"}, `date "dd.MM.yyyy" "Europe/Berlin"`},
		{"round", []string{""}, "needs a whole number"},
		{"round", []string{"two"}, "needs a whole number"},
		{"split", nil, "needs a text to look for"},
		{"plus", []string{"{{ a b }}"}, "cannot be read"},
		{"plus", []string{"{{ input.n | round 2 }}"}, "cannot be read"},
		{"add", []string{"2 days"}, `add "2 days"`},
	} {
		w, _ := Named(c.word)
		f, err := w.Typed(c.typed)
		got := f.String()
		if err != nil {
			got = err.Error()
		}
		if got != c.want && (err == nil || !strings.Contains(got, c.want)) {
			t.Errorf("%s %q is %s, not %s", c.word, c.typed, got, c.want)
		}
	}
}
