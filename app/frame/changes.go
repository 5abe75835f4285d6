package frame

import (
	"workflows/views"
	"workflows/worker/changes"
)

// Changes are differences as pages show them.
func Changes(said []changes.Change) []views.Change {
	rows := make([]views.Change, len(said))
	for i, change := range said {
		rows[i] = views.Change(change)
	}
	return rows
}
