package document

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestWhatIsSentIsReadIntoEmbeddedStructsAndRawValues(t *testing.T) {
	type named struct {
		Name string `json:"name"`
	}
	var body struct {
		named
		Publish bool           `json:"publish"`
		Input   map[string]any `json:"input"`
		Raw     []byte         `json:"raw"`
		At      *string        `json:"at"`
		Count   json.Number    `json:"count"`
		Few     int            `json:"few"`
	}
	problems, err := Read([]byte(`{"name":"x","publish":true,"input":{"n":1.50,"l":[null]},"raw":{"a":[1]},"at":null,"count":12345678901234567890,"few":3}`), &body)
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	if body.Name != "x" || !body.Publish || body.Input["n"] != json.Number("1.50") || string(body.Raw) != `{"a":[1]}` || body.At != nil || body.Count != "12345678901234567890" || body.Few != 3 {
		t.Errorf("got %+v", body)
	}
}

func TestWhatIsSentAndCannotBeReadIsMalformed(t *testing.T) {
	for name, text := range map[string]string{
		"empty":          "",
		"cut off":        `{"a": [`,
		"trailing text":  `{} x`,
		"two objects":    `{}{}`,
		"duplicate key":  `{"a":1,"a":2}`,
		"duplicate deep": `{"l":[{"b":1,"b":2}]}`,
		"too deep":       strings.Repeat("[", MaxDepth+1) + strings.Repeat("]", MaxDepth+1),
		"NaN":            `{"a":NaN}`,
	} {
		_, _, err := ReadValue([]byte(text), "body")
		if bad := new(MalformedError); !errors.As(err, &bad) || !strings.HasSuffix(bad.Message, ".") {
			t.Errorf("%s: %v", name, err)
		}
	}
	var body struct{}
	if _, err := Read([]byte(`[]`), &body); err == nil || err.Error() != "Send a JSON object, not a list." {
		t.Errorf("a list for an object: %v", err)
	}
}

func TestWhatCannotBeStoredIsAProblemAtItsField(t *testing.T) {
	for text, want := range map[string]Problem{
		`{"a":["x","a\u0000"]}`:              {Path: "body.a[1]", Code: "invalid_character"},
		`{"\u0000":1}`:                       {Path: "body", Code: "invalid_character"},
		`"\ud800"`:                           {Path: "body", Code: "invalid_character"},
		"\"\xff\"":                           {Path: "body", Code: "invalid_utf8"},
		`{"n":1e400}`:                        {Path: "body.n", Code: "invalid_number"},
		`[` + strings.Repeat("9", 301) + `]`: {Path: "body[0]", Code: "invalid_number"},
	} {
		_, problems, err := ReadValue([]byte(text), "body")
		if err != nil || len(problems) != 1 || problems[0].Path != want.Path || problems[0].Code != want.Code {
			t.Errorf("%q: %v %v", text, problems, err)
		}
	}
}

func TestStoredNumbersKeepTheirDigits(t *testing.T) {
	const text = `{"big":12345678901234567890,"id":9007199254740993,"rate":0.10000000000000000001}`
	value, err := Value([]byte(text))
	if err != nil || string(JSON(value)) != text {
		t.Errorf("became %s %v", JSON(value), err)
	}
	var known struct {
		Big any `json:"big"`
		ID  int `json:"id"`
	}
	if err := Decode([]byte(text), &known); err != nil || known.Big != json.Number("12345678901234567890") || known.ID != 9007199254740993 {
		t.Errorf("became %+v %v", known, err)
	}
}

func TestOnlyOneWholeValueIsDecoded(t *testing.T) {
	for text, whole := range map[string]bool{`1`: true, " {} \r\n\t": true, `{}x`: false, `{}{}`: false, `{} ` + "\x00": false, `[1,`: false, ` `: false} {
		var value any
		if err := Decode([]byte(text), &value); (err == nil) != whole {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, cut := range []string{"", "{", `{"a":1`} {
		var value any
		if err := Decode([]byte(cut), &value); errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%q looks like a connection that was cut: %v", cut, err)
		}
	}
	if value, err := Value(nil); value != nil || err != nil {
		t.Errorf("nothing became %v %v", value, err)
	}
}

func TestValuesAreWrittenForPeopleAndTexts(t *testing.T) {
	value := map[string]any{"b": []any{}, "a": "<i>"}
	if got := string(Indented(value)); got != "{\n  \"a\": \"<i>\",\n  \"b\": []\n}" {
		t.Errorf("indented: %s", got)
	}
	for _, c := range []struct {
		value any
		want  string
	}{{nil, ""}, {"x", "x"}, {true, "true"}, {json.Number("1.50"), "1.50"}, {[]any{"<", nil}, `["<",null]`}, {3, "3"}} {
		if got := Text(c.value); got != c.want {
			t.Errorf("%v became %q", c.value, got)
		}
	}
}

// FuzzReadValue holds that what was taken can be written and read again, and is
// the same in the exact reading.
func FuzzReadValue(f *testing.F) {
	f.Add([]byte(`{"a":[1,2.50,"\ud83d\ude00",null,true],"b":{}}`))
	f.Add([]byte(`"\ud800"`))
	f.Fuzz(func(t *testing.T, data []byte) {
		value, problems, err := ReadValue(data, "body")
		if err != nil || len(problems) > 0 {
			return
		}
		written := JSON(value)
		exact, err := Value(data)
		if err != nil || string(JSON(exact)) != string(written) || !utf8.Valid(written) {
			t.Fatalf("%s is %s, and exactly %s (%v)", data, written, JSON(exact), err)
		}
		again, problems, err := ReadValue(written, "body")
		if err != nil || len(problems) > 0 || string(JSON(again)) != string(written) {
			t.Fatalf("%s became %s: %v %v", written, JSON(again), problems, err)
		}
	})
}
