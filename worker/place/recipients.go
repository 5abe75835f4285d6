package place

import (
	"strings"

	"workflows/worker/document"
)

// Recipients is a list of e-mail addresses between which commas, semicolons or lines were
// typed. An inserted value is one address, or a part of one; one that stands alone may be
// a list of them, and may be nothing.
func Recipients(pieces []Piece) (any, error) {
	pieces = trimmed(pieces)
	if len(pieces) == 1 && pieces[0].inserted() {
		value := pieces[0].Value
		if _, isText := value.(string); isText && !pieces[0].nothing() {
			return []any{value}, nil
		}
		return value, nil
	}
	list := []any{}
	var one strings.Builder
	end := func() {
		if text := strings.TrimSpace(one.String()); text != "" {
			list = append(list, text)
		}
		one.Reset()
	}
	for _, piece := range pieces {
		if piece.inserted() {
			if piece.nothing() {
				return nil, Missing(piece.Name, "an e-mail address")
			}
			one.WriteString(document.Text(piece.Value))
			continue
		}
		rest := piece.Typed
		for {
			i := strings.IndexFunc(rest, separates)
			if i < 0 {
				break
			}
			one.WriteString(rest[:i])
			end()
			rest = rest[i+1:]
		}
		one.WriteString(rest)
	}
	end()
	return list, nil
}

func separates(r rune) bool { return r == ',' || r == ';' || r == '\n' }
