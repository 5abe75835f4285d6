package workflow

import (
	"reflect"
	"testing"
)

func TestTypedValueKeepsNumbersAndLeavesTextsAlone(t *testing.T) {
	for text, want := range map[string]string{
		"100": "number", "007": "text", "1e400000": "text", "true": "boolean", "yes": "text", "[1, 2]": "list", `{"a": 1}`: "object", "": "text",
		"null": "text", `"quoted"`: "text", "{{ input.a }}": "text", "[1,": "text", "-0.50": "number",
	} {
		got := map[reflect.Kind]string{reflect.String: "text", reflect.Bool: "boolean", reflect.Slice: "list", reflect.Map: "object"}[reflect.ValueOf(readSide(text)).Kind()]
		if ValueKind(readSide(text)) == valueNumber {
			got = "number"
		}
		if got != want {
			t.Errorf("%q is read as a %s and not as a %s", text, got, want)
		}
	}
}
