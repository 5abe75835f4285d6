package document

import (
	"encoding/json"

	"workflows/models/columns"
)

const (
	// MaxStoredDepth is how deep a value may be nested that the system keeps, whoever
	// sent it. What people write by hand is bounded by MaxDepth.
	MaxStoredDepth = 100
	// MaxDigits is how long a number may be that it keeps, in characters.
	MaxDigits = 300
)

// Storable is the value with U+FFFD in place of what no column takes. It is false where
// the value is nested deeper than MaxStoredDepth or has a number that is not a
// SensibleNumber. This is the one rule for what others send, however it came and
// whichever step or word has read it. Lists and objects are changed where they stand.
func Storable(value any) (any, bool) { return storable(value, 0) }

func storable(value any, depth int) (any, bool) {
	if depth > MaxStoredDepth {
		return nil, false
	}
	switch v := value.(type) {
	case string:
		return columns.Fit(v), true
	case json.Number:
		return v, SensibleNumber(v.String())
	case []any:
		for i, item := range v {
			fit, ok := storable(item, depth+1)
			if !ok {
				return nil, false
			}
			v[i] = fit
		}
	case map[string]any:
		for name, item := range v {
			fit, ok := storable(item, depth+1)
			if !ok {
				return nil, false
			}
			if fits := columns.Fit(name); fits != name {
				delete(v, name)
				name = fits
			}
			v[name] = fit
		}
	}
	return value, true
}
