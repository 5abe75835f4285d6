package document

import "encoding/json"

// Begun is the value that a JSON text begins to write: what its end is missing of is as
// far as it came. Names and texts that are cut off are left out, and nil is what has not
// begun at all.
func Begun(text []byte) any {
	value, _ := begun(Tokens(text), 0)
	return value
}

// begun reads the next value, and whether all of it was there.
func begun(tokens *json.Decoder, deep int) (value any, whole bool) {
	token, err := tokens.Token()
	if err != nil || deep > MaxDepth {
		return nil, false
	}
	switch token {
	case json.Delim('{'):
		object := map[string]any{}
		for tokens.More() {
			name, err := tokens.Token()
			text, isText := name.(string)
			if err != nil || !isText {
				return object, false
			}
			part, whole := begun(tokens, deep+1)
			if whole || part != nil {
				object[text] = part
			}
			if !whole {
				return object, false
			}
		}
		_, err = tokens.Token()
		return object, err == nil
	case json.Delim('['):
		list := []any{}
		for tokens.More() {
			part, whole := begun(tokens, deep+1)
			if whole || part != nil {
				list = append(list, part)
			}
			if !whole {
				return list, false
			}
		}
		_, err = tokens.Token()
		return list, err == nil
	}
	return token, true
}
