package frame

import "strings"

// ExportedRows bounds the rows of one file.
const ExportedRows = 50_000

// Cell keeps a text from being a formula where a spreadsheet opens it.
func Cell(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}
