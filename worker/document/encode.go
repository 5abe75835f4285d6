package document

import (
	"bytes"
	"encoding/json"
	"strconv"

	"workflows/models/columns"
)

// JSON is the value as one line of JSON, as columns hold it: the keys of maps
// sorted. What cannot be written is null; values that were read can.
func JSON(value any) []byte {
	data, err := columns.Encode(value)
	if err != nil {
		return []byte("null")
	}
	return data
}

// Indented is the value as JSON over many lines, for people.
func Indented(value any) []byte {
	var out bytes.Buffer
	if err := json.Indent(&out, JSON(value), "", "  "); err != nil {
		return []byte("null")
	}
	return out.Bytes()
}

// InLines lays JSON out over many lines, for people, with its numbers and keys as they
// are. What is not JSON stays.
func InLines(data []byte) []byte {
	var out bytes.Buffer
	if err := json.Indent(&out, data, "", "  "); err != nil {
		return data
	}
	return out.Bytes()
}

// Text is the value as it stands inside a text: nothing for null, lists and
// objects as JSON.
func Text(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	}
	return string(JSON(value))
}
