package content

import (
	"encoding/json"
	"errors"
	"io"
	"strings"

	"workflows/worker/document"
)

// JSON is what a text in JSON stands for. Values one after the other, as programs
// write them line by line, are a list.
func JSON(text string) (any, error) {
	text = strings.TrimPrefix(text, bom)
	values, err := jsonValues(text)
	switch {
	case errors.Is(err, errTooMany):
		return nil, document.Malformed("The text has more than %d values in JSON one after the other. Read a part of it at a time.", MaxRows)
	case err != nil:
		return nil, notJSON(text)
	}
	var value any = values
	if len(values) == 1 {
		value = values[0]
	}
	value, ok := document.Storable(value)
	if !ok {
		return nil, document.Malformed("The JSON is nested more than %d levels deep, or has a number of more than %d digits.", maxDepth, document.MaxDigits)
	}
	return value, nil
}

var errTooMany = errors.New("more values than are read")

func jsonValues(text string) ([]any, error) {
	var values []any
	decoder := document.Tokens([]byte(text))
	for {
		var value any
		err := decoder.Decode(&value)
		if errors.Is(err, io.EOF) && len(values) > 0 {
			return values, nil
		}
		if err != nil {
			return nil, err
		}
		if values = append(values, value); len(values) > MaxRows {
			return nil, errTooMany
		}
	}
}

// notJSON says where the text stops being JSON.
func notJSON(text string) error {
	if strings.TrimSpace(text) == "" {
		return document.Malformed("The text is empty: there is no JSON in it.")
	}
	_, _, err := document.ReadValue([]byte(strings.ToValidUTF8(text, "\ufffd")), "")
	var malformed *document.MalformedError
	if errors.As(err, &malformed) {
		return malformed
	}
	return document.Malformed("This is not valid JSON.")
}

// looksLikeJSON reports whether a text is a JSON object or list, whatever it is
// called.
func looksLikeJSON(text string) bool {
	text = strings.TrimSpace(text)
	return (strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[")) && json.Valid([]byte(text))
}
