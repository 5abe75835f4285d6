// Package merge joins what two people have made of one draft. Both began with the same
// definition, the base: what only one of them changed becomes as that one has it, field by
// field, and where a step stands is one of its fields. What both changed, each in another
// way, clashes, for a person to choose.
//
// A definition is taken apart into parts under paths that stay the same while steps move
// (parts.go), joined (join.go, steps.go), and put together again. Whether the
// result makes sense is for workflow.Checker to say, and what things are in words is for
// worker/changes. It is pure.
//
// It may import worker/workflow, worker/changes and worker/document.
package merge
