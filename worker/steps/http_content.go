package steps

import (
	"workflows/worker/place"
	"workflows/worker/workflow"
)

// contentKind is the content of a call: the body type beside it decides how values are
// inserted into it.
func contentKind() workflow.Kind {
	kind := workflow.TemplateKind("content")
	kind.Insert = func(beside map[string]any, pieces []place.Piece) (any, error) {
		switch textAt(beside, "body_type") {
		case "json":
			return place.JSON(pieces)
		case "form":
			return place.Form(pieces)
		}
		return place.Joined(pieces), nil
	}
	return kind
}
