package models

import (
	"database/sql/driver"
	"fmt"

	"workflows/models/columns"
)

// JSON is a column that holds a JSON document as it was written: key order and
// large numbers survive. Empty is NULL, never "": PostgreSQL refuses an empty text.
type JSON []byte

// ToJSON marshals a value for a column. A value that cannot be marshalled is a
// defect of the caller, so the error names its type.
func ToJSON(value any) (JSON, error) {
	data, err := columns.Encode(value)
	if err != nil {
		return nil, fmt.Errorf("marshal %T: %w", value, err)
	}
	return data, nil
}

// Value implements driver.Valuer.
func (j JSON) Value() (driver.Value, error) {
	if len(j) == 0 {
		return nil, nil
	}
	return string(j), nil
}

// Text is the document as an array element: nil is NULL.
func (j JSON) Text() *string {
	if len(j) == 0 {
		return nil
	}
	text := string(j)
	return &text
}

// Scan implements sql.Scanner.
func (j *JSON) Scan(value any) error {
	switch value := value.(type) {
	case nil:
		*j = nil
	case string:
		*j = JSON(value)
	case []byte:
		*j = append(JSON(nil), value...)
	default:
		return fmt.Errorf("read a JSON column from %T", value)
	}
	return nil
}

// MarshalJSON writes the document itself, null when there is none.
func (j JSON) MarshalJSON() ([]byte, error) {
	if len(j) == 0 {
		return []byte("null"), nil
	}
	return j, nil
}

// UnmarshalJSON keeps the document as it is.
func (j *JSON) UnmarshalJSON(data []byte) error {
	*j = append(JSON(nil), data...)
	return nil
}
