package content

import (
	"encoding/base64"
	"errors"

	"workflows/models/columns"
	"workflows/worker/document"
)

// Reader is how content is read. The zero value reads it by what it is called and
// looks like.
type Reader struct {
	// As is what it is read as, whatever it is called: json, xml, csv (with names in its
	// first row) or text. "" and auto are by what it is called and looks like: JSON,
	// also under another label, the fields of a form, else text.
	As string
	// JSON reads what is JSON; nil takes whatever can be stored.
	JSON func(text string) (any, error)
}

// Content is what was sent as a value.
type Content struct {
	Value any
	// Form says that Value is the fields of a form, each a text, a list, or a File.
	Form bool
	// Binary says that it is no text: Value is its base64.
	Binary bool
	// Guessed says that its character set was.
	Guessed bool
	// Note says, in a sentence, in what it is not what it is called; "" is nothing.
	Note string
	// Err is why it could not be read as what it is called; Value is then its text.
	Err error
}

const (
	noteGuessed = "The content is not valid UTF-8; it was read as Windows-1252."
	noteBinary  = "The content is not text; it is given in base64."
	noteNotJSON = "The content is called JSON but is not valid JSON; it is given as text."
	noteNotForm = "The content is called a form but cannot be read as one; it is given as text."
)

// Read makes a value of what is called contentType. Nothing at all is an empty text.
func (r Reader) Read(data []byte, contentType string) Content {
	k := kindOf(contentType)
	if len(data) == 0 {
		return Content{Value: ""}
	}
	if r.auto() && k.media == "multipart/form-data" {
		return k.multipart(data)
	}
	text, guessed, ok := k.text(data)
	if !ok {
		return Content{Value: base64.StdEncoding.EncodeToString(data), Binary: true, Note: noteBinary}
	}
	c := Content{Value: columns.Fit(text), Guessed: guessed}
	if guessed {
		c.Note = noteGuessed
	}
	switch {
	case !r.auto():
		r.requested(&c, text)
	case k.isJSON() || looksLikeJSON(text):
		r.json(&c, text)
	case k.media == formType:
		return k.form(data, c)
	}
	return c
}

func (r Reader) auto() bool { return r.As == "" || r.As == "auto" }

// requested reads a text as somebody has asked.
func (r Reader) requested(c *Content, text string) {
	var value any
	var err error
	switch r.As {
	case "json":
		value, err = JSON(text)
	case "xml":
		value, err = XML(text)
	case "csv":
		value, err = CSV(text, Table{Header: true})
	default:
		return
	}
	if err != nil {
		c.Err, c.Note = err, err.Error()
		return
	}
	c.Value = value
}

// json reads what is called JSON, or looks like it.
func (r Reader) json(c *Content, text string) {
	read := r.JSON
	if read == nil {
		read = anyJSON
	}
	value, err := read(text)
	if err != nil { // also where it only looks like JSON: a text in place of fields is told
		c.Err, c.Note = err, err.Error()
		return
	}
	c.Value = value
}

var errNotStorable = document.Malformed("The content is JSON nested too deep or with a number too large to be stored; it is given as text.")

// fieldNotStorable says that of a field of a form, which nobody may take for a text.
func (c *Content) fieldNotStorable(err error) {
	if errors.Is(err, errNotStorable) {
		c.Err = document.Malformed("A field of the form holds JSON that is nested too deep or has a number too large to be stored.")
		c.Note = c.Err.Error() + " It is given as text."
	}
}

// anyJSON reads one value of any size that can be stored.
func anyJSON(text string) (value any, err error) {
	if err := document.Decode([]byte(text), &value); err != nil {
		return nil, document.Malformed(noteNotJSON)
	}
	value, ok := document.Storable(value)
	if !ok {
		return nil, errNotStorable
	}
	return value, nil
}
