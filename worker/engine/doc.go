// Package engine turns accepted runs into final ones.
//
// A run is a row. Whoever gets a hint claims the row (a compare-and-set that
// gives a lease and a new attempt number), walks the definition with the step
// results that are stored, and writes what it did fenced by that number: a
// worker that has lost its lease changes nothing. What to do next is said by package
// plan from definition, attempts and time alone, so a run needs no cursor and goes on
// anywhere.
//
// Beside its result a step may leave something behind (leaving.go), and it may wait
// (wait.go). Both are tables: a new kind of either is an entry and a file, and
// whatever is left is stored in the transaction of the result or not at all.
//
// Claims and writes of all runs of a process are committed together, and so are starts:
// whoever finds nobody committing commits for all that came up meanwhile (see group).
// The sweeper wakes runs whose time has come, queues anew those whose worker is
// gone, rings for those whose hint was lost or had no room, and gives places to
// those that a limit holds back; the keeper prolongs the leases.
package engine
