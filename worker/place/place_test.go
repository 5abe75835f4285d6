package place

import (
	"encoding/json"
	"errors"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"workflows/worker/document"
)

// pieces takes a text apart at «…», which are named values.
func pieces(text string, values map[string]any) []Piece {
	var list []Piece
	for text != "" {
		typed, rest, found := strings.Cut(text, "«")
		if typed != "" {
			list = append(list, Piece{Typed: typed})
		}
		if !found {
			break
		}
		name, after, _ := strings.Cut(rest, "»")
		list = append(list, Piece{Name: name, Value: values[name]})
		text = after
	}
	return list
}

func TestValuesInAnAddress(t *testing.T) {
	for _, test := range []struct{ typed, value, want string }{
		{"https://a.example.com/s?name=«x»&limit=5", "a b", "https://a.example.com/s?name=a%20b&limit=5"},
		{"https://a.example.com/s?name=«x»&limit=5", "Müller & Söhne", "https://a.example.com/s?name=M%C3%BCller%20%26%20S%C3%B6hne&limit=5"},
		{"https://a.example.com/«x»/z", "a#b?c/d", "https://a.example.com/a%23b%3Fc%2Fd/z"},
		{"https://a.example.com/«x»", "../admin", "https://a.example.com/..%2Fadmin"},
		{"https://a.example.com/«x»", "100%", "https://a.example.com/100%25"},
		{"https://a.example.com/o?$filter=Name eq '«x»'", "O'Neill", "https://a.example.com/o?$filter=Name%20eq%20'O%27Neill'"},
		{"https://a.example.com/o?$filter=Name eq 'x'&p=100%", "", "https://a.example.com/o?$filter=Name%20eq%20'x'&p=100%25"},
		{"https://a.example.com/%20b?q=%41", "", "https://a.example.com/%20b?q=%41"},
		{"https://a.example.com/ü?q=ü#ü", "", "https://a.example.com/%C3%BC?q=%C3%BC#%C3%BC"},
		{" «x» ", "https://a.example.com/?q=1#top", "https://a.example.com/?q=1#top"},
		{"«x»/orders", "https://a.example.com/v1/", "https://a.example.com/v1/orders"},
		{"«x»/orders", "https://a.example.com", "https://a.example.com/orders"},
		{"«x»orders", "https://a.example.com/v1/", "https://a.example.com/v1/orders"},
		{"https://«x»/orders", "a.example.com:8443", "https://a.example.com:8443/orders"},
		{"https://«x»:8443/orders", "a.example.com", "https://a.example.com:8443/orders"},
		{"https://«x».example.com/", "shop-1", "https://shop-1.example.com/"},
		{"https://a.example.com:«x»/", "8443", "https://a.example.com:8443/"},
		{"https://a.example.com?q=«x»", "", "https://a.example.com?q="},
		{"https://a.example.com/#«x»", "a b", "https://a.example.com/#a%20b"},
	} {
		got, err := Address(pieces(test.typed, map[string]any{"x": test.value}))
		if err != nil || got != test.want {
			t.Errorf("%s with %q: %q, %v; want %q", test.typed, test.value, got, err, test.want)
		}
	}
}

func TestValuesThatCannotStandInAnAddress(t *testing.T) {
	for _, test := range []struct{ typed, value, code string }{
		{"«x»", "", CodeMissing},
		{"https://a.example.com/«x»", "", CodeMissing},
		{"https://a.example.com/order-«x».json", "", CodeMissing},
		{"https://«x»/", "", CodeMissing},
		{"https://a.example.com/«x»/b", "..", "invalid_url"},
		{"https://a.example.com/.«x»", ".", "invalid_url"},
		{"https://a.example.com/«x»?q", ".", "invalid_url"},
		{"https://a.example.com«x»/", ".evil.example", "invalid_url"},
		{"https://a.example.com«x»", "/orders", "invalid_url"},
		{"https://«x».example.com/", "evil.example/", "invalid_url"},
		{"https://«x»/", "a@evil.example", "invalid_url"},
		{"https://a.example.com:«x»/", "80@evil.example", "invalid_url"},
		{"«x»/orders", "https://a.example.com/?q=", "invalid_url"},
		{"«x»/orders", "a.example.com", "invalid_url"},
	} {
		got, err := Address(pieces(test.typed, map[string]any{"x": test.value}))
		var misfit *Error
		if !errors.As(err, &misfit) || misfit.Code != test.code || !strings.Contains(misfit.Message, "“x”") {
			t.Errorf("%s with %q: %q, %v", test.typed, test.value, got, err)
		}
	}
}

