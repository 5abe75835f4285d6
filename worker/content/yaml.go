package content

import (
	"strings"

	"workflows/worker/document"
)

// maxYAML is the longest text in YAML that is read, in bytes: reading it takes some
// hundred times as much.
const maxYAML = 1 << 20

// YAML is what a text in YAML stands for; several documents are a list. Aliases are
// refused.
func YAML(text string) (any, error) {
	if len(text) > maxYAML {
		return nil, document.Malformed("The YAML is larger than 1 MB. Read a part of it at a time, or ask for JSON.")
	}
	values, err := document.ReadYAML([]byte(strings.TrimPrefix(text, bom)))
	if err != nil {
		return nil, err
	}
	var value any
	switch len(values) {
	case 0:
	case 1:
		value = values[0]
	default:
		value = values
	}
	value, ok := document.Storable(value)
	if !ok {
		return nil, document.Malformed("The YAML is nested more than %d levels deep, or has a number of more than %d digits.", maxDepth, document.MaxDigits)
	}
	return value, nil
}
