package archive

import (
	"bytes"
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
	var values []any
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.UseNumber()
	if err := decoder.Decode(&values); err != nil || len(values) != len(of) {
		return nil, &FileError{damaged}
	}
	for i, c := range of {
		value, ok := c.decode(values[i])
		if !ok {
			return nil, &FileError{damaged}
		}
		values[i] = value
	}
	return values, nil
}

func (c column) decode(value any) (any, bool) {
	switch v := value.(type) {
	case nil:
		return nil, true
	case bool:
		return v, c.Kind == booleanKind
	case json.Number:
		n, err := v.Int64()
		return n, err == nil && c.Kind == integerKind
	case map[string]any:
		text, _ := v["base64"].(string)
		data, err := base64.StdEncoding.DecodeString(text)
		return string(data), err == nil && c.Kind == textKind
	case string:
		switch c.Kind {
		case textKind:
			return v, true
		case timeKind:
			at, err := time.Parse(timeLayout, v)
			return at, err == nil
		case bytesKind:
			data, err := base64.StdEncoding.DecodeString(v)
			return data, err == nil
		}
	}
	return nil, false
}
