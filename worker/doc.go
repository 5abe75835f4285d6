// Worker is the process that executes runs and fires schedules. This comment is
// the account of how the whole system works inside.
//
// # Two ideas
//
// The database is the truth, Redis is the doorbell. A run exists when its row is
// committed. A job in the queue carries only {"run_id": …} and means "look at
// this run"; losing it, doubling it or finding nonsense in it can neither lose
// nor double work.
//
// The second idea is one arrow: app → views → worker → models. Nothing points
// up; app/architecture_test.go holds it.
//
// # The life of a run
//
// A page, an API call, a due schedule or a retry calls engine.Start in its own
// transaction. It writes one row: queued, due now. That is the moment in which
// the run is accepted.
//
// After the commit, engine.Announce pushes a gocraft/work job and rings a bell
// (a Redis channel). A worker's idle pool hears the bell at once instead of
// sleeping up to five seconds between polls, as gocraft/work would by itself.
//
// The pool hands the run's id to engine.Execute, which claims the run: queued →
// running by compare-and-set, with the number of this claim (its attempt) and a
// lease of some seconds. Nobody else can claim it while the lease lasts. Every
// later write of this worker carries the attempt; when another worker has
// claimed the run in between, the write changes no row and its author stops.
//
// Execute then asks one pure function, NextMoves (engine/plan), what to do next, again
// and again: execute a step, wait, or finish. NextMoves sees only the definition, the
// attempts of the steps so far and the time. There is no cursor to keep: going on
// after a wait, a retry, a crash or a deployment is the same walk over the same
// attempts. Pages and the API show a run by the same package.
//
// A step with effects outside (a POST) has its row committed before it begins, so
// that a crash leaves a trace of "may have acted". Steps without effects are
// written together with whatever is written next. Claims, writes and finishes of
// all runs in a process share commits: one flusher takes what has queued up
// while the last commit was on its way, without a timer.
//
// What a step leaves behind beside its result (a payload too large for its row, a
// question, a run of another workflow, what later runs read) is a models.Left: it is
// stored in the transaction of the result, under the same fence, so that a crash or
// a late worker neither loses nor doubles it.
//
// What others send is as large as they like, up to 5 MB, and values made of it take
// many times that. So large texts, and the values of large texts, have to find room
// first (engine/memory.go). An answer becomes text again in the step's own goroutine, is
// stored at once, and is let go: who refers to it reads it again.
//
// A step that has to wait (a time, another run, a person, another attempt) gives the
// run back: status waiting, due at a time or when what it waits for has come. Each
// kind of waiting is one file, engine/wait_*.go. Nothing holds a worker meanwhile. A
// hint for a time stands in gocraft/work's own sorted sets, so the Queue page counts
// it.
//
// A run that has failed asks for somebody (models/runs/failures.go) until a person
// acknowledges it or a run that repeats it has taken its place; the end of that one
// marks it, and readers see it also without the mark.
//
// # What keeps it going
//
// One worker at a time sweeps, once a second, by a lease in the database: due waits
// are queued, runs whose lease has run out are taken back and go on elsewhere, and
// queued runs whose hint is lost are rung again. A lane is worked off in the order
// of its hints, so a run that was rung before the hint that is next has none. This
// is why FLUSHALL, a lost message or kill -9 lose nothing.
//
// Redis holds only what is next: 5,000 hints a lane. Runs beyond that are noted as
// not rung, and the sweeper tops the lane up with a share for each workflow. Of a
// workflow that has ten runs queued, further ones go into a lane of their own, the
// backlog, so that nobody stands behind a hundred thousand runs of another.
//
// A workflow's max_running is counted in the database under one lock for each
// workflow. Runs over it are stored and held back; the end of a run gives its place
// to the one that has waited longest, and the sweeper looks after it too.
//
// The keeper renews the leases of the runs in this process and cancels the work
// of those that it no longer holds. Cancel by a person sets the final state at
// once in the database and signals the worker, which cuts the running call off.
//
// SIGTERM: the pool takes nothing more, running steps get 20 seconds, what is
// left is handed back as queued and goes on elsewhere at once.
//
// Whether all this holds is tried out by worker/faultlab on real processes and
// servers: go test -tags faultlab ./worker/faultlab. worker/failpoint names the
// places at which it lets a process die.
//
// # Who is told
//
// What people are told of is an incident (models/told): a failed run leaves one behind
// with its end, as a step does a question. A look at an incident that is due locks it and
// stores the messages that it decides on in one transaction; sending them is
// compare-and-set on their rows (worker/telling). That a workflow works again nobody
// leaves behind: it is seen by the runs, so that a run that succeeds costs nothing more.
//
// What runs are found by is made behind them too (worker/indexing): the words of what
// they were given and gave stand in a table of their own, which nothing but a search reads. And
// so failed runs are put into groups by their cause (worker/grouping, models/failures).
//
// # Many runs at once
//
// What somebody wants done with many runs (models/bulk) has a row for each of them, chosen when
// it is asked for. A worker locks the deed, takes the next rows (worker/repair), does to these
// runs what is asked for, notes what has come of each, and moves on the pace, all in one
// transaction: killed at any point, it has happened once or not yet. Runs that another has in hand
// are passed over until the next piece, so that it waits for no worker and none waits for it.
//
// # Schedules
//
// A schedule's row holds its next planned time. A scheduler in each worker locks
// due rows and, in one transaction, writes the ledger row (unique by schedule and
// planned time), starts the run or records why not, and moves the next time on.
// Two workers can therefore never start the same planned time twice, and none can
// lose it. Publishing, pausing and resuming move the next time in their own
// transaction. schedule.Next is the only place that knows the rules of cron lines
// and clock changes; preview and scheduler both call it.
//
// # Outside
//
// A webhook's delivery is stored in the transaction that starts its run, and a
// question (the step approval) in the one that stores the attempt that asks; its
// answer has a row of its own, so that it can come at any time. Secrets are read for
// each attempt, kept nowhere, and taken out of everything that the engine stores
// and the programs log. Tokens that were given for a refresh token are kept, encrypted,
// and renewed by one attempt of all workers at a time: a server may take each once. An act of a person stands in the audit log in its own
// transaction.
//
// What the steps remember and read_feed have seen is hashes, in rows that are unique by
// workflow, step and item. They are left behind with the step's result; where another
// run was first, the attempt counts for nothing and the next one looks again
// (engine/remembered.go), so that no item is new to two runs.
//
// # Two measures
//
// They say whether the shape is still right. A new step type is one file in steps and
// its line in steps.All: form, checks, references, pages and API follow from it. A new
// page is three files of one stem (handler, view, test) and its line in
// app/routes/table.go. When a change needs more, something is missing in the
// structure. app/e2e adds one of each to see that they hold.
//
// # Rooms
//
//	workflow     the vocabulary, pure: definitions, checks, references, words.
//	             workflow/edit changes a definition's steps and what refers to them,
//	             workflow/merge joins what two people have made of one
//	document     how data is read and written: JSON and YAML
//	moment       how dates and times are read
//	pattern      patterns that cost memory only once they are used
//	entry        what people enter: addresses, phone numbers, files
//	place        how values are written into addresses, JSON, forms and recipients
//	filter       the words that change a value on its way: {{ input.n | round 2 }}
//	steps        one file per step type
//	chat         what chats take and how they answer
//	content      how what others send is read: character sets, forms, CSV, XML
//	feed         how feeds are read, and by what their entries are known again
//	query        how other databases are asked
//	engine       runs: start, claim, execute, wait, cancel, retry, sweep
//	engine/plan  its thinking half, pure: what a run does next, and how it looks
//	queue        the doorbell, and the rooms that know Redis: wire (the way there),
//	             pool (gocraft/work; in workers only), board (the numbers)
//	schedule     planned times: next, fire, ledger
//	foreign      how other systems write when something starts
//	subscription calendars that follow the files at addresses: fetched once a day
//	ics          how calendar files are read: which days, and of what kind
//	alerts       what should have happened and did not
//	retention    what is over and kept long enough
//	repair       what is done with many runs at once: again, cancelled, deleted; and by rules, again
//	grouping     why runs failed: those that failed for one cause are a group
//	indexing     what runs are found by: the words of what they were given and gave
//	restored     how an installation goes on that was brought back from a backup
//	asking       tells those whom a question names, by e-mail
//	notify       who is told of what happens to a workflow, pure: settings.notify
//	telling      tells them: of each cause once, then hourly, and that it is over
//	resend       how often a message is tried again
//	hooks        what other programs send: deliveries, what is answered, replay
//	senders      who they are: signatures, questions, ids, what to enter there
//	secrets      encrypted values, and how they are taken out of texts
//	catalog      what people keep and change: drafts, versions, pauses
//	changes      what differs between two definitions, and what stands in one, in words
//	templates    what a workflow can begin with, and the few values that it asks for
//	duty         what one process at a time does of several that could
//	outage       tells once when a server goes and once when it is back
//	process      joins the above into the Run that this process and the
//	             standalone program execute
//	environment  what both programs are told through variables
//	bench        the benchmark
//	faultlab     the whole system, broken on purpose
//	failpoint    named places to die at, in the lab's builds only
//
// Below them, models is the database: the tables, models/runs, models/failures, models/schedules
// and models/subscriptions with what is asked and written about these, models/archive the backup. models/sqlite is the embedded one, which
// the worker does without.
//
// Redis keys are described in worker/queue.
package main
