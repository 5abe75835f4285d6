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

func TestWhatIsMoreThanANumberMayBeTypedAsPeopleWriteIt(t *testing.T) {
	for typed, want := range map[string]any{"49,90": number("49.90"), "1.234,50": number("1234.50"), "100": number("100"), "1,234": "1,234", "2026-12-24": "2026-12-24", "{{ steps.a.b }}": "{{ steps.a.b }}", "1e999999": "1e999999"} {
		list, _ := readConditions([]Row{{Value: "{{ item.total }}", Operator: "greater_than", Other: typed}, {Value: "{{ item.note }}", Operator: "equals", Other: "49,90"}}, nil)
		conditions := list.([]any)
		if got := conditions[0].(map[string]any)["other"]; got != want {
			t.Errorf("over %q is over %#v", typed, got)
		}
		if got := conditions[1].(map[string]any)["other"]; got != "49,90" {
			t.Errorf("a text is %#v", got)
		}
	}
}
