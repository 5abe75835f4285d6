package document

import (
	"strings"
	"testing"
)

// What one door lets in, the others must be able to hold: a number that an answer may
// have is one that words and conditions count with.
func TestOneRuleSaysWhatMayBeStored(t *testing.T) {
	nested := func(levels int) string { return strings.Repeat("[", levels) + strings.Repeat("]", levels) }
	for text, want := range map[string]string{
		`{"a\u0000": ["\u0000", 1.10]}`:             `{"a` + "\ufffd" + `":["` + "\ufffd" + `",1.10]}`,
		`[5e-324, -1.7976931348623157e308, 1e-308]`: `[5e-324,-1.7976931348623157e308,1e-308]`,
		strings.Repeat("9", MaxDigits):              strings.Repeat("9", MaxDigits),
		nested(MaxStoredDepth + 1):                  nested(MaxStoredDepth + 1),
	} {
		value, err := Value([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if value, ok := Storable(value); !ok || string(JSON(value)) != want {
			t.Errorf("%.60s is %.60s, %v", text, JSON(value), ok)
		}
	}
	for _, text := range []string{`1e999999999`, `1e309`, `1e-400`, `1e-400000`, `[1e18446744073709551616]`, strings.Repeat("9", MaxDigits+1), nested(MaxStoredDepth + 2)} {
		value, err := Value([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if value, ok := Storable(value); ok {
			t.Errorf("%.60s is taken as %.60s", text, JSON(value))
		}
	}
}