func TestALongAddressIsWrittenInOneGo(t *testing.T) {
	long := strings.Repeat("a", 1<<20)
	for name, c := range map[string]struct {
		pieces []Piece
		fits   bool
	}{
		"a beginning":    {[]Piece{{Name: "{{ x }}", Value: "https://example.com/" + long}, {Typed: "/b"}}, true},
		"what was typed": {[]Piece{{Typed: "https://example.com/" + long}, {Name: "{{ x }}", Value: "b"}}, true},
		"a host":         {[]Piece{{Typed: "https://"}, {Name: "{{ x }}", Value: long}, {Typed: "/b"}}, false},
	} {
		var err error
		pieces := testing.AllocsPerRun(1, func() { _, err = Address(c.pieces) })
		if (err == nil) != c.fits {
			t.Errorf("%s: %v", name, err)
		}
		if pieces > 1000 { // a text that is made anew with each byte is a million
			t.Errorf("%s: the text was made in %v pieces", name, pieces)
		}
	}
}

func TestValuesInJSON(t *testing.T) {
	values := map[string]any{"text": "He said \"hi\"\n\\", "evil": `x", "admin": "true`, "n": json.Number("9007199254740993"), "nothing": nil, "list": []any{"a"}, "empty": ""}
	for typed, want := range map[string]string{
		`{"a": "«text»"}`:             `{"a": "He said \"hi\"\n\\"}`,
		`{"a": «text»}`:               `{"a": "He said \"hi\"\n\\"}`,
		`{"a": "«evil»"}`:             `{"a": "x\", \"admin\": \"true"}`,
		`{"a": «n», "b": "«n»"}`:      `{"a": 9007199254740993, "b": "9007199254740993"}`,
		`{"a": «nothing»}`:            `{"a": null}`,
		`{"a": "«nothing»"}`:          `{"a": ""}`,
		`[«list», "x \" «list»"]`:     `[["a"], "x \" [\"a\"]"]`,
		`«list»`:                      `["a"]`,
		`{"a": "\\«n»", "b": «list»}`: `{"a": "\\9007199254740993", "b": ["a"]}`,
	} {
		got, err := JSON(pieces(typed, values))
		if err != nil || got != want {
			t.Errorf("%s: %s, %v; want %s", typed, got, err, want)
		}
	}
	if _, err := JSON(pieces(`{"a": "\«evil»"}`, values)); err == nil {
		t.Error("a value was escaped by what was typed before it")
	}
}

func TestValuesInFormFields(t *testing.T) {
	values := map[string]any{"x": "Tom&role=admin", "n": json.Number("5")}
	for typed, want := range map[string]string{
		"name=«x»&role=user": "name=Tom%26role%3Dadmin&role=user",
		`{"name": "«x»"}`:    `{"name": "Tom&role=admin"}`,
		"n=«n»":              "n=5",
	} {
		if got, err := Form(pieces(typed, values)); err != nil || got != want {
			t.Errorf("%s: %s, %v", typed, got, err)
		}
	}
}

