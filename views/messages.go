package views

import "workflows/views/ui"

// messageFor is what stands beside the field with that id in a form that came back.
func messageFor(errors []ui.FieldMessage, id string) string {
	for _, problem := range errors {
		if problem.FieldID == id {
			return problem.Message
		}
	}
	return ""
}
