package workflow

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"workflows/models/columns"
)

const yamlFlow = `format: 1
name: Large order alert
triggers:
  - {id: weekdays, type: schedule, cron: "0 9 * * 1-5", time_zone: Europe/Berlin}
  - {id: once, type: schedule, at: 2027-01-01T00:00:00Z}
  - {id: by_day, type: schedule, every: 15m, not_between: [22:00-06:00, "12:00-13:00"]}
steps:
  - id: fetch
    type: http_request
    config: {url: "https://shop.example.com/{{ input.order_id }}", body: {number: 12345678901234567890, yes: no}}
    timeout: 30s
`

func TestYAMLIsReadAndWrittenWithoutLoss(t *testing.T) {
	documents, problems, err := ParseYAML([]byte(yamlFlow + "publish: true\n---\nname: Two\n"))
	if err != nil || len(documents) != 2 || len(problems[0])+len(problems[1]) > 0 {
		t.Fatalf("%v %v %v", documents, problems, err)
	}
	first := documents[0]
	if !first.Publish || documents[1].Publish || first.Triggers[1].At != "2027-01-01T00:00:00Z" || !slices.Equal(first.Triggers[2].NotBetween, []string{"22:00-06:00", "12:00-13:00"}) {
		t.Errorf("got %+v", first)
	}
	body := string(first.Definition.Marshal())
	if !strings.Contains(body, `"number":12345678901234567890`) || !strings.Contains(body, `"yes":"no"`) {
		t.Errorf("values have changed: %s", body)
	}
	text, err := first.YAML()
	if err != nil || !strings.HasPrefix(string(text), "format: 1\nname: Large order alert\ntriggers:\n") {
		t.Fatalf("%v\n%s", err, text)
	}
	again, _, err := ParseYAML(text)
	if err != nil || len(again) != 1 || string(again[0].Marshal()) != body || !again[0].Publish {
		t.Errorf("%v\n%s", err, text)
	}
}

func TestOddTextsSurviveYAML(t *testing.T) {
	for _, text := range []string{
		"yes", "null", "~", "1e3", "0x10", "2027-01-01", " leading", "trailing ", "a: b", "# no comment", "- x", "&a", "*a", "!x", "%x", "@x", "`x", "|", ">",
		"a\nb\n", "\n\na", "tab\tx", "“quotes” \"'", "{{ input.x }}", "", "é\u2028\U0001F600", "a\\nb", "---", "...", "---\nname: X", strings.Repeat("-", 1000), strings.Repeat("long ", 100),
	} {
		d := Document{Definition: Definition{Format: 1, Name: "A", Steps: []Step{{ID: "a", Type: "set_values", Config: map[string]any{"values": map[string]any{"x": text}}}}}}
		data, err := d.YAML()
		if err != nil {
			t.Fatal(err)
		}
		again, _, err := ParseYAML(data)
		if err != nil || len(again) != 1 {
			t.Errorf("%q became %v, %v:\n%s", text, again, err, data)
			continue
		}
		if got := again[0].Steps[0].Config["values"].(map[string]any)["x"]; got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
}

func TestAnyDefinitionIsExportedWithoutLoss(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := func(name string) string {
			return columns.Fit(rapid.OneOf(rapid.String(), rapid.StringOfN(rapid.SampledFrom([]rune("0123:_-+.eEyno~=< \n\r\t\u0085\u2028\u00a0\ufeff\x7f#'\"{}")), 0, 6, -1)).Draw(t, name))
		}
		d := Document{Publish: true, Definition: Definition{
			Format: 1, Name: "A", Description: text("description"), Inputs: []Input{{Name: "a", Type: "choice", Options: []string{text("option")}, Default: text("default")}},
			Triggers: []Trigger{{ID: "t", Type: "webhook", Filter: &Filter{Conditions: []Condition{{Match: "any", Conditions: []Condition{{Value: text("value"), Operator: "equals", Other: number("1e3")}}}}}}},
			Steps:    []Step{{ID: "a", Type: "set_values", Name: text("title"), Config: map[string]any{"values": map[string]any{"k" + text("name"): []any{text("value"), nil, true, number("-0.10")}}}}},
		}}
		data, err := d.YAML()
		if err != nil {
			t.Fatal(err)
		}
		again, _, err := ParseYAML(data)
		if err != nil || len(again) != 1 || string(again[0].Marshal()) != string(d.Marshal()) || len(again[0].Remarks) > 0 {
			t.Fatalf("%s became %+v, %v:\n%s", d.Marshal(), again, err, data)
		}
	})
}

func FuzzYAML(f *testing.F) {
	f.Add([]byte(yamlFlow))
	f.Add([]byte("a: &a [1]\nb: *a\n<<: *a\nc: .nan\nd: !!binary x"))
	f.Add([]byte("---\n...\n---\n- ? : x"))
	f.Fuzz(func(t *testing.T, data []byte) {
		documents, problems, err := ParseYAML(data)
		if err == nil && len(documents) != len(problems) {
			t.Errorf("%d documents, %d lists of problems", len(documents), len(problems))
		}
	})
}
