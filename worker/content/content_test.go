package content

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"workflows/worker/document"
)

func assertGives(t *testing.T, name string, value any, err error, want string) {
	t.Helper()
	if got := string(document.JSON(value)); err != nil || got != want {
		t.Errorf("%s: got %s %v, want %s", name, got, err, want)
	}
}

func assertRefused(t *testing.T, name string, err error, want string) {
	t.Helper()
	var malformed *document.MalformedError
	if !errors.As(err, &malformed) || !strings.Contains(malformed.Message, want) || !strings.HasSuffix(malformed.Message, ".") {
		t.Errorf("%s: got %v, want a sentence with %q", name, err, want)
	}
}

func TestTablesAreReadAsPeopleSaveThem(t *testing.T) {
	for name, c := range map[string]struct {
		text  string
		table Table
		want  string
	}{
		"with names":             {"id,name\n1,Ada\n", Table{Header: true}, `[{"id":"1","name":"Ada"}]`},
		"without":                {"1,Ada\r\n2,Bob", Table{}, `[["1","Ada"],["2","Bob"]]`},
		"byte order mark":        {"\ufeffid;name\n1;Ada", Table{Header: true}, `[{"id":"1","name":"Ada"}]`},
		"semicolons":             {"name;price\nA;1,50\nB;2,50", Table{Header: true}, `[{"name":"A","price":"1,50"},{"name":"B","price":"2,50"}]`},
		"tabs":                   {"a\tb\n1,2\t3", Table{Header: true}, `[{"a":"1,2","b":"3"}]`},
		"bars":                   {"a|b\n1|2", Table{Header: true}, `[{"a":"1","b":"2"}]`},
		"Excel names it":         {"sep=;\na;b,c\n1;2", Table{Header: true}, `[{"a":"1","b,c":"2"}]`},
		"one that is chosen":     {"a;b,c\n1;2,3", Table{Header: true, Separator: ','}, `[{"a;b":"1;2","c":"3"}]`},
		"one column":             {"name\nAda\nBob", Table{Header: true}, `[{"name":"Ada"},{"name":"Bob"}]`},
		"quotes":                 {"a,b\n\"x, \"\"y\"\"\nz\",2", Table{Header: true}, `[{"a":"x, \"y\"\nz","b":"2"}]`},
		"a bare quote":           {"a,b\nscreen 5\",2", Table{Header: true}, `[{"a":"screen 5\"","b":"2"}]`},
		"old Mac":                {"a,b\r1,2\r", Table{Header: true}, `[{"a":"1","b":"2"}]`},
		"zeros and signs stay":   {"a,b\n0012,+49", Table{Header: true}, `[{"a":"0012","b":"+49"}]`},
		"a short row":            {"a,b\n1", Table{Header: true}, `[{"a":"1","b":null}]`},
		"a long row":             {"a\n1,2", Table{Header: true, Separator: ','}, `[{"a":"1","column_2":"2"}]`},
		"a name twice, and none": {"a,a,,a_2\n1,2,3,4", Table{Header: true}, `[{"a":"1","a_2":"2","a_2_2":"4","column_3":"3"}]`},
		"only names":             {"a,b\n", Table{Header: true}, `[]`},
		"nothing":                {"", Table{Header: true}, `[]`},
		"what no column holds":   {"a\x00,b\n\x00,\xff", Table{Header: true}, "[{\"a\ufffd\":\"\ufffd\",\"b\":\"\ufffd\"}]"},
	} {
		rows, err := CSV(c.text, c.table)
		assertGives(t, name, rows, err, c.want)
	}
	_, err := CSV("a,b\n\"x,y\n1,2", Table{Header: true})
	assertRefused(t, "an open quote", err, "line ")
}

