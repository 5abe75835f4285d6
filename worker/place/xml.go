package place

import (
	"bytes"
	"encoding/xml"
	"strings"

	"workflows/worker/document"
)

// XML is the text of an XML document. A value is text there, or a part of a value in
// quotes; nothing is an empty text. Names of elements and the like cannot be inserted.
func XML(pieces []Piece) (string, error) {
	var b strings.Builder
	inside, quote := "", byte(0)
	for _, piece := range pieces {
		if piece.inserted() {
			if inside != "" && quote == 0 {
				return "", misfit("invalid_answer", "“%s” stands inside <…> of XML, where only values between quotation marks can be inserted.", piece.Name)
			}
			var text bytes.Buffer
			_ = xml.EscapeText(&text, []byte(document.Text(piece.Value))) // to memory
			b.Write(text.Bytes())
			continue
		}
		for i := range len(piece.Typed) {
			switch c := piece.Typed[i]; {
			case inside == "" && strings.HasPrefix(piece.Typed[i:], "<!--"):
				inside = "-->"
			case inside == "" && strings.HasPrefix(piece.Typed[i:], "<![CDATA["):
				inside = "]]>"
			case inside == "" && c == '<':
				inside = ">"
			case quote != 0:
				if c == quote {
					quote = 0
				}
			case inside == ">" && (c == '"' || c == '\''):
				quote = c
			case inside != "" && strings.HasSuffix(piece.Typed[:i+1], inside):
				inside = ""
			}
		}
		b.WriteString(piece.Typed)
	}
	return b.String(), nil
}
