package filter

import (
	"encoding/json"
	"strings"

	"workflows/models/columns"
	"workflows/worker/document"
)

// maxJSONLevels is how deep JSON may be nested, as in the answers of servers.
const maxJSONLevels = 100

func toJSON(c *call, value any) (any, error) {
	if err := c.spendJSON(value); err != nil {
		return nil, err
	}
	return string(document.JSON(value)), nil
}

// parseJSON reads a text; what is no text has been read before.
func parseJSON(c *call, value any) (any, error) {
	text, ok := value.(string)
	if !ok {
		return value, nil
	}
	text = strings.TrimPrefix(text, "\ufeff")
	lists, objects, parts := structure(text)
	if err := c.spend(len(text)*10+(lists+parts)*50+objects*300, len(text)*2+parts*80+lists*64+objects*360); err != nil {
		return nil, err
	}
	var parsed any
	if document.Decode([]byte(text), &parsed) != nil {
		return nil, c.wants("a text in JSON", value)
	}
	parsed, ok = storable(parsed, 0)
	if !ok {
		return nil, c.fails("needs JSON that is nested at most %d levels deep and has no number of more than %d digits.", maxJSONLevels, maxDigits)
	}
	return parsed, nil
}

// structure counts what makes JSON costly, without what stands in its texts.
func structure(text string) (lists, objects, parts int) {
	parts = 1
	for at := 0; at < len(text); at++ {
		switch text[at] {
		case '"':
			end := textEnd(text[at:])
			if end < 0 {
				return lists, objects, parts
			}
			at += end - 1
		case '[':
			lists++
		case '{':
			objects++
		case ',', ':':
			parts++
		}
	}
	return lists, objects, parts
}

// storable makes what was read a value that can be stored.
func storable(value any, level int) (any, bool) {
	if level > maxJSONLevels {
		return nil, false
	}
	switch v := value.(type) {
	case string:
		return columns.Fit(v), true
	case json.Number:
		return v, document.SensibleNumber(v.String())
	case []any:
		for i, item := range v {
			fit, ok := storable(item, level+1)
			if !ok {
				return nil, false
			}
			v[i] = fit
		}
	case map[string]any:
		for name, item := range v {
			fit, ok := storable(item, level+1)
			if !ok {
				return nil, false
			}
			if fits := columns.Fit(name); fits != name {
				delete(v, name)
				name = fits
			}
			v[name] = fit
		}
	}
	return value, true
}
