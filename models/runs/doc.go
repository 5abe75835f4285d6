// Package runs is every query about runs: how they start, are claimed, advance, wait,
// are woken, rung and taken back, and how pages find them. What is stored stands in
// package models: the tables as structs, what a step leaves behind, kinds of errors.
//
// One transaction changes a run under the attempt that holds it, or not at all. So:
//
//   - A statement that changes a run's status names the status that it was in, and
//     the one of a worker its attempt too. TestBothDatabasesKeepTheEnginesRules holds
//     such rules on both databases; a new statement gets a rule there first.
//   - Where PostgreSQL has words of its own (claim, advance, lease, start), SQLite has
//     the same meaning beside it. Change both, or neither.
//   - Conditions stand literally as the partial indexes have them (ready, 'decision'):
//     a parameter there reads the whole table. TestBacklogOfOneWorkflowCostsOthersNothing
//     counts the rows.
//   - Lists, look-ups and counts are safe to change. They read no payload that nobody
//     asked for, and count no further than models.CountLimit.
//
// It may import models and models/columns, and knows nothing of definitions.
package runs
