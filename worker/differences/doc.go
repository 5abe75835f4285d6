// Package differences says in words what is otherwise in a run than in the last run of its
// workflow that succeeded before it: the version, who or what started it, what it was given, how
// long it waited and worked, and what its steps gave.
//
// It reads only what is stored, in which no secret stands, and of that no more than it can show:
// what is larger is named with its size. Nothing here knows why a run failed; it only says what
// somebody who looks for the reason would look at first.
package differences
