package engine

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"workflows/models"
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
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	data := bytes.TrimSuffix(out.Bytes(), []byte("\n"))
	if !bytes.Contains(data, []byte(`\u0000`)) {
		return data, nil
	}
	return withoutZeros(data), nil
}

// withoutZeros replaces the escape \u0000, but not an escaped backslash that
// happens to stand before "u0000".
func withoutZeros(data []byte) []byte {
	out := make([]byte, 0, len(data))
	for i := 0; i < len(data); i++ {
		if data[i] != '\\' || i+1 == len(data) {
			out = append(out, data[i])
			continue
		}
		if bytes.HasPrefix(data[i:], []byte(`\u0000`)) {
			out = append(out, `\ufffd`...)
			i += 5
			continue
		}
		out = append(out, data[i], data[i+1])
		i++
	}
	return out
}

// fromJSON reads a stored value with its numbers exact; empty is nil.
func fromJSON(data models.JSON) (any, error) {
	if len(data) == 0 {
		return nil, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var value any
	err := decoder.Decode(&value)
	return value, err
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

// plain replaces what a text column cannot hold.
func plain(text string) string {
	if utf8.ValidString(text) && !strings.ContainsRune(text, 0) {
		return text
	}
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\ufffd"), "\x00", "\ufffd")
}

// isNote reports whether a stored payload is the note about a larger one.
func isNote(data models.JSON) bool {
	return len(data) < 8*previewBytes && bytes.HasPrefix(data, []byte(`{"truncated":true,"bytes":`))
}
