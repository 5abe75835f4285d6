// Package queue is the doorbell: the only package that knows gocraft/work and
// Redis. A job carries a run's id and means "look at this run". The database
// knows which runs there are and what state they are in; everything here may be
// lost, doubled or delayed without a run being lost or doubled.
//
// # How a run is picked up
//
// Ring pushes a job in gocraft/work's format and publishes to the bell. In the
// worker, gocraft/work's pool runs on connections of ours (conn.go). A fetcher
// that asks for a job waits there without a connection; one feeder (feed.go)
// takes jobs for all who wait in one call of a script (take.go), whenever the bell
// rings, and every two seconds in case it was not heard. gocraft/work therefore
// never falls into its sleeps of up to five seconds. What is done is acknowledged
// in the same way, as many as came up during the last round trip.
// The feeder reads each job before gocraft/work does: what is unreadable is set
// aside, because gocraft/work would leave it in progress for ever.
//
// There are four lanes. gocraft/work's fetchers try them in an order that is drawn
// anew each time, by weight: high mostly first, backlog mostly last, none never.
// Ring refuses hints that a lane has no room for; runs that go on are put ahead.
//
// No error reaches gocraft/work, which could only print it every 10 ms. All that
// goes to Redis goes through one pipeline, which tells the log once that Redis is
// away, or refuses to work, and once, with how long, that this is over.
//
// Unused of gocraft/work, with reason: MaxConcurrency (a bad job costs a slot for
// ever) and with it its locks, Unique (ends when the job starts),
// PeriodicallyEnqueue (robfig/cron v1, fires double), its retries and dead jobs
// (ours are in the database).
//
// # Keys, all after "<namespace>:"
//
// Of gocraft/work, read by the pages as they are: known_jobs, jobs:<lane> (list; the
// lanes are high, default, low, backlog), jobs:<lane>:paused, jobs:<lane>:<pool>:inprogress,
// scheduled and retry and dead (sorted sets), worker_pools (set), worker_pools:<pool>
// (heartbeat; we let it expire after 15 s), worker:<worker> (what it does),
// last_periodic_enqueue. In scheduled stand runs that wait for a time, in retry
// those that wait for another attempt; members carry "t": 0, so that they can be
// found and removed.
//
// Ours:
//
//	bell                channel: how many hints were pushed
//	signal              channel: the id of a run whose row should be looked at again
//	minute:<n>          hash succeeded, failed: outcomes in minute n since 1970; 72 h
//	set_aside           list of at most 100 JSON records (at, from, reason, bytes,
//	                    payload: its first 1 kB) of jobs that no worker could use
//	set_aside:<key>     a key of a wrong type that was moved out of the way; 7 days
//	workers_seen_at     seconds since 1970 at which any worker last beat
//	state:scheduler:<name>  JSON that a scheduler shows of itself (name, at, next: the
//	                    next planned time, clock_ahead_ms: its machine's clock before
//	                    the database's), for 15 s; doctor reads it
//	states              set of the names under state:
package queue
