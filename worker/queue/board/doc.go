// Package board is what people and programs are shown of the queue: the numbers of
// Redis and of the database in one snapshot, a second old at most, and the sentences
// about what needs attention.
//
// It only reads, and decides nothing: no run goes on or stays because of what it
// says. It names no address of the site; whoever shows a notice knows where to lead
// people from it.
package board
