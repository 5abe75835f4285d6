package archive

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf8"

	"workflows/models/columns"
)

// timeLayout keeps what the databases keep: microseconds, UTC.
const timeLayout = "2006-01-02T15:04:05.000000Z"

// encodeRow writes a row as one line of JSON. values are what a driver has read; they
// are changed.
func encodeRow(of []column, values []any) ([]byte, error) {
	for i, c := range of {
		encoded, err := c.encode(values[i])
		if err != nil {
			return nil, err
		}
		values[i] = encoded
	}
	return columns.Encode(values)
}

// encode is a value as JSON has it.
func (c column) encode(value any) (any, error) {
	switch v := value.(type) {
	case nil:
		return nil, nil
	case string:
		if c.Kind == textKind {
			return encodeText(v), nil
		}
	case []byte:
		switch c.Kind {
		case textKind:
			return encodeText(string(v)), nil
		case bytesKind:
			return base64.StdEncoding.EncodeToString(v), nil
		}
	case int64:
		switch c.Kind {
		case integerKind:
			return v, nil
		case booleanKind:
			return v != 0, nil
		case timeKind: // SQLite's
			return time.UnixMicro(v).UTC().Format(timeLayout), nil
		}
	case bool:
		if c.Kind == booleanKind {
			return v, nil
		}
	case time.Time:
		if c.Kind == timeKind {
			return v.UTC().Format(timeLayout), nil
		}
	}
	return nil, fmt.Errorf("the column %s holds a %T, which is no %s", c.Name, value, c.Kind)
}

// encodeText has a form of its own for what JSON cannot hold: SQLite takes any bytes.
func encodeText(text string) any {
	if utf8.ValidString(text) {
		return text
	}
	return map[string]string{"base64": base64.StdEncoding.EncodeToString([]byte(text))}
}

// decodeRow reads what encodeRow has written, as the drivers take it.
func decodeRow(of []column, line []byte) ([]any, error) {
	var raw []json.RawMessage
	if err := json.Unmarshal(line, &raw); err != nil || len(raw) != len(of) {
		return nil, &FileError{damaged}
	}
	values := make([]any, len(of))
	for i, c := range of {
		value, err := c.decode(raw[i])
		if err != nil {
			return nil, &FileError{damaged}
		}
		values[i] = value
	}
	return values, nil
}

func (c column) decode(raw json.RawMessage) (any, error) {
	if string(raw) == "null" {
		return nil, nil
	}
	switch c.Kind {
	case integerKind:
		return decodeAs[int64](raw)
	case booleanKind:
		return decodeAs[bool](raw)
	case bytesKind:
		return decodeAs[[]byte](raw)
	case timeKind:
		text, err := decodeAs[string](raw)
		if err != nil {
			return nil, err
		}
		return time.Parse(timeLayout, text)
	}
	if raw[0] != '{' {
		return decodeAs[string](raw)
	}
	odd, err := decodeAs[struct{ Base64 []byte }](raw)
	return string(odd.Base64), err
}

func decodeAs[T any](raw json.RawMessage) (value T, err error) {
	err = json.Unmarshal(raw, &value)
	return value, err
}
