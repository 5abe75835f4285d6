package engine

import (
	"bytes"
	"strings"

	"workflows/models"
	"workflows/models/columns"
)

const (
	// maxStored is the largest input or output that a row holds whole.
	maxStored = 256 << 10
	// maxKept is the largest output that is kept aside for later steps.
	maxKept = 16 << 20
	// previewBytes is how much of a larger one its row shows.
	previewBytes = 2 << 10
)

// note stands in a row for a payload that is too large for it.
type note struct {
	Truncated bool   `json:"truncated"`
	Bytes     int    `json:"bytes"`
	Preview   string `json:"preview"`
}

// toJSON writes a value for a column. U+0000 becomes U+FFFD, since PostgreSQL
// keeps no text with it; < > & stay as they are.
func toJSON(value any) (models.JSON, error) {
	data, err := columns.Encode(value)
	return columns.FitJSON(data), err
}

// capped returns what a row stores of a payload: itself, or a note about it.
func capped(data models.JSON) (stored models.JSON, cut bool) {
	if len(data) <= maxStored {
		return data, false
	}
	preview := strings.ToValidUTF8(string(data[:previewBytes]), "")
	stored, err := toJSON(note{Truncated: true, Bytes: len(data), Preview: preview})
	if err != nil { // two plain fields and a valid text always marshal
		panic(err)
	}
	return stored, true
}

// isNote reports whether a stored payload is the note about a larger one.
func isNote(data models.JSON) bool {
	return len(data) < 8*previewBytes && bytes.HasPrefix(data, []byte(`{"truncated":true,"bytes":`))
}