func TestTablesAreBounded(t *testing.T) {
	wide := strings.Repeat("x,", MaxColumns-1) + "x"
	if rows, err := CSV(wide+"\n"+wide, Table{}); err != nil || len(rows[1].([]any)) != MaxColumns {
		t.Error(err)
	}
	_, err := CSV(wide+",x", Table{})
	assertRefused(t, "columns", err, "too large")
	_, err = CSV(strings.Repeat("x\n", MaxRows+1), Table{})
	assertRefused(t, "rows", err, "too large")
	_, err = CSV(strings.Repeat(wide+"\n", 51), Table{})
	assertRefused(t, "cells", err, "too large")
	_, err = CSV(wide+"\n"+strings.Repeat("1\n", 51), Table{Header: true})
	assertRefused(t, "cells that rows lack", err, "too large")
	_, err = Lines(strings.Repeat("x\n", MaxRows+1))
	assertRefused(t, "lines", err, "lines")
	_, err = JSON(strings.Repeat("1\n", MaxRows+1))
	assertRefused(t, "values", err, "more than 100000 values")
}

func TestColumnsMayAllBeCalledTheSame(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	rows, err := CSV(strings.Repeat("a,", MaxColumns-1)+"a\n"+strings.Repeat("1,", MaxColumns-1)+"last", Table{Header: true})
	runtime.ReadMemStats(&after)
	if err != nil || rows[0].(map[string]any)["a_10000"] != "last" {
		t.Errorf("%v %v", rows, err)
	}
	if tried := after.Mallocs - before.Mallocs; tried > 50*MaxColumns { // each name that is tried is made
		t.Errorf("%d times was something made for %d names", tried, MaxColumns)
	}
}

// The largest table that is read takes less than the runs of a process may.
func TestTheLargestTableFitsIntoMemory(t *testing.T) {
	text := "a,b,c,d,e\n" + strings.Repeat("1,2,3,4,5\n", MaxRows-1)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	rows, err := CSV(text, Table{Header: true})
	runtime.GC()
	runtime.ReadMemStats(&after)
	if used := int64(after.HeapAlloc) - int64(before.HeapAlloc); err != nil || used > 80<<20 {
		t.Errorf("%d rows take %d MB, %v", len(rows), used>>20, err)
	}
	runtime.KeepAlive(text)
}

func TestXMLIsReadByOneRule(t *testing.T) {
	for text, want := range map[string]string{
		`<a>x</a>`:                        `{"a":"x"}`,
		`<a/>`:                            `{"a":""}`,
		`<a id="1" b:c="2"> x </a>`:       `{"a":{"#text":"x","@b:c":"2","@id":"1"}}`,
		`<a><b>1</b><c/></a>`:             `{"a":{"b":"1","c":""}}`,
		`<a><b>1</b><b>2</b><b>3</b></a>`: `{"a":{"b":["1","2","3"]}}`,
		`<a>x <b>1</b> y</a>`:             `{"a":{"#text":"x  y","b":"1"}}`,
		`<a><![CDATA[<b> & c]]></a>`:      `{"a":"<b> & c"}`,
		`<a>&lt;&amp;&#228;&#xe4;</a>`:    `{"a":"<&ää"}`,
		"\ufeff<?xml version='1.0' encoding='ISO-8859-1'?>\n<!-- x --><a>ä</a>\n": `{"a":"ä"}`,
		`<s:a xmlns:s="urn:x"><s:b>1</s:b></s:a>`:                                 `{"s:a":{"@xmlns:s":"urn:x","s:b":"1"}}`,
	} {
		value, err := XML(text)
		assertGives(t, text, value, err, want)
	}
	for text, want := range map[string]string{
		`<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>`: "document type",
		`<!DOCTYPE html><html/>`:                   "document type",
		`<a>&x;</a>`:                               "line 1",
		`<a><b></a></b>`:                           "</a> closes nothing",
		`<a>`:                                      "<a> is not closed",
		`<a/><b/>`:                                 "second root",
		`<a/>x`:                                    "outside",
		`x`:                                        "outside",
		``:                                         "no XML",
		`<a b=1/>`:                                 "line 1",
		strings.Repeat("<a>", maxDepth+1):          "nested",
		"<a>" + strings.Repeat("<b/>", maxCells) + "</a>": "more than",
	} {
		_, err := XML(text)
		assertRefused(t, document.Shorten(text, 40), err, want)
	}
}

