// Package offer is the data that people choose from when they fill in a step: what its
// fields may refer to, what that was lately, and what it is called. It is pure: it is told
// what was seen (Samples), joins it with a definition (Know), and lists it as a tree, cut
// where there is too much, whatever was seen.
package offer
