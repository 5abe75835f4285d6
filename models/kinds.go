package models

// Unreachable reports whether err says that the database's server cannot be
// reached or is shutting down, rather than that a statement was wrong.
func Unreachable(err error) bool { return err != nil && unreachable(err) }