func TestJSONIsReadExactly(t *testing.T) {
	for text, want := range map[string]string{
		`{"a": 9007199254740993, "b": 1.10}`: `{"a":9007199254740993,"b":1.10}`,
		"\ufeff[1]":                          `[1]`,
		"{\"a\":1}\n{\"a\":2}\n":             `[{"a":1},{"a":2}]`,
		` "x" `:                              `"x"`,
		`{"a":"\u0000"}`:                     "{\"a\":\"\ufffd\"}",
		strings.Repeat("[", 50) + strings.Repeat("]", 50): strings.Repeat("[", 50) + strings.Repeat("]", 50),
	} {
		value, err := JSON(text)
		assertGives(t, text, value, err, want)
	}
	for text, want := range map[string]string{
		``:          "empty",
		`{"a": 1,}`: "line 1, character",
		`{"a": 1`:   "cut off",
		`{} x`:      "after the end",
		`1e-400000`: "digits",
		strings.Repeat("[", maxDepth+2) + strings.Repeat("]", maxDepth+2): "nested",
	} {
		_, err := JSON(text)
		assertRefused(t, document.Shorten(text, 40), err, want)
	}
}

func TestYAMLAndLinesAreRead(t *testing.T) {
	value, err := YAML("a: 1\nb: [x, yes]\nat: 2026-11-28\nn: 9007199254740993\n")
	assertGives(t, "YAML", value, err, `{"a":1,"at":"2026-11-28","b":["x","yes"],"n":9007199254740993}`)
	value, err = YAML("a: 1\n---\na: 2\n")
	assertGives(t, "documents", value, err, `[{"a":1},{"a":2}]`)
	value, err = YAML("")
	assertGives(t, "nothing", value, err, `null`)
	_, err = YAML("a: &x [1]\nb: *x\n")
	assertRefused(t, "alias", err, "aliases")
	_, err = YAML("a: [")
	assertRefused(t, "broken", err, "not YAML")
	_, err = YAML(strings.Repeat("- a\n", 300_000))
	assertRefused(t, "large", err, "1 MB")
	_, err = YAML(strings.Repeat("[", maxDepth+2) + strings.Repeat("]", maxDepth+2))
	assertRefused(t, "deep", err, "levels deep")
	for _, huge := range []string{"1e999999999", "-1e400", strings.Repeat("9", 400)} {
		_, err = YAML("a: 1\nn: " + huge)
		assertRefused(t, huge, err, "number")
		value, err = YAML(`"` + huge + `"`)
		assertGives(t, "a text", value, err, `"`+huge+`"`)
	}
	lines, err := Lines("\ufeffa\r\n\r\n b \rc\n")
	assertGives(t, "lines", lines, err, `["a"," b ","c"]`)
}

func FuzzContent(f *testing.F) {
	for _, text := range []string{"a,b\n1,2", "<a b='c'>x<d/></a>", `{"a": [1]}`, "a: [b]", "sep=;\na;b"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for name, read := range map[string]func() (any, error){
			"csv":  func() (any, error) { return CSV(text, Table{Header: len(text)%2 == 0}) },
			"xml":  func() (any, error) { return XML(text) },
			"json": func() (any, error) { return JSON(text) },
			"yaml": func() (any, error) { return YAML(text) },
		} {
			value, err := read()
			var malformed *document.MalformedError
			if err != nil && !errors.As(err, &malformed) {
				t.Errorf("%s: %v is not for people", name, err)
			}
			if _, ok := document.Storable(value); err == nil && !ok {
				t.Errorf("%s: %s cannot be stored", name, fmt.Sprint(value))
			}
		}
	})
}
