package columns

import (
	"encoding/json"
	"testing"
)

func TestWhatAColumnCannotHoldIsToldAndReplaced(t *testing.T) {
	for text, fits := range map[string]string{
		"":             "",
		"plain é 😀":    "plain é 😀",
		"a\x00b":       "a\ufffdb",
		"a\xffb":       "a\ufffdb",
		"\xed\xa0\x80": "\ufffd", // half of a character
		"\xff\x00":     "\ufffd\ufffd",
	} {
		if got := Fit(text); got != fits || Holds(text) != (text == fits) || !Holds(got) {
			t.Errorf("%q fits as %q, and is held: %v", text, got, Holds(text))
		}
	}
}

func TestWhatPeopleWriteIsShownWithoutWhatIsHiddenInIt(t *testing.T) {
	for written, shown := range map[string]string{
		"Otto asks them.\n\tTwice.": "Otto asks them.\n\tTwice.", "fdp.\u202eexe": "fdp.exe", "a\u0000b\u0007c\r": "abc", "\u2066x\u2069\u200f": "x", "\ufeffyes\u200b": "yes",
		"نمی\u200cخواهم": "نمی\u200cخواهم", "👩\u200d🚒": "👩\u200d🚒",
	} {
		if got := Shown(written); got != shown {
			t.Errorf("of %q %q is shown, not %q", written, got, shown)
		}
	}
}

func TestJSONIsWrittenReadablyAndExactly(t *testing.T) {
	got, err := Encode(map[string]any{"a": "<b> & 'c'", "n": json.Number("12345678901234567890.50")})
	if want := `{"a":"<b> & 'c'","n":12345678901234567890.50}`; err != nil || string(got) != want {
		t.Errorf("got %s %v", got, err)
	}
	if _, err := Encode(func() {}); err == nil {
		t.Error("a function became JSON")
	}
}

func TestOnlyTheCharacterU0000IsReplacedInJSON(t *testing.T) {
	for data, want := range map[string]string{
		`{"a":"x"}`:        `{"a":"x"}`,
		`"a\u0000b"`:       `"a\ufffdb"`,
		`"\\u0000"`:        `"\\u0000"`,
		`"\\\u0000\"\u00"`: `"\\\ufffd\"\u00"`,
		`"\`:               `"\`,
	} {
		if got := string(FitJSON([]byte(data))); got != want {
			t.Errorf("%s became %s", data, got)
		}
	}
}

func TestABeginningThatFitsIsWholeCharacters(t *testing.T) {
	for text, want := range map[string]string{"": "", "grün": "grün", "abcdü": "abcd …", "a\x00bcdef": "a\ufffdb …"} {
		if got := FitWithin(text, 5); got != want {
			t.Errorf("of %q stays %q, not %q", text, got, want)
		}
	}
}