func TestValuesAmongRecipients(t *testing.T) {
	values := map[string]any{"one": "ann@example.com", "two": "ann@example.com, bob@example.com", "list": []any{"a", "b"}, "nothing": nil}
	for typed, want := range map[string]any{
		"«one»":                     []any{"ann@example.com"},
		"«two»":                     []any{"ann@example.com, bob@example.com"}, // one address, and no good one
		"«list»":                    []any{"a", "b"},
		"«nothing»":                 nil,
		"x@y.de; «one»,\n z@y.de ,": []any{"x@y.de", "ann@example.com", "z@y.de"},
		"«one»x, y":                 []any{"ann@example.comx", "y"},
	} {
		if got, err := Recipients(pieces(typed, values)); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %#v, %v", typed, got, err)
		}
	}
	if _, err := Recipients(pieces("«one», «nothing»", values)); err == nil {
		t.Error("nothing was taken for an address")
	}
}

// Whatever is inserted, there is as much structure as the author has typed.
func FuzzDataNeverBecomesStructure(f *testing.F) {
	for _, seed := range []string{"", "a", "a b", "Müller & Söhne", "a#b", "x?y", "../..", ".", "..", "100%", "%2e%2e", `x", "admin": "true`, "\\", "\"", "\n", "\r\nX: y", "Tom&role=admin", "a@b.de, c@d.de", "evil.example", "https://evil.example", "[::1]", "\x00", "\u2028", "\xff", "/", "//", "@", ":80@evil.example"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data string) {
		values := map[string]any{"x": data}
		for _, typed := range []string{"https://a.example.com/p/«x»/q/«x»?a=«x»&«x»=b#«x»", "https://«x».example.com/p", "https://a.example.com«x»/p?q=1", "https://a.example.com/«x»", "https://a.example.com/p-«x».json?«x»"} {
			checkAddress(t, typed, values)
		}
		text, err := JSON(pieces(`{"a": "«x»", "b": ["x«x»y", «x»], "«x»z": 1}`, values))
		if err != nil {
			t.Fatal(err)
		}
		var object map[string]any
		if err := document.Decode([]byte(text), &object); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if list, _ := object["b"].([]any); len(object) != 3 || len(list) != 2 {
			t.Errorf("%s has other fields than were typed", text)
		}
		form, err := Form(pieces("name=«x»&role=user&«x»y=1", values))
		fields, parsed := url.ParseQuery(form)
		if err != nil || parsed != nil || len(strings.Split(form, "&")) != 3 || len(fields["role"]) == 0 || fields.Get("name") != data && data != "role" {
			t.Errorf("%s: %v, %v, %v", form, fields, err, parsed)
		}
		if list, err := Recipients(pieces("a@example.com, «x», x«x»@example.com;", values)); err == nil && strings.TrimSpace(data) != "" && len(list.([]any)) != 3 {
			t.Errorf("%q gives %d recipients", data, len(list.([]any)))
		}
	})
}

func checkAddress(t *testing.T, typed string, values map[string]any) {
	t.Helper()
	text, err := Address(pieces(typed, values))
	if err != nil {
		return // it was refused
	}
	plain, err := Address(pieces(typed, map[string]any{"x": "v"}))
	if err != nil {
		t.Fatal(err)
	}
	want, _ := url.Parse(plain)
	got, err := url.Parse(text)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	shape := func(u *url.URL) []int {
		return []int{strings.Count(u.EscapedPath(), "/"), strings.Count(u.RawQuery, "&"), strings.Count(u.RawQuery, "="), strings.Count(u.Host, "."), strings.Count(u.Host, ":")}
	}
	if !reflect.DeepEqual(shape(got), shape(want)) || got.User != nil || got.Scheme != "https" || !strings.HasSuffix(got.Host, "example.com") && !strings.HasPrefix(got.Host, "a.example.com") {
		t.Errorf("%q has another shape than %q", text, plain)
	}
	for _, part := range strings.Split(got.EscapedPath(), "/") {
		if part == "." || part == ".." {
			t.Errorf("%q climbs", text)
		}
	}
}
