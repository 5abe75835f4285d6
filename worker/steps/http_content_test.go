package steps

import (
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"workflows/worker/content/samples"
	"workflows/worker/document"
	"workflows/worker/workflow"
)

// The webhooks are held to the same table (app/routes).
func TestAnswersAreReadAsWebhooksReadWhatIsSent(t *testing.T) {
	for name, c := range samples.Sent() {
		url := server(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Content-Type"] = []string{c.Label}
			w.Write([]byte(c.Body))
		})
		outcome, err := execute(t, loopback(), "http_request", map[string]any{"url": url})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := string(document.JSON(outcome.Output.(map[string]any)["body"])); got != c.Value {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestAnswersAreReadAsTheStepSays(t *testing.T) {
	status, body := 200, "a;b\n1;2"
	url := server(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		w.WriteHeader(status)
		w.Write([]byte(body))
	})
	outcome, err := execute(t, loopback(), "http_request", map[string]any{"url": url, "read_as": "csv"})
	if got := string(document.JSON(outcome.Output.(map[string]any)["body"])); err != nil || got != `[{"a":"1","b":"2"}]` {
		t.Errorf("%s %v", got, err)
	}
	_, err = execute(t, loopback(), "http_request", map[string]any{"url": url, "read_as": "xml"})
	failed := assertFails(t, err, "unreadable_answer", true)
	if failed.Output.(map[string]any)["body"] != body || !strings.Contains(failed.Message, "XML") {
		t.Errorf("%+v", failed)
	}
	status = 503
	_, err = execute(t, loopback(), "http_request", map[string]any{"url": url, "read_as": "xml"})
	assertFails(t, err, "unexpected_status", false)
	if !hasProblem(problemsOf(loopback(), "http_request", map[string]any{"url": "https://example.com", "read_as": "yaml"}), "read_as", "invalid_value") {
		t.Error("another kind passed")
	}
}

func TestFieldsOfAFormAreRowsOfNamesAndValues(t *testing.T) {
	row := func(name, value string) workflow.Row { return workflow.Row{Name: name, Value: value} }
	for content, want := range map[string][]workflow.Row{
		"name={{ input.name }}&mail=a%40b.c+d":     {row("name", "{{ input.name }}"), row("mail", "a@b.c d")},
		`a=x{{ input.a | replace "&" "=" }}y&flag`: {row("a", `x{{ input.a | replace "&" "=" }}y`), row("flag", "")},
		"a=1&a=2":                        {row("a", "1"), row("a", "2")},
		`{"b": "{{ input.b }}", "a": 7}`: {row("a", "7"), row("b", "{{ input.b }}")},
		"":                               nil,
		// more than names and values
		"{{ steps.a.body }}": nil, "{{ input.a }}=1": nil, "=1": nil, "a=%zz": nil, "a=%7B%7Bx": nil, `{"a": {"b": 1}}`: nil, `{"a": {{ input.a }}}`: nil, "a={{ input.": nil, "{}{": nil,
	} {
		rows, fits := formFields(content)
		if fits != (want != nil || content == "") || fits && !slices.Equal(rows, want) {
			t.Errorf("%s became %v, %v", content, rows, fits)
		}
		if kept, _ := readFormFields(rows, content); fits && content != "" && kept != any(content) {
			t.Errorf("%s, unchanged, is stored as %v", content, kept)
		}
	}
	read, rows := readFormFields([]workflow.Row{row("a", "1"), row("", " "), row("a", "2"), row("b", ""), row("", "lost")}, "a=1")
	if !reflect.DeepEqual(read, map[string]any{"a": []any{"1", "2"}, "b": ""}) || len(rows) != 4 || rows[3].NameProblem == "" {
		t.Errorf("read %v with %v", read, rows)
	}
	if _, fits := formFields(map[string]any{"a": []any{}}); fits {
		t.Error("an empty list is a row")
	}
}
