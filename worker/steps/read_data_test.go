package steps

import (
	"strings"
	"testing"

	"workflows/worker/document"
)

func TestReadDataGivesValuesAndRows(t *testing.T) {
	for name, c := range map[string]struct{ config, want string }{
		"JSON":                 {`{"text": "[{\"id\": 1}, {\"id\": 9007199254740993}]"}`, `{"count":2,"rows":[{"id":1},{"id":9007199254740993}],"value":[{"id":1},{"id":9007199254740993}]}`},
		"one object":           {`{"text": "{\"id\": 1}", "format": "json"}`, `{"count":1,"rows":[{"id":1}],"value":{"id":1}}`},
		"null":                 {`{"text": "null"}`, `{"count":0,"rows":[],"value":null}`},
		"values already":       {`{"text": [{"id": 1}]}`, `{"count":1,"rows":[{"id":1}],"value":[{"id":1}]}`},
		"a table":              {`{"text": "id;name\n1;Ada", "format": "csv"}`, `{"count":1,"rows":[{"id":"1","name":"Ada"}],"value":[{"id":"1","name":"Ada"}]}`},
		"a table without head": {`{"text": "1,Ada", "format": "csv", "header": false}`, `{"count":1,"rows":[["1","Ada"]],"value":[["1","Ada"]]}`},
		"with its separator":   {`{"text": "a;b,c", "format": "csv", "header": false, "separator": "comma"}`, `{"count":1,"rows":[["a;b","c"]],"value":[["a;b","c"]]}`},
		"XML that repeats":     {`{"text": "<r><meta>x</meta><o id='1'/><o id='2'/></r>", "format": "xml"}`, `{"count":2,"rows":[{"@id":"1"},{"@id":"2"}],"value":{"r":{"meta":"x","o":[{"@id":"1"},{"@id":"2"}]}}}`},
		"XML deeper":           {`{"text": "<r><os n='2'><o>1</o><o>2</o></os></r>", "format": "xml"}`, `{"count":2,"rows":["1","2"],"value":{"r":{"os":{"@n":"2","o":["1","2"]}}}}`},
		"XML with one of them": {`{"text": "<r><o><id>1</id></o></r>", "format": "xml"}`, `{"count":1,"rows":[{"id":"1"}],"value":{"r":{"o":{"id":"1"}}}}`},
		"YAML":                 {`{"text": "- a: 1\n", "format": "yaml"}`, `{"count":1,"rows":[{"a":1}],"value":[{"a":1}]}`},
		"lines":                {`{"text": "a\n\nb\n", "format": "lines"}`, `{"count":2,"rows":["a","b"],"value":["a","b"]}`},
		"a number as lines":    {`{"text": 12.50, "format": "lines"}`, `{"count":1,"rows":["12.50"],"value":["12.50"]}`},
	} {
		outcome, err := execute(t, Options{}, "read_data", valueOf(t, c.config).(map[string]any))
		if got := string(document.JSON(outcome.Output)); err != nil || got != c.want {
			t.Errorf("%s: %s %v", name, got, err)
		}
	}
}

func TestReadDataSaysWhatCannotBeRead(t *testing.T) {
	for code, configs := range map[string][]string{
		"unreadable_data": {`{"text": "{"}`, `{"text": "", "format": "json"}`, `{"text": "<a>", "format": "xml"}`, `{"text": "a,\"b", "format": "csv"}`, `{"text": "a: [", "format": "yaml"}`},
		"not_a_text":      {`{"text": [1], "format": "csv"}`, `{"text": {"a": 1}, "format": "xml"}`},
	} {
		for _, config := range configs {
			_, err := execute(t, Options{}, "read_data", valueOf(t, config).(map[string]any))
			assertFails(t, err, code, true)
		}
	}
}

const rowsToWrite = `[{"id": 1, "name": "Ada, \"A\"", "at": {"city": "Köln"}}, {"id": 12.50, "name": "=1+1\nx", "at": {"city": "東京"}}, {"id": null, "name": "<b>&"}]`

