package content

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"workflows/models/columns"
	"workflows/worker/document"
)

// XML gives the value of a document by one rule: an object with the name of the root.
// An element with text alone is that text, without the space around it. Any other is
// an object of its attributes (“@name”), its elements by name as they are written, and
// its text (“#text”, if any). What stands several times under one name is a list.
// Comments and processing instructions are left out. A document type is refused, and
// with it entities of its own.
func XML(text string) (any, error) {
	decoder := xml.NewDecoder(strings.NewReader(strings.TrimPrefix(text, bom)))
	decoder.CharsetReader = func(_ string, input io.Reader) (io.Reader, error) { return input, nil } // it is text already
	r := &xmlReader{decoder: decoder, open: []*element{{}}}
	for {
		token, err := decoder.RawToken()
		if errors.Is(err, io.EOF) {
			return r.end()
		}
		if err != nil {
			return nil, r.malformed("")
		}
		if err := r.take(token); err != nil {
			return nil, err
		}
	}
}

type xmlReader struct {
	decoder *xml.Decoder
	open    []*element // from the document itself to the innermost
	nodes   int
}

type element struct {
	name    string
	members map[string]any
	text    strings.Builder
}

func (r *xmlReader) take(token xml.Token) error {
	inner := r.open[len(r.open)-1]
	switch t := token.(type) {
	case xml.StartElement:
		return r.begin(t)
	case xml.EndElement:
		if len(r.open) == 1 || written(t.Name) != inner.name {
			return r.malformed("</" + document.Shorten(written(t.Name), 60) + "> closes nothing that is open.")
		}
		r.open = r.open[:len(r.open)-1]
		r.open[len(r.open)-1].add(inner.name, inner.value())
	case xml.CharData:
		if len(r.open) > 1 {
			inner.text.Write(t)
		} else if strings.TrimSpace(string(t)) != "" {
			return r.malformed("Text stands outside of the root.")
		}
	case xml.Directive:
		return document.Malformed("The XML has a document type (<!DOCTYPE …>), which is not read. Ask for it without one.")
	}
	return nil
}

func (r *xmlReader) begin(start xml.StartElement) error {
	if len(r.open) > maxDepth {
		return document.Malformed("The XML is nested more than %d levels deep.", maxDepth)
	}
	if r.nodes += 1 + len(start.Attr); r.nodes > maxCells {
		return document.Malformed("The XML has more than %d elements. Ask for a part of it at a time.", maxCells)
	}
	if len(r.open) == 1 && r.open[0].members != nil {
		return r.malformed("There is a second root.")
	}
	begun := &element{name: written(start.Name)}
	for _, attribute := range start.Attr {
		begun.add("@"+written(attribute.Name), columns.Fit(attribute.Value))
	}
	r.open = append(r.open, begun)
	return nil
}

func (r *xmlReader) end() (any, error) {
	switch {
	case len(r.open) > 1:
		return nil, r.malformed("<" + document.Shorten(r.open[len(r.open)-1].name, 60) + "> is not closed.")
	case r.open[0].members == nil:
		return nil, document.Malformed("There is no XML in the text.")
	}
	return r.open[0].members, nil
}

func (r *xmlReader) malformed(what string) error {
	line, _ := r.decoder.InputPos()
	if what == "" {
		what = "Look at its brackets, quotes and entities."
	}
	return document.Malformed("This is not valid XML at line %d. %s", line, what)
}

// written is a name as it stands in the document, with its prefix.
func written(name xml.Name) string {
	if name.Space == "" {
		return columns.Fit(name.Local)
	}
	return columns.Fit(name.Space + ":" + name.Local)
}

func (e *element) add(name string, value any) {
	if e.members == nil {
		e.members = map[string]any{}
	}
	before, again := e.members[name]
	list, isList := before.([]any) // no single value is one
	switch {
	case isList:
		e.members[name] = append(list, value)
	case again:
		e.members[name] = []any{before, value}
	default:
		e.members[name] = value
	}
}

func (e *element) value() any {
	text := columns.Fit(strings.TrimSpace(e.text.String()))
	if e.members == nil {
		return text
	}
	if text != "" {
		e.members["#text"] = text
	}
	return e.members
}
