package filter

import (
	"strings"

	"workflows/worker/document"
)

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
	if err := c.spend(len(text)*10+(lists+parts)*50+objects*300, len(text)*6+parts*80+lists*64+objects*360); err != nil {
		return nil, err
	}
	var parsed any
	if document.Decode([]byte(text), &parsed) != nil {
		return nil, c.wants("a text in JSON", value)
	}
	parsed, ok = document.Storable(parsed)
	if !ok {
		return nil, c.fails("needs JSON that is nested at most %d levels deep and has no number of more than %d digits.", document.MaxStoredDepth, document.MaxDigits)
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
