package engine

import "testing"

func TestZeroCharactersAreReplacedAndNothingElse(t *testing.T) {
	for value, want := range map[string]string{
		"a\x00b":     "\"a\\ufffdb\"",
		"\\u0000":    `"\\u0000"`,
		"\\\x00":     "\"\\\\\\ufffd\"",
		"<b>&\u2028": `"<b>&\u2028"`,
	} {
		if got, err := toJSON(value); err != nil || string(got) != want {
			t.Errorf("%q: %s %v, want %s", value, got, err, want)
		}
	}
}
