package auth

import "slices"

// Role is what a person may do. Each one includes those before it.
type Role string

// The roles, from the least to the most.
const (
	Viewer        Role = "viewer"        // looks
	Operator      Role = "operator"      // starts, cancels, pauses
	Editor        Role = "editor"        // changes workflows
	Administrator Role = "administrator" // people, tokens, settings
)

// Roles lists all roles, least first.
func Roles() []Role { return []Role{Viewer, Operator, Editor, Administrator} }

// AtLeast reports whether a person with role r may do what needs role least.
// An unknown role may do nothing.
func (r Role) AtLeast(least Role) bool {
	have, need := slices.Index(Roles(), r), slices.Index(Roles(), least)
	return have >= 0 && need >= 0 && have >= need
}