func TestMakeDataWritesRows(t *testing.T) {
	for name, c := range map[string]struct{ rest, want string }{
		"CSV":                      {`"columns": "id, name"`, "id,name\r\n1,\"Ada, \"\"A\"\"\"\r\n12.50,\"'=1+1\r\nx\"\r\n,<b>&\r\n"},
		"CSV without a head":       {`"columns": "name", "header": false, "guard_formulas": false`, "\"Ada, \"\"A\"\"\"\r\n\"=1+1\r\nx\"\r\n<b>&\r\n"},
		"CSV with all fields":      {`"separator": "semicolon"`, "at;id;name\r\n\"{\"\"city\"\":\"\"Köln\"\"}\";1;\"Ada, \"\"A\"\"\"\r\n\"{\"\"city\"\":\"\"東京\"\"}\";12.50;\"'=1+1\r\nx\"\r\n;;<b>&\r\n"},
		"a table in plain text":    {`"format": "text_table", "columns": ["at.city", "id", "name"]`, "at.city  id     name\n-------  -----  --------\nKöln         1  Ada, \"A\"\n東京     12.50  =1+1 x\n                <b>&\n"},
		"a table in HTML":          {`"format": "html_table", "columns": "id,name"`, "<table border=\"1\" cellpadding=\"6\" style=\"border-collapse:collapse\">\n<thead><tr><th>id</th><th>name</th></tr></thead>\n<tbody>\n<tr><td align=\"right\">1</td><td>Ada, &#34;A&#34;</td></tr>\n<tr><td align=\"right\">12.50</td><td>=1+1<br>x</td></tr>\n<tr><td></td><td>&lt;b&gt;&amp;</td></tr>\n</tbody>\n</table>\n"},
		"JSON keeps what there is": {`"format": "json"`, `[{"at":{"city":"Köln"},"id":1,"name":"Ada, \"A\""},{"at":{"city":"東京"},"id":12.50,"name":"=1+1\nx"},{"id":null,"name":"<b>&"}]`},
	} {
		outcome, err := execute(t, Options{}, "make_data", valueOf(t, `{"rows": `+rowsToWrite+`, `+c.rest+`}`).(map[string]any))
		if err != nil || outcome.Output.(map[string]any)["text"] != c.want {
			t.Errorf("%s: %v\n%v\nwant\n%v", name, err, outcome.Output, c.want)
		}
	}
	for rows, want := range map[string]string{
		`["a", -5, "-5", "+x"]`:           "value\r\na\r\n-5\r\n-5\r\n'+x\r\n",
		`[[1, "x"], [2]]`:                 "1,x\r\n2\r\n",
		`{"a": 1}`:                        "a\r\n1\r\n",
		`"[{\"a\": 1}]"`:                  "a\r\n1\r\n",
		`[]`:                              "",
		`[{"a":""},{"a":null},"x"]`:       "a,value\r\n,\r\n,\r\n,x\r\n",
		`[{"a":""},{"a":null},{"a":"x"}]`: "a\r\n\"\"\r\n\"\"\r\nx\r\n", // an empty line would be no row
		`[{"a": [1, {"b": 2}]}]`:          "a\r\n\"[1,{\"\"b\"\":2}]\"\r\n",
	} {
		outcome, err := execute(t, Options{}, "make_data", valueOf(t, `{"rows": `+rows+`}`).(map[string]any))
		if err != nil || outcome.Output.(map[string]any)["text"] != want {
			t.Errorf("%s: %q %v", rows, outcome.Output, err)
		}
	}
}

// What is written as CSV and read again is the same.
func TestMadeDataCanBeReadAgain(t *testing.T) {
	made, err := execute(t, Options{}, "make_data", valueOf(t, `{"guard_formulas": false, "rows": [{"a": "x;\"y\"\n", "b": "0012"}, {"a": "=1", "b": ""}]}`).(map[string]any))
	if err != nil {
		t.Fatal(err)
	}
	read, err := execute(t, Options{}, "read_data", map[string]any{"format": "csv", "text": made.Output.(map[string]any)["text"]})
	if got := string(document.JSON(read.Output.(map[string]any)["rows"])); err != nil || got != `[{"a":"x;\"y\"\n","b":"0012"},{"a":"=1","b":""}]` {
		t.Error(got, err)
	}
}

func TestMakeDataIsBounded(t *testing.T) {
	long := make([]any, MaxRows+1)
	_, err := execute(t, Options{}, "make_data", map[string]any{"rows": long})
	assertFails(t, err, "too_many_items", true)
	_, err = execute(t, Options{}, "make_data", map[string]any{"rows": "orders"})
	assertFails(t, err, "not_a_list", true)
	for _, format := range []string{"csv", "json", "text_table", "html_table"} {
		big := make([]any, MaxRows)
		for i := range big {
			big[i] = map[string]any{"a": strings.Repeat("x", 99)}
		}
		_, err = execute(t, Options{}, "make_data", map[string]any{"rows": big, "format": format})
		assertFails(t, err, "too_large", true)
	}
	if !hasProblem(problemsOf(Options{}, "make_data", map[string]any{"rows": "orders"}), "rows", "not_a_list") {
		t.Error("a text passed")
	}
}
