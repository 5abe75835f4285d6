// Package pool takes work in a worker process: gocraft/work's pool on connections
// of ours, so that it picks up a run within milliseconds, meets no error, and
// leaves nothing behind. Only worker/process runs it.
//
// A fetcher that asks for a job waits here without a connection (conn.go); one
// feeder (feed.go) takes jobs for all who wait in one call of a script (script.go),
// whenever the bell rings (listen.go), and every two seconds in case it was not
// heard. gocraft/work therefore never falls into its sleeps of up to five seconds.
// What is done is acknowledged in the same way, as many as came up during the last
// round trip (acks.go). After an outage the feeder gives back what Redis holds as
// this worker's and nobody has in hand (hand.go). It reads each job before
// gocraft/work does: what is unreadable is set aside, because gocraft/work would
// leave it in progress for ever.
//
// Fetchers try the lanes in an order that is drawn anew each time, by weight: high
// mostly first, backlog mostly last, none never.
//
// No error reaches gocraft/work, which could only print it every 10 ms.
//
// Unused of gocraft/work, with reason: MaxConcurrency (a bad job costs a slot for
// ever) and with it its locks, Unique (ends when the job starts),
// PeriodicallyEnqueue (robfig/cron v1, fires double), its retries and dead jobs
// (ours are in the database).
//
// What becomes of a run is not decided here: the handler is given an id and a
// context. Nothing in this package may ask the database for anything but which
// lanes are paused.
package pool
