// Package queue is the doorbell. A job carries a run's id and means "look at this
// run". The database knows which runs there are and what state they are in;
// everything here may be lost, doubled or delayed without a run being lost or
// doubled.
//
// # Rooms
//
// This package and those below are the only ones that know Redis.
//
//	queue        rings, now or later, and signals; how full the lanes are; what is
//	             counted and shown. Web and worker use it
//	queue/wire   the way to Redis: address, one pipeline for all commands, the
//	             spelling of keys, outages. Only these rooms use it
//	queue/pool   takes work: gocraft/work's pool on connections of ours, and its
//	             janitor. Only a worker runs it, and only it knows gocraft/work
//	queue/board  the numbers of both servers in one snapshot, for showing
//
// What may not be done here: decide what becomes of a run, keep in Redis the only
// copy of anything, import the engine. A hint is all that a run is here.
//
// # How a run is picked up
//
// Ring pushes a job in gocraft/work's format and publishes to the bell. The pool of
// some worker hears it and hands the run's id to its handler. There are four lanes;
// workers that become free look into the high one mostly first, into the backlog
// mostly last, and leave none out. Ring refuses hints that a lane has no room for;
// runs that go on are put ahead.
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
//	signal              channel: the id of a run whose row should be looked at again, or of a
//	                    worker that was drained or released
//	minute:<n>          hash succeeded, failed: outcomes in minute n since 1970; and for each
//	                    lane <lane>:succeeded, :failed, :started, :waited_ms (for how long
//	                    those that started had waited, together); 72 h
//	outcomes            hash succeeded, failed: outcomes since Redis last forgot
//	set_aside           list of at most 100 JSON records (at, from, reason, bytes,
//	                    payload: its first 1 kB) of jobs that no worker could use
//	set_aside:<key>     a key of a wrong type that was moved out of the way; 7 days
//	workers_seen_at     seconds since 1970 at which any worker last beat
//	state:scheduler:<name>  JSON that a scheduler shows of itself (name, at, next: the
//	                    next planned time, clock_ahead_ms: its machine's clock before
//	                    the database's), for 15 s; doctor reads it
//	state:outdated:<worker>  JSON that a worker shows which is older than the database
//	                    and takes nothing (its name, both versions), for 15 s
//	states              set of the names under state:, of which whoever writes one takes
//	                    out some that have expired
package queue
