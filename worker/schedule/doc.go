// Package schedule knows when a schedule fires, and starts its runs.
//
// # When
//
// A Rule is one schedule's times; Next is the only place that computes them, for
// the preview and for the scheduler alike. robfig/cron's parser reads the line;
// the walking is our own, because of the clock-change rule (Vixie's distinction):
//
//   - An hour field that begins with "*" follows real time: the schedule fires at
//     every real minute whose local clock matches.
//   - Any other hour field: each matching local time fires once. One that does not
//     exist fires at the first instant after the gap, one that occurs twice fires
//     the first time, several that fall on the same instant are one planned time.
//   - `every` counts real time from the moment at which the trigger was published.
//   - Day of month and day of week both restricted: either matches.
//
// # What happens at a planned time
//
// In one transaction the Scheduler locks the schedule's row, writes the planned
// time into the ledger (unique on schedule and planned time), starts the run and
// moves next_fire_at by compare-and-set. So no number of schedulers, and no
// difference between their clocks, starts a planned time twice, and a crash
// between two statements leaves nothing half done.
//
// A time that is late by more than Grace follows the schedule's missed rule:
//
//   - latest: the newest due time runs, as caught_up; all earlier ones are missed.
//   - skip: the late ones are missed.
//   - all: the newest 100 late ones run, as caught_up; earlier ones are missed.
//
// The ledger gets a row for each, at most 1,000 at once: of a longer list the
// first row stands for those that are not written out, and says so.
//
// Overlap looks at the runs that this schedule itself has started and that are
// not final, once per firing: skip (the time is skipped and names the run in the
// way), replace (that run is cancelled, in the same transaction) or allow. `queue`
// is in the vocabulary and refused as not available: it needs an order among the
// runs of one workflow that the engine does not keep yet.
package schedule
