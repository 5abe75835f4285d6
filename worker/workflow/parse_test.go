package workflow

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"workflows/worker/document"
)

const complete = `{"format":1,"name":"Large order alert","description":"Tells sales.",
 "inputs":[{"name":"order_id","type":"number","label":"Order number","required":true}],
 "triggers":[{"id":"weekdays","type":"schedule","cron":"0 9 * * 1-5","time_zone":"Europe/Berlin","missed":"latest","overlap":"skip"}],
 "steps":[
  {"id":"fetch","type":"call","name":"Fetch the order","config":{"url":"https://shop.example.com/orders/{{ input.order_id }}","tries":12345678901234567890.5},
   "retry":{"max_attempts":5,"backoff":"exponential","delay":"10s","max_delay":"10m"},"timeout":"30s","on_error":"fail"},
  {"id":"is_large","type":"decide","config":{"conditions":[{"value":"{{ steps.fetch.body.total }}","operator":"greater_than","other":100}]},
   "then":[{"id":"tell","type":"call","config":{"url":"https://chat.example.com/{{ steps.fetch.status }}"}}],"else":[]}],
 "settings":{"timeout":"1h","max_running":10,"on_limit":"queue","keep":{"days":30,"failed_days":90,"last":100}}}`

func TestADefinitionSurvivesMarshalAndParse(t *testing.T) {
	d := parsed(t, complete)
	if d.Steps[0].Config["tries"] != number("12345678901234567890.5") {
		t.Errorf("the number lost its digits: %v", d.Steps[0].Config["tries"])
	}
	again := parsed(t, string(d.Marshal()))
	if string(again.Marshal()) != string(d.Marshal()) {
		t.Error("a second round differs")
	}
	if keep := (Keep{Days: new(30), FailedDays: new(90), Last: 100}); !reflect.DeepEqual(d.Settings.Keep, &keep) {
		t.Errorf("how long runs are kept became %+v", d.Settings.Keep)
	}
	loaded, err := Load(d.Marshal())
	if err != nil || !reflect.DeepEqual(loaded.Steps[0], d.Steps[0]) || !reflect.DeepEqual(loaded.Settings, d.Settings) {
		t.Errorf("Load differs from Parse: %v", err)
	}
}

func TestWhatCannotBeReadIsMalformed(t *testing.T) {
	for name, text := range map[string]string{
		"empty":           "",
		"spaces":          "  \n",
		"null":            "null",
		"list":            "[]",
		"text":            `"x"`,
		"cut off":         `{"name": "x", "steps": [`,
		"trailing text":   `{"name":"x"} x`,
		"two objects":     `{"name":"x"}{"name":"y"}`,
		"duplicate key":   `{"name":"x","name":"y"}`,
		"duplicate deep":  `{"name":"x","steps":[{"id":"a","config":{"b":1,"b":2}}]}`,
		"depth over 32":   `{"a":` + strings.Repeat("[", 32) + strings.Repeat("]", 32) + `}`,
		"depth of 20,000": strings.Repeat("[", 20000) + strings.Repeat("]", 20000),
		"single quotes":   `{'name':'x'}`,
		"NaN":             `{"name":NaN}`,
		"a BOM":           "\xef\xbb\xbf{}",
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := Parse([]byte(text))
			var bad *document.MalformedError
			if !errors.As(err, &bad) {
				t.Fatalf("got %v", err)
			}
			assertSentence(t, bad.Message)
		})
	}
}

func TestNestingOf32LevelsIsRead(t *testing.T) {
	_, problems, err := Parse([]byte(`{"name":"x","a":` + strings.Repeat("[", 31) + strings.Repeat("]", 31) + `}`))
	if err != nil {
		t.Fatal(err)
	}
	assertProblem(t, problems, "a", "unknown_field")
}

