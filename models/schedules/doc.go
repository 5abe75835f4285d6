// Package schedules is every query about schedules and their ledger: which are due,
// where they stand, what became of each planned time, and how pages find them. The
// tables stand as structs in package models; what a rule means is known in
// worker/schedule only.
//
// LockDue, Move, InsertPlanned and the locks belong to the one transaction in which a
// schedule fires: the ledger's row is unique by schedule and planned time, which is why
// no planned time starts twice. Change them with the random machine of worker/schedule
// at hand. Lists and look-ups are safe to change.
//
// It may import models and models/columns.
package schedules
