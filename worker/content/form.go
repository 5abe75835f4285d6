package content

import (
	"maps"
	"net/url"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"workflows/models/columns"
	"workflows/worker/document"
)

const (
	formType = "application/x-www-form-urlencoded"
	// maxFields bounds a form.
	maxFields = 10_000
)

// form reads the fields of a form as a browser sends it.
func (k kind) form(data []byte, c Content) Content {
	values, err := url.ParseQuery(strings.TrimPrefix(string(data), bom))
	if err != nil || len(values) > maxFields {
		c.Err, c.Note = document.Malformed("The form could not be read. Send it the way a browser does."), noteNotForm
		return c
	}
	c.Note, c.Guessed = "", false
	f := fields{}
	for name, list := range values {
		for _, text := range list {
			f.add(k.field(name, &c), k.field(text, &c))
		}
	}
	return f.content(c)
}

// field is a name or a text of a form: what is percent-encoded in it is in the
// character set of the whole.
func (k kind) field(text string, c *Content) string {
	if from := named(k.parameters["charset"]); from != nil && k.parameters["charset"] != "" {
		return columns.Fit(decoded(from, []byte(text)))
	}
	if !utf8.ValidString(text) {
		c.Guessed, c.Note = true, noteGuessed
		text = decoded(charmap.Windows1252, []byte(text))
	}
	return columns.Fit(text)
}

// encoded is a form whose fields are in UTF-8.
func (k kind) encoded(values url.Values) string {
	anew := url.Values{}
	for name, list := range values {
		for _, text := range list {
			anew.Add(k.field(name, &Content{}), k.field(text, &Content{}))
		}
	}
	return anew.Encode()
}

// fields are the values that came under each name.
type fields map[string][]any

func (f fields) add(name string, value any) { f[name] = append(f[name], value) }

// content are the fields, or, where the only one is called payload and is JSON, what
// that says: GitHub and Slack send their JSON so. It then stands in the place of the
// fields, as if it had been sent alone, and under the name payload too.
func (f fields) content(c Content) Content {
	values := make(map[string]any, len(f))
	for name, list := range f {
		if values[name] = any(list); len(list) == 1 {
			values[name] = list[0]
		}
	}
	c.Value, c.Form = values, true
	payload, isText := values["payload"].(string)
	if len(values) != 1 || !isText || !looksLikeJSON(payload) {
		return c
	}
	value, err := anyJSON(payload)
	if err != nil {
		c.fieldNotStorable(err)
		return c
	}
	object, _ := value.(map[string]any)
	if object = maps.Clone(object); object == nil {
		object = map[string]any{}
	}
	if _, taken := object["payload"]; !taken {
		object["payload"] = value
	}
	c.Value, c.Form = object, false
	return c
}
