// Package plan is the thinking half of the engine: what a run does next, which
// results of an earlier run still stand, when a failed step is tried again, and how
// a run looks step by step.
//
// Everything here is a pure function of a workflow's definition, the attempts so
// far and the time. Nothing here knows a database, a queue or a clock, and nothing
// may: so any worker that reads the same attempts plans the same, pages and the API
// show what the engine does by the same rules, and millions of histories are tried
// without a server (see the fuzz target). Whoever wants to wait for something new
// adds a kind of waiting to the engine; here it is only a word in an attempt.
package plan
