package filter

import (
	"strings"

	"workflows/worker/document"
)

// String is the filter as Parse reads it: round 2.
func (f Filter) String() string {
	var b strings.Builder
	b.WriteString(f.Name)
	for _, arg := range f.Args {
		b.WriteByte(' ')
		if arg.Reference != "" {
			b.WriteString(arg.Reference)
			continue
		}
		b.Write(document.JSON(arg.Value))
	}
	return b.String()
}

// Join writes filters as Parse reads them: default 0 | round 2.
func Join(filters []Filter) string {
	parts := make([]string, len(filters))
	for i, f := range filters {
		parts[i] = f.String()
	}
	return strings.Join(parts, " | ")
}
