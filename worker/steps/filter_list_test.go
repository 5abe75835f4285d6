package steps

import (
	"encoding/json"
	"strings"
	"testing"

	"workflows/worker/document"
	"workflows/worker/workflow"
)

// valueOf reads a value as the engine hands it to steps.
func valueOf(t *testing.T, text string) any {
	t.Helper()
	value, err := document.Value([]byte(text))
	if err != nil {
		t.Fatal(text, err)
	}
	return value
}

// filterWith runs the step as the engine does, with what it fills in per item.
func filterWith(t *testing.T, config string) (map[string]any, error) {
	t.Helper()
	kind := All(Options{})["filter_list"]
	outcome, err := kind.Execute(t.Context(), workflow.Call{Config: valueOf(t, config).(map[string]any), PerItem: kind.PerItem(workflow.Scope{})})
	output, _ := outcome.Output.(map[string]any)
	return output, err
}

const orders = `[
	{"id": 1, "total": 50, "customer": {"id": "b", "name": "zoe"}, "at": "2026-11-02"},
	{"id": 2, "total": 250, "customer": {"id": "a", "name": "Ada"}, "at": "2026-11-01T10:00:00Z"},
	{"id": 3, "total": "99.5", "customer": {"id": "b", "name": "Zoe"}, "at": "2026-11-03"},
	{"id": 4, "customer": {"id": "c", "name": "Émile"}, "at": ""}]`

func TestFilterListKeepsWhatIsWanted(t *testing.T) {
	over := func(least string) string {
		return `"conditions": [{"value": "{{ item.total }}", "operator": "greater_than", "other": ` + least + `}]`
	}
	for name, c := range map[string]struct{ list, rest, ids string }{
		"nothing is asked":                 {orders, `"match": "all"`, "[1,2,3,4]"},
		"a number":                         {strings.ReplaceAll(orders, `"id": 4,`, `"id": 4, "total": null,`), over("60"), "[2,3]"},
		"nothing is neither more nor less": {strings.ReplaceAll(orders, `"id": 4,`, `"id": 4, "total": "",`), over("-1"), "[1,2,3]"},
		"any":                              {orders, `"match": "any", "conditions": [{"value": "{{ item.id }}", "operator": "equals", "other": 1}, {"value": "{{ item.id }}", "operator": "equals", "other": 4}]`, "[1,4]"},
		"in groups":                        {orders, `"conditions": [{"match": "any", "conditions": [{"value": "{{ item.id }}", "operator": "equals", "other": 1}, {"match": "all", "conditions": [{"value": "{{ item.customer.id }}", "operator": "equals", "other": "a"}, {"value": "{{ item.total }}", "operator": "greater_than", "other": 200}]}]}]`, "[1,2]"},
		"by its place":                     {orders, `"conditions": [{"value": "{{ index }}", "operator": "less_than", "other": 2}]`, "[1,2]"},
		"sorted by number":                 {orders, `"sort_by": "total"`, "[1,3,2,4]"},
		"sorted by number, largest first":  {orders, `"sort_by": "total", "descending": true`, "[2,3,1,4]"},
		"sorted by time":                   {orders, `"sort_by": "at", "descending": true`, "[3,1,2,4]"},
		"sorted by text":                   {orders, `"sort_by": "{{ item.customer.name }}"`, "[2,3,1,4]"},
		"one for each":                     {orders, `"unique_by": "customer.id"`, "[1,2,4]"},
		"the newest for each":              {orders, `"unique_by": "customer.id", "sort_by": "at", "descending": true`, "[3,2,4]"},
		"one for each moment":              {`[{"id": 1, "at": "2026-11-28T10:00:00Z"}, {"id": 2, "at": "Sat, 28 Nov 2026 11:00:00 +0100"}, {"id": 3, "at": "2026-11-28"}, {"id": 4, "at": "28.11.2026"}]`, `"unique_by": "at"`, "[1,3]"},
		"those without it are all kept":    {`[{"id": 1}, {"id": 2}, {"id": 3, "x": 1}, {"id": 4, "x": "1"}, {"id": 5, "x": 1.0}]`, `"unique_by": "x"`, "[1,2,3]"},
		"a field with a dot in its name":   {`[{"id": 1, "a.b": 2}, {"id": 2, "a.b": 1}]`, `"sort_by": "a.b"`, "[2,1]"},
		"the first two":                    {orders, `"sort_by": "id", "descending": true, "limit": 2`, "[4,3]"},
		"an empty list":                    {`[]`, `"sort_by": "id"`, "[]"},
	} {
		output, err := filterWith(t, `{"list": `+c.list+`, `+c.rest+`}`)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		ids := []any{}
		for _, item := range output["items"].([]any) {
			ids = append(ids, item.(map[string]any)["id"])
		}
		if got := string(document.JSON(ids)); got != c.ids || output["count"] != len(ids) || output["count"].(int)+output["rejected"].(int) != len(valueOf(t, c.list).([]any)) {
			t.Errorf("%s: kept %s of %s, %v and %v", name, got, c.ids, output["count"], output["rejected"])
		}
	}
}

func TestFilterListTakesTextsAndNumbersToo(t *testing.T) {
	output, err := filterWith(t, `{"list": "[10, 9.5, 9007199254740993, 9007199254740992]", "sort_by": "{{ item }}", "conditions": [{"value": "{{ item }}", "operator": "less_than", "other": 9007199254740993}]}`)
	if err != nil || string(document.JSON(output["items"])) != `[9.5,10,9007199254740992]` {
		t.Errorf("%s %v", document.JSON(output["items"]), err)
	}
	output, err = filterWith(t, `{"list": ["b", "B", "a", "b"], "sort_by": "{{ item }}", "unique_by": "{{ item }}"}`)
	if err != nil || string(document.JSON(output["items"])) != `["a","B","b"]` {
		t.Errorf("%s %v", document.JSON(output["items"]), err)
	}
}

func TestFilterListSaysWhatItCannotDo(t *testing.T) {
	for code, config := range map[string]string{
		"not_a_list":        `{"list": "orders"}`,
		"invalid_condition": `{"list": [{"a": "soon"}], "conditions": [{"value": "{{ item.a }}", "operator": "greater_than", "other": 1}]}`,
		"invalid_config":    `{"list": [], "limit": -1}`,
	} {
		_, err := filterWith(t, config)
		assertFails(t, err, code, true)
	}
	long := make([]any, MaxRows+1)
	_, err := execute(t, Options{}, "filter_list", map[string]any{"list": long})
	assertFails(t, err, "too_many_items", true)
	for path, config := range map[string]map[string]any{
		"list":  {"list": "orders"},
		"limit": {"list": []any{"a"}, "limit": json.Number("0")},
	} {
		if problems := problemsOf(Options{}, "filter_list", config); len(problems) != 1 || problems[0].Path != "steps[0].config."+path {
			t.Errorf("%s: %+v", path, problems)
		}
	}
	whole := map[string]any{"list": "{{ input.x }}", "sort_by": "{{ item.a }}", "unique_by": "b c", "limit": json.Number("3"), "conditions": []any{map[string]any{"value": "{{ item }}", "operator": "is_not_empty"}}}
	if problems := problemsOf(Options{}, "filter_list", whole); len(problems) > 0 {
		t.Errorf("%+v", problems)
	}
	want := "Keeps those of {{ input.x }} where {{ item }} is not empty, sorted by {{ item.a }}, one for each b c, at most 3"
	if got := All(Options{})["filter_list"].Sentence(whole); got != want {
		t.Error(got)
	}
}
