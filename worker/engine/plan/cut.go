package plan

import (
	"bytes"
	"strings"

	"workflows/models/columns"
	"workflows/worker/document"
)

const (
	// MaxWhole is the largest input or output, in bytes, that an attempt's row holds.
	MaxWhole = 256 << 10
	// MaxKept is the largest output that is kept aside for later steps.
	MaxKept = 16 << 20
	// previewBytes is how much of a larger one its row shows.
	previewBytes = 2 << 10
)

// Cut stands in a row for what is too large for it.
type Cut struct {
	Truncated bool   `json:"truncated"`
	Bytes     int    `json:"bytes"`
	Preview   string `json:"preview"`
}

const cutPrefix = `{"truncated":true,"bytes":`

// CutTo returns what a row holds of a payload: itself, or a Cut of it.
func CutTo(data []byte) (stored []byte, cut bool) {
	if len(data) <= MaxWhole {
		return data, false
	}
	preview := strings.ToValidUTF8(string(data[:previewBytes]), "")
	return columns.FitJSON(document.JSON(Cut{Truncated: true, Bytes: len(data), Preview: preview})), true
}

// ReadCut reads the Cut of a larger payload; false for one that is whole.
func ReadCut(data []byte) (cut Cut, is bool) {
	if !IsCut(data) || document.Decode(data, &cut) != nil {
		return Cut{}, false
	}
	return cut, true
}

// IsCut reports whether a stored payload is the Cut of a larger one.
func IsCut(data []byte) bool {
	return len(data) < 8*previewBytes && bytes.HasPrefix(data, []byte(cutPrefix))
}
