package workflow

import "workflows/worker/place"

// The kinds of texts whose form decides how a value is inserted.

// addressKind is the address of a call.
func addressKind() Kind {
	return Kind{Name: "address", Check: checkText, Insert: func(_ map[string]any, pieces []place.Piece) (any, error) {
		if len(pieces) == 0 {
			return "", nil
		}
		return place.Address(pieces)
	}}
}

// recipientsKind is e-mail addresses, with commas between them or as a list.
func recipientsKind() Kind {
	return Kind{Name: "recipients", Check: checkText, Insert: func(_ map[string]any, pieces []place.Piece) (any, error) { return place.Recipients(pieces) }}
}
