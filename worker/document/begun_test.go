package document

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

func TestWhatIsCutOffIsReadAsFarAsItCame(t *testing.T) {
	for text, want := range map[string]string{
		`{"a":[1,{"b":"x"},{"c":tr`: `{"a":[1,{"b":"x"},{}]}`,
		`{"a":1,"b"`:                `{"a":1}`,
		`{"a":1,"b":"cut`:           `{"a":1}`,
		`[[[`:                       `[[[]]]`,
		`{"a":null,`:                `{"a":null}`,
		`{"a" x`:                    `{}`,
		``:                          `null`,
		`"cut`:                      `null`,
	} {
		if got := string(JSON(Begun([]byte(text)))); got != want {
			t.Errorf("%s is read as %s, want %s", text, got, want)
		}
	}
}

// What is whole is read as it is, and no beginning of it fails.
func TestAnyBeginningIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.MapOf(rapid.String(), rapid.SliceOf(rapid.OneOf(
			rapid.Map(rapid.String(), func(s string) any { return s }), rapid.Just[any](nil), rapid.Just[any](map[string]any{"a": true}),
		))).Draw(t, "value")
		text := JSON(value)
		whole, err := Value(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := Begun(text); !reflect.DeepEqual(got, whole) {
			t.Fatalf("%s became %v", text, got)
		}
		_ = Begun(text[:rapid.IntRange(0, len(text)).Draw(t, "cut")])
	})
}
