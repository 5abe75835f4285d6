package place

import (
	"net/url"
	"strings"

	"workflows/worker/document"
)

// Form is the text of form fields, name=value&name=value: an inserted value is one name
// or one value. Fields may be written as a JSON object too, see JSON.
func Form(pieces []Piece) (string, error) {
	if len(pieces) > 0 && strings.HasPrefix(strings.TrimSpace(pieces[0].Typed), "{") {
		return JSON(pieces)
	}
	var b strings.Builder
	for _, piece := range pieces {
		if piece.inserted() {
			b.WriteString(url.QueryEscape(document.Text(piece.Value)))
			continue
		}
		b.WriteString(piece.Typed)
	}
	return b.String(), nil
}
