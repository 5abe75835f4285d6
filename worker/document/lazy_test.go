package document

import (
	"reflect"
	"strconv"
	"strings"
	"testing"
)

// Every part of JSON is the same, whether all of it was read or only that.
func FuzzLazyPartsAreTheSame(f *testing.F) {
	for _, seed := range []string{
		`{}`, `[]`, `null`, `"x"`, `12.50`, ` { "a" : [ 1 , {"b" : "c\\\" ]}"} , "x" ] , "é\"" : null , "0" : true } `,
		`{"a":1,"a":2}`, `[[],{},[{}],"\\",""]`, `{"a":{"b":{"c":[0,1,2,{"d":"e"}]}}}`, `[-1e5,0.1,12345678901234567890]`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		value, err := Value([]byte(text))
		if err != nil || strings.TrimSpace(text) == "" {
			return // only JSON is stored
		}
		same(t, NewLazy([]byte(text)), value, 0)
	})
}

func same(t *testing.T, lazy *Lazy, value any, depth int) {
	t.Helper()
	if read, err := lazy.Value(); err != nil || !reflect.DeepEqual(read, value) {
		t.Fatalf("%s reads as %v, %v, not as %v", lazy.text, read, err, value)
	}
	if depth > 20 {
		return
	}
	switch v := value.(type) {
	case map[string]any:
		for name, want := range v {
			part, found := lazy.Part(name)
			if !found {
				t.Fatalf("%s has no %q", lazy.text, name)
			}
			same(t, part, want, depth+1)
		}
		if outline, _ := lazy.Outline().(map[string]any); len(outline) != len(v) {
			t.Fatalf("%s has the outline %v", lazy.text, outline)
		}
	case []any:
		for i, want := range v {
			part, found := lazy.Part(strconv.Itoa(i))
			if !found {
				t.Fatalf("%s has no [%d]", lazy.text, i)
			}
			same(t, part, want, depth+1)
		}
		if outline, is := lazy.Outline().([]any); !is || len(outline) != len(v) {
			t.Fatalf("%s has the outline %v", lazy.text, outline)
		}
		if _, found := lazy.Part(strconv.Itoa(len(v))); found {
			t.Fatalf("%s goes on beyond its end", lazy.text)
		}
	default:
		if _, found := lazy.Part("0"); found || !reflect.DeepEqual(lazy.Outline(), value) {
			t.Fatalf("%s has parts, or the outline %v", lazy.text, lazy.Outline())
		}
	}
}

func TestLazyTextThatIsNoJSONHasNoParts(t *testing.T) {
	for _, text := range []string{`{`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `[1`, `[1,`, `["`, `["\"]`, `{a:1}`, `[1}x`, `{"a":"b]`, ``, `[,]`, `{"a":}`} {
		if _, found := NewLazy([]byte(text)).Part("a"); found {
			if _, err := NewLazy([]byte(text)).Value(); err == nil {
				t.Errorf("%s was read", text)
			}
		}
		NewLazy([]byte(text)).Outline()
	}
}
