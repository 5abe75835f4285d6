package steps

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"

	"workflows/worker/document"
	"workflows/worker/place"
	"workflows/worker/workflow"
)

func jsonRow(name, kind, value string) workflow.Row {
	return workflow.Row{Name: name, Kind: kind, Value: value}
}

func TestJSONOfNamesWithSingleValuesIsRowsAndStaysWhatItWas(t *testing.T) {
	order := []workflow.Row{jsonRow("order", "reference", "{{ input.id }}"), jsonRow("note", "text", `for {{ input.name | default "you" }}: "yes"`), jsonRow("big", "number", "12345678901234567890.10"), jsonRow("paid", "boolean", "yes")}
	for name, c := range map[string]struct {
		content any
		rows    []workflow.Row
	}{
		"a text":                {`{"order": {{ input.id }}, "note": "for {{ input.name | default "you" }}: \"yes\"", "big": 12345678901234567890.10, "paid": true}`, order},
		"a reference as a text": {`{"order": "{{ input.id }}"}`, []workflow.Row{jsonRow("order", "text", "{{ input.id }}")}},
		"an object":             {map[string]any{"order": "{{ input.id }}", "a": json.Number("7"), "no": false}, []workflow.Row{jsonRow("a", "number", "7"), jsonRow("no", "boolean", "no"), jsonRow("order", "reference", "{{ input.id }}")}},
		"nothing":               {nil, nil},
		"an empty object":       {"{}", nil},
	} {
		rows, fits := jsonFields(c.content)
		if !fits || !slices.Equal(rows, c.rows) {
			t.Errorf("%s became %+v, %v", name, rows, fits)
		}
		if kept, _ := readJSONFields(rows, c.content); !reflect.DeepEqual(kept, c.content) {
			t.Errorf("%s, unchanged, is stored as %v", name, kept)
		}
	}
	for _, content := range []any{`{"a": {"b": 1}}`, `{"a": [1]}`, `[1]`, `7`, "{{ steps.a.body }}", `{"a": null}`, `{"a": 1, "a": 2}`, `{"": 1}`, `{"a": 1`, `{"a": 1{{ input.a }}}`, `{"a": "{{ input."}`, `{"a": "\{{ input.a }}"}`, map[string]any{"a": nil}, map[string]any{"a": []any{}}, map[string]any{"": "x"}, []any{}} {
		if rows, fits := jsonFields(content); fits {
			t.Errorf("%v became %+v", content, rows)
		}
	}
}

func TestRowsBecomeTheJSONThatTheySay(t *testing.T) {
	filled := func(content any) string {
		text, isText := content.(string)
		if !isText {
			return string(document.JSON(content))
		}
		pieces := workflow.StandIn(text, json.Number("7"))
		written, err := place.JSON(pieces)
		value, wrong := document.Value([]byte(written))
		if err != nil || wrong != nil {
			t.Fatalf("%s cannot be sent: %v %v", text, err, wrong)
		}
		return string(document.JSON(value))
	}
	rows := []workflow.Row{jsonRow("b", "number", "20.50"), jsonRow("a", "text", `say "{{ input.x }}" \ to`), jsonRow("c", "reference", " {{ input.x }}"), jsonRow("paid", "boolean", "yes"), jsonRow("", "", " ")}
	if read, _ := readJSONFields(rows, nil); !reflect.DeepEqual(read, map[string]any{"b": json.Number("20.50"), "a": `say "{{ input.x }}" \ to`, "c": "{{ input.x }}", "paid": true}) {
		t.Errorf("they are stored as %#v", read)
	}
	want := `{"a":"say \"7\" \\ to","b":20.50,"c":7,"paid":true}`
	typed, _ := readJSONFields(rows, `{"before": 1}`)
	if text, isText := typed.(string); !isText || filled(text) != want {
		t.Errorf("in the place of a typed text they are stored as %v, which is sent as %s", typed, filled(typed))
	}
	again, fits := jsonFields(typed)
	if !fits || len(again) != 4 || again[0].Name != "b" || again[1].Value != rows[1].Value || again[2].Kind != "reference" {
		t.Errorf("and that is read as %+v", again)
	}
	if quoted, _ := readJSONFields([]workflow.Row{jsonRow("code", "", "{{ input.x }}")}, nil); filled(quoted) != `{"code":"7"}` {
		t.Errorf("a text that is inserted is sent as %s", filled(quoted))
	}
	read, kept := readJSONFields([]workflow.Row{jsonRow("", "text", "lost"), jsonRow("a", "number", "many"), jsonRow("b", "reference", "none"), jsonRow("c", "text", "1"), jsonRow("c", "text", "2")}, nil)
	if len(kept) != 5 || kept[0].NameProblem == "" || kept[1].ValueProblem == "" || kept[2].ValueProblem == "" || kept[4].NameProblem == "" {
		t.Errorf("%v is read of %+v", read, kept)
	}
}

func TestWhatKeepsContentFromBeingJSONIsSaidWithTheLine(t *testing.T) {
	for body, want := range map[string]string{
		"{\n  \"order\": {{ input.x }}\n  \"note\": \"for Anna\"\n}":                     "Line 2: a comma is missing after “x”.",
		"{\n  \"order\": \"{{ input.x | default \"none\" }}\",\n  \"note\": for Anna\n}": `Line 3: a text stands in quotation marks: "for Anna".`,
		"{\n  \"order\": {{ input.x }},\n  \"note\": \"for {{ input.x }}\"\n}":           "",
		"{{ input.x }}": "",
	} {
		said := ""
		for _, problem := range problemsOf(Options{}, "http_request", map[string]any{"url": "https://example.com", "body_type": "json", "body": body}) {
			if problem.Path == "steps[0].config.body" {
				said = problem.Code + " " + problem.Message
			}
		}
		if want != "" {
			want = "invalid_json " + want
		}
		if said != want {
			t.Errorf("%s: %s", body, said)
		}
	}
}
