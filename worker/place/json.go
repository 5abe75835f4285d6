package place

import (
	"strings"

	"workflows/worker/document"
)

// JSON is the text of a JSON document. A value that stands in quotes is text there, any
// other is written as JSON: null where there is nothing. Whether the document can be read
// is for its reader to say.
func JSON(pieces []Piece) (string, error) {
	var b strings.Builder
	quoted, escaped := false, false
	for _, piece := range pieces {
		if !piece.inserted() {
			for i := range len(piece.Typed) {
				switch c := piece.Typed[i]; {
				case escaped:
					escaped = false
				case c == '\\' && quoted:
					escaped = true
				case c == '"':
					quoted = !quoted
				}
			}
			b.WriteString(piece.Typed)
			continue
		}
		switch {
		case escaped:
			return "", misfit("invalid_body", "A \\ stands before “%s”. Remove it: what is inserted is escaped by itself.", piece.Name)
		case quoted:
			text := document.JSON(document.Text(piece.Value))
			b.Write(text[1 : len(text)-1])
		default:
			b.Write(document.JSON(piece.Value))
		}
	}
	return b.String(), nil
}
