// Package schedule knows when a schedule fires, and starts its runs.
//
// # When
//
// A Rule is one schedule's times; Next is the only place that computes them, for
// the preview and for the scheduler alike. robfig/cron's parser reads the line;
// the walking is our own, because of the clock-change rule. It is Vixie's distinction,
// but for one thing: to cron a minute field that begins with "*" follows real time, too.
//
//   - An hour field that begins with "*" follows real time: the schedule fires at
//     every real minute whose local clock matches.
//   - Any other hour field: each matching local time fires once. One that does not
//     exist fires at the first instant after the gap, one that occurs twice fires
//     the first time, several that fall on the same instant are one planned time.
//   - `every` counts real time from the moment at which the trigger was published.
//   - Day of month and day of week: both must match where one of them begins with "*",
//     else one of them is enough, as in Vixie's crontab(5). robfig/cron reads stepped
//     stars otherwise.
//
// A first and a last day bound the rule, a picked day of the month takes the place
// of the line's days, and a calendar (Heed) takes out the times on its free days or
// moves them to the next working day. Jitter delays a start by a part of its own,
// the same for every scheduler, and never beyond the next planned time.
//
// Hours without runs (not_between) are by the clock of the schedule's zone, as it shows
// them, and may go over midnight: 22:00 lies in 22:00-06:00, and 06:00 does not. What falls
// into them is not planned, so that it is never missed and no row of the ledger:
//
//   - A time of a cron line is left out where the line names it within the hours, also on
//     the day on which the clock skips it, and where the clock change moves it into them.
//   - `every` goes on counting through them. An interval whose times could all fall into
//     them for a year, depending on when it is published, is refused.
//   - Where a free day moves a time, the moved one counts.
//   - The planned time counts, and not when it starts: what is spread or made up for may
//     start within the hours.
//
// # What happens at a planned time
//
// Schedulers take what is due in batches. In one transaction a batch's rows are
// locked (those that another scheduler is at are passed over), the planned times
// written into the ledger (unique on schedule and planned time), the runs stored
// and the schedules moved on. So no number of schedulers, and no difference between
// their clocks, starts a planned time twice, and a crash between two statements
// leaves nothing half done. A batch that fails is fired schedule by schedule, so
// that one holds no others up.
//
// On PostgreSQL, what many schedules need for one moment is reckoned in the seconds before
// it (ahead.go): their rules are read, their next times found, their runs made. At the moment
// itself two statements for five hundred of them write it all, where nothing has changed
// since: a schedule's row is still the one that was read (by its xmin), its workflow's version
// too, and no run of it is unfinished. What does not fit that fires in the usual batches.
//
// accounted_until is the moment up to which every planned time is in the ledger.
// A paused schedule is looked at like an active one, and its times are written as
// paused. Whatever changes a schedule (pausing, resuming, publishing, taking it out)
// first accounts for what was planned until then.
//
// A time that is late by more than Grace follows the schedule's missed rule:
//
//   - latest: the newest due time runs, as caught_up; all earlier ones are missed.
//   - skip: the late ones are missed.
//   - all: the newest 100 late ones run, as caught_up; earlier ones are missed.
//
// What is older than missed_max_age is missed. The ledger gets a row for each, at
// most 1,000 at once: of a longer list the first row stands for those that are not
// written out, and says so.
//
// Overlap looks at the runs that this schedule itself has started and that are not
// final: skip (the time is skipped and names the run in the way), queue (the run is
// held back until that one has ended; one waits, further times are skipped), replace
// (that run is cancelled, in the same transaction) or allow.
package schedule