func TestWhatIsReadButWrongIsAProblemAtItsField(t *testing.T) {
	for name, c := range map[string]struct{ document, path, code string }{
		"unknown field":      {`{"name":"x","stepz":[]}`, "stepz", "unknown_field"},
		"wrong case":         {`{"Name":"x"}`, "Name", "unknown_field"},
		"unknown in a step":  {`{"name":"x","steps":[{"id":"a","type":"call","timout":"5s"}]}`, "steps[0].timout", "unknown_field"},
		"text for a list":    {`{"name":"x","steps":"none"}`, "steps", "wrong_type"},
		"number for a text":  {`{"name":5}`, "name", "wrong_type"},
		"text for a number":  {`{"name":"x","settings":{"max_running":"10"}}`, "settings.max_running", "wrong_type"},
		"fraction":           {`{"name":"x","settings":{"max_running":1.5}}`, "settings.max_running", "wrong_type"},
		"fraction of a day":  {`{"name":"x","settings":{"keep":{"days":0.5}}}`, "settings.keep.days", "wrong_type"},
		"unknown in keep":    {`{"name":"x","settings":{"keep":{"weeks":3}}}`, "settings.keep.weeks", "unknown_field"},
		"list for an object": {`{"name":"x","steps":[[]]}`, "steps[0]", "wrong_type"},
		"timeout as number":  {`{"name":"x","steps":[{"id":"a","type":"call","timeout":-5}]}`, "steps[0].timeout", "wrong_type"},
		"U+0000":             {`{"name":"a\u0000b"}`, "name", "invalid_character"},
		"U+0000 in a config": {`{"name":"x","steps":[{"config":{"url":"\u0000"}}]}`, "steps[0].config.url", "invalid_character"},
		"U+0000 in a key":    {`{"name":"x","steps":[{"config":{"\u0000":"a"}}]}`, "steps[0].config", "invalid_character"},
		"U+202E in a name":   {`{"name":"a\u202eb"}`, "name", "invalid_character"},
		"U+202E in a step":   {`{"name":"x","steps":[{"id":"a","name":"\u202e"}]}`, "steps[0].name", "invalid_character"},
		"line break in name": {`{"name":"a\nb"}`, "name", "invalid_character"},
		"lone surrogate":     {`{"name":"\ud800"}`, "", "invalid_character"},
		"reversed pair":      {`{"name":"\udc00\ud800"}`, "", "invalid_character"},
		"invalid UTF-8":      {"{\"name\":\"\xff\"}", "", "invalid_utf8"},
		"1e400000":           {`{"name":"x","steps":[{"config":{"n":1e400000}}]}`, "steps[0].config.n", "invalid_number"},
		"1e-400000":          {`{"name":"x","steps":[{"config":{"n":1e-400000}}]}`, "steps[0].config.n", "invalid_number"},
		"1e400":              {`{"name":"x","steps":[{"config":{"n":1e400}}]}`, "steps[0].config.n", "invalid_number"},
		"1,000 digits":       {`{"name":"x","steps":[{"config":{"n":` + strings.Repeat("9", 1000) + `}}]}`, "steps[0].config.n", "invalid_number"},
		"newer format":       {`{"format":2,"name":"x"}`, "format", "unsupported_format"},
		"negative format":    {`{"format":-1,"name":"x"}`, "format", "unsupported_format"},
		"empty name":         {`{"name":""}`, "name", "required"},
		"name of spaces":     {`{"name":"   "}`, "name", "required"},
		"256 characters":     {`{"name":"` + strings.Repeat("ä", 256) + `"}`, "name", "too_long"},
	} {
		t.Run(name, func(t *testing.T) {
			_, problems, err := Parse([]byte(c.document))
			if err != nil {
				t.Fatal(err)
			}
			assertProblem(t, problems, c.path, c.code)
		})
	}
}

func TestTheLikelyFieldIsNamed(t *testing.T) {
	_, problems, _ := Parse([]byte(`{"name":"x","Steps":[]}`))
	if len(problems) != 1 || !strings.Contains(problems[0].Message, "“steps”") {
		t.Errorf("got %+v", problems)
	}
}

func TestOrdinaryTextIsKept(t *testing.T) {
	d := parsed(t, `{"name":"<script>alert('é 😀')</script>","description":"two\nlines","steps":[{"id":"a","type":"call","config":{"s":"\ud83d\ude00 \\u0000 \\ud800"}}]}`)
	if d.Name != "<script>alert('é 😀')</script>" || d.Steps[0].Config["s"] != `😀 \u0000 \ud800` {
		t.Errorf("got %q %q", d.Name, d.Steps[0].Config["s"])
	}
	if !strings.Contains(string(d.Marshal()), "<script>") {
		t.Error("Marshal escaped what needs no escaping")
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(complete))
	f.Add([]byte(`{"name":"\ud800","steps":[{"then":[{}]}]}`))
	checker := Checker{Types: testTypes()}
	f.Fuzz(func(t *testing.T, data []byte) {
		d, problems, err := Parse(data)
		if err != nil || len(problems) > 0 {
			return
		}
		checker.Check(d)
		again, problems, err := Parse(d.Marshal())
		if err != nil || len(problems) > 0 {
			t.Fatalf("what was read cannot be read again: %v %+v", err, problems)
		}
		if string(again.Marshal()) != string(d.Marshal()) {
			t.Fatal("a second round differs")
		}
	})
}
