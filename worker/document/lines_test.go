package document

import (
	"errors"
	"strings"
	"testing"
)

// twoWorkflows begins as some editors begin files; its second document is JSON.
const twoWorkflows = "\ufeffname: A\r\ndescription: |\n  of\n  several lines\u2028steps:\n" + `  - id: first
    config: {method: GET,
      url: "ftp://x"}

  # a note
  -
    id: second
    then:
    - {id: third, naem: x}
---
{"name": "B",
	"steps": [
  {"id": "end",
   "config": {"message": "` + "aaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbb" + `"}}]}
`

func TestWhatAPathNamesIsFoundInItsLine(t *testing.T) {
	read, err := ReadYAMLWithRemarks([]byte(twoWorkflows))
	if err != nil || len(read) != 2 {
		t.Fatalf("%v, %v", read, err)
	}
	for _, c := range []struct {
		document int
		path     string
		want     Place
	}{
		{0, "name", Place{1, "name: A"}},
		{0, "description", Place{2, "description: |"}},
		{0, "steps", Place{5, "steps:"}},
		{0, "steps[0]", Place{6, "- id: first"}},
		{0, "steps[0].config.url", Place{8, `url: "ftp://x"}`}},
		{0, "steps[0].config.missing", Place{7, "config: {method: GET,"}},
		{0, "steps[0].retry.max_attempts", Place{6, "- id: first"}},
		{0, "steps[1].then[0].naem", Place{14, "- {id: third, naem: x}"}},
		{0, "steps[7].id", Place{5, "steps:"}},
		{0, "format", Place{}},
		{0, "", Place{}},
		{1, "name", Place{16, `{"name": "B",`}},
		{1, "steps[0].config.message", Place{19, `"config": {"message": "aaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbb…`}},
	} {
		if got := read[c.document].Lines.At(c.path); got != c.want {
			t.Errorf("%s of document %d: %q and not %q", c.path, c.document, got, c.want)
		}
	}
	if got := (Lines{}).At("name"); got != (Place{}) {
		t.Errorf("what was not read has %v", got)
	}
}

func TestWhatCannotBeReadNamesItsLine(t *testing.T) {
	for text, want := range map[string]Place{
		"a: 1\nb: *x":      {},
		"a: &x 1\nb: *x":   {2, "b: *x"},
		"a: 1\n\na: 2":     {3, "a: 2"},
		"a:\n- !!binary x": {2, "- !!binary x"},
		"a: 1e999999":      {1, "a: 1e999999"},
	} {
		_, err := ReadYAML([]byte(text))
		var malformed *MalformedError
		if !errors.As(err, &malformed) {
			t.Errorf("%q: %v", text, err)
			continue
		}
		got := Place{}
		if malformed.Line > 0 {
			got = PlaceOf([]byte(text), malformed.Line)
		}
		if got != want || got.Line > 0 && !strings.HasPrefix(err.Error(), strings.ToUpper(got.String()[:1])+strings.SplitN(got.String()[1:], ":", 2)[0]) {
			t.Errorf("%q: %q is said of %q", text, err, got)
		}
	}
}
