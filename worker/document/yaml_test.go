package document_test

import (
	"errors"
	"testing"

	"workflows/worker/document"
)

func TestWhatIsNoYAMLIsToldByItsLineAndInWordsOfOurs(t *testing.T) {
	for text, want := range map[string]string{
		"a: 1\nb: *hidden\n":     "This is not YAML. Check its quotes, brackets and indentation.",
		"a: 1\nb: [\n":           "This is not YAML: line 2 cannot be read. Check its quotes, brackets and indentation.",
		"a: \x01 hidden control": "This is not YAML. Check its quotes, brackets and indentation.",
	} {
		_, err := document.ReadYAML([]byte(text))
		if malformed := new(document.MalformedError); !errors.As(err, &malformed) || malformed.Message != want {
			t.Errorf("%q: %v", text, err)
		}
	}
}
