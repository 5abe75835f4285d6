package filter

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"workflows/models/columns"
	"workflows/worker/document"
)

func FuzzParse(f *testing.F) {
	for _, w := range Words() {
		f.Add(w.Example)
	}
	f.Add(`default steps.a["c | d"].e | replace "}}" "|"`)
	f.Fuzz(func(t *testing.T, text string) {
		end := End(text)
		if end >= 0 && !strings.HasPrefix(text[end:], "}}") {
			t.Fatalf("%q ends at %d", text, end)
		}
		if reference, filters, changed := Cut(text); changed && reference+"|"+filters != text {
			t.Fatalf("%q is cut into %q and %q", text, reference, filters)
		}
		filters, err := Parse(text)
		if err != nil {
			if err.Error() == "" || !strings.ContainsAny(err.Error()[len(err.Error())-1:], ".?") && !strings.Contains(err.Error(), ":") {
				t.Fatalf("%q: %q is no sentence", text, err)
			}
			return
		}
		written := Join(filters)
		again, err := Parse(written)
		if err != nil || !reflect.DeepEqual(again, filters) {
			t.Fatalf("%q is written %q, read again %v, %v", text, written, again, err)
		}
		if utf8.ValidString(text) && End(written+"}}") != len(written) {
			t.Fatalf("%q does not end at its end", written)
		}
	})
}

func FuzzChange(f *testing.F) {
	for _, w := range Words() {
		f.Add(w.In, w.Example)
		f.Add(`[null,true,-1e300,"9007199254740993",{"a":["2026-11-28",{}]},"06/09/2021",[[]]]`, w.Example)
	}
	f.Add(`[{"n":2},{"n":"x"},{"n":null}]`, `sort_by "n" | pick "n" | unique | join "," | split "," | sort | reverse | at -1 | upper | to_json | parse_json`)
	f.Fuzz(func(t *testing.T, in, chain string) {
		value, err := document.Value([]byte(in))
		if err != nil || !columns.Holds(in) {
			return
		}
		filters, err := Parse(chain)
		if err != nil {
			return
		}
		before := document.JSON(value)
		out, err := Change(value, filters, func(string) (any, error) { return json.Number("2"), nil })
		if after := document.JSON(value); !bytes.Equal(before, after) {
			t.Fatalf("%s | %s changed what it was given to %s", before, chain, after)
		}
		if err != nil {
			if said := sentence(""); !errors.As(err, &said) {
				t.Fatalf("%s | %s fails with %v, which is no sentence", before, chain, err)
			}
			return
		}
		if written := document.JSON(out); !json.Valid(written) || out != nil && string(written) == "null" {
			t.Fatalf("%s | %s is %v, which is not JSON", before, chain, out)
		}
	})
}
