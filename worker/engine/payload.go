package engine

import (
	"workflows/models"
	"workflows/models/columns"
)

// toJSON writes a value for a column. U+0000 becomes U+FFFD, since PostgreSQL
// keeps no text with it; < > & stay as they are.
func toJSON(value any) (models.JSON, error) {
	data, err := columns.Encode(value)
	return columns.FitJSON(data), err
}
