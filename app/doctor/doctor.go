// Package doctor examines an installation: what it needs, whether that is there and does what is
// asked of it, and what to do where it does not. A command prints what it finds, and a page of the
// administrators shows it.
package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"workflows/app/frame"
	"workflows/models"
	"workflows/models/address"
	"workflows/models/outward"
	"workflows/worker/environment"
	"workflows/worker/queue"
	"workflows/worker/queue/board"
	"workflows/worker/schedule"
	"workflows/worker/secrets"
)

// Patience bounds each look at a server.
const Patience = 5 * time.Second

// States of a finding.
const (
	Fine    = "ok"
	Warning = "warning"
	Problem = "problem"
)

// Finding is what one check has found, and what to do about it.
type Finding struct {
	Check   string `json:"check"`
	Status  string `json:"status"`
	Message string `json:"message"`
}

// Patient is an installation that is examined.
type Patient struct {
	Settings environment.Settings
	// DB is the database of a program that runs. Where it is nil, Open opens it for as long as
	// it takes.
	DB   *gorm.DB
	Open func(environment.Settings) (*gorm.DB, error)
	// Fresh says that there is no database yet, which the first start makes.
	Fresh bool
	// Keys are the secret keys of the installation, as they are stored; "" for none.
	Keys string
}

// Examine checks everything that the system needs. It leaves everything as it is: what it writes to
// the database it takes away again.
func Examine(ctx context.Context, p Patient) []Finding {
	d := &examination{Patient: p}
	d.database(ctx)
	d.queue(ctx)
	d.zones(time.Now())
	d.secretKey()
	d.mail(ctx)
	return d.findings
}

// Unwell reports whether a problem was found.
func Unwell(found []Finding) bool {
	return slices.ContainsFunc(found, func(f Finding) bool { return f.Status == Problem })
}

type examination struct {
	Patient
	findings []Finding
	wrongKey error             // why SECRET_KEYS do not fit the database
	still    models.Standstill // why nothing starts
	// server is the mail server that was entered, serverProblem why it cannot be used, and
	// serverKnown that the database was asked.
	server        address.MailServer
	serverProblem error
	serverKnown   bool
	// inZones counts the schedules by their zones, and newestZones is the newest version
	// of the time-zone data that a program has had here.
	inZones     map[string]int
	newestZones string
}

// say notes a finding, in one line whatever an error is like, and of errors what
// may be said.
func (d *examination) say(check, status, format string, args ...any) {
	for i, arg := range args {
		if err, ok := arg.(error); ok {
			args[i] = outward.Error(err)
		}
	}
	line := strings.Join(strings.Fields(fmt.Sprintf(format, args...)), " ")
	d.findings = append(d.findings, Finding{check, status, line})
}

func (d *examination) database(ctx context.Context) {
	db := d.DB
	if db == nil {
		if d.Fresh {
			d.say("database", Fine, "There is none in %s yet: the first start makes it.", d.Settings.DataDir)
			return
		}
		var err error
		if db, err = d.Open(d.Settings); err != nil {
			d.say("database", Problem, "It cannot be opened: %s", err)
			return
		}
		defer func() { _ = models.Close(db) }()
	}
	ctx, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	if err := models.Ping(ctx, db); err != nil {
		d.say("database", Problem, "%s", models.Explain(db, err))
		return
	}
	ready, err := models.Migrated(ctx, db)
	newer := new(models.NewerSchemaError)
	switch {
	case errors.As(err, &newer):
		d.say("database", Problem, "%s It is at %s.", newer, models.Address(db))
		return
	case err != nil:
		d.say("database", Problem, "Its tables at %s cannot be read: %s", models.Address(db), err)
		return
	case !ready:
		d.say("database", Problem, "Its tables at %s are older than this program. Run: go run ./app migrate", models.Address(db))
		return
	}
	d.say("database", Fine, "It answers at %s and is up to date.", models.Address(db))
	if err := models.TryWrite(ctx, db); models.Unreachable(err) {
		d.say("storage", Problem, "%s", models.Explain(db, err))
	} else {
		d.say("storage", Fine, "The database takes what is written.")
	}
	if sizes, err := models.SizesOf(ctx, db); err != nil {
		d.say("size", Problem, "How much is stored cannot be asked: %s", err)
	} else {
		d.say("size", Fine, "%s", frame.StoredSentences(sizes, d.Settings.RunRetentionDays))
	}
	d.mailServer(ctx, db)
	if keys, err := secrets.ParseKeys(d.Settings.SecretKeys); err == nil {
		d.wrongKey = keys.Fits(ctx, db)
	}
	if still, err := models.StandstillOf(ctx, db); err == nil {
		d.standstill(still)
	}
	now, err := models.DatabaseNow(ctx, db)
	if err != nil {
		d.say("clocks", Problem, "The database's clock cannot be read: %s", err)
		return
	}
	d.clocks(now)
	if !d.still.Holds() { // else nothing starts, which is said
		d.schedules(ctx, db, now)
	}
	d.zonesInUse(ctx, db)
	d.messages(ctx, db, now)
}

func (d *examination) clocks(now time.Time) {
	switch apart := time.Until(now).Abs(); {
	case apart > time.Minute:
		d.say("clocks", Problem, "This machine's clock and the database's are %s apart. Let both follow a time server: pauses and sessions go by this machine's clock, schedules by the database's.", apart.Round(time.Second))
	case apart > 2*time.Second:
		d.say("clocks", Warning, "This machine's clock and the database's are %s apart. Let both follow a time server.", apart.Round(time.Second))
	default:
		d.say("clocks", Fine, "This machine's clock and the database's agree.")
	}
}

func (d *examination) schedules(ctx context.Context, db *gorm.DB, now time.Time) {
	late, err := models.LateSchedules(ctx, db, now)
	alerts := map[string]int64{}
	if err == nil {
		alerts, err = models.CountAlerts(ctx, db)
	}
	var open int64
	for _, n := range alerts {
		open += n
	}
	switch {
	case err != nil:
		d.say("schedules", Problem, "They cannot be read: %s", err)
	case late > 0:
		d.say("schedules", Warning, "%d should have started and have not. Start a worker, or see what the workers' log says.", late)
	case open > 0:
		d.say("schedules", Warning, "None is late, but %d alerts are open: see the page Alerts.", open)
	default:
		d.say("schedules", Fine, "None is late, and no alert is open.")
	}
}

func (d *examination) queue(ctx context.Context) {
	if d.Settings.Standalone {
		d.say("redis", Fine, "It is part of the program.")
		d.say("workers", Fine, "One is part of the program.")
		d.say("schedulers", Fine, "One is part of the program.")
		return
	}
	q, err := queue.Open(queue.Options{URL: d.Settings.RedisURL, Namespace: d.Settings.Namespace, TLSInsecure: d.Settings.RedisTLSInsecure})
	if err != nil {
		d.say("redis", Problem, "%s", err)
		return
	}
	defer q.Close()
	ctx, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	if err := q.Ping(ctx); err != nil {
		d.say("redis", Problem, "It cannot be reached at %s. Start it, or correct REDIS_URL: runs are accepted and kept meanwhile, and start when it is back. (%s)", q.Address(), err)
		return
	}
	d.say("redis", Fine, "It answers at %s.", q.Address())
	switch stats, err := board.ReadStats(ctx, q); {
	case err != nil:
		d.say("workers", Problem, "They cannot be counted: %s", err)
	case len(stats.Outdated) > 0:
		d.say("workers", Problem, "%s", queue.OutdatedSentence(stats.Outdated))
	case len(stats.Workers) == 0 && d.still.Holds():
		d.say("workers", Fine, "None takes anything: %s", d.still.Cause())
		return
	case len(stats.Workers) == 0:
		d.say("workers", Warning, "None is connected, so no run starts. Start one: foreman start, or go run ./worker")
	default:
		d.say("workers", Fine, "Connected: %d.", len(stats.Workers))
	}
	d.schedulers(ctx, q)
}

// schedulers tells whether anybody fires schedules, by what schedulers show of
// themselves in Redis, and whether their machines' clocks are right.
func (d *examination) schedulers(ctx context.Context, q *queue.Queue) {
	beats, err := schedule.Heartbeats(ctx, q)
	switch {
	case err != nil:
		d.say("schedulers", Problem, "They cannot be counted: %s", err)
		return
	case len(beats) == 0:
		d.say("schedulers", Warning, "None has shown itself in the last %s, so no schedule fires. Start a worker: foreman start, or go run ./worker. Where one runs, its log says what keeps it.", schedule.HeartbeatTTL)
		return
	}
	next := "Nothing is planned."
	for _, beat := range beats {
		if apart := (time.Duration(beat.ClockAheadMS) * time.Millisecond).Abs(); apart > 2*time.Second {
			d.say("schedulers", Warning, "The clock of %s and the database's are %s apart. Schedules go by the database's; let both follow a time server.", beat.Name, apart.Round(time.Second))
			return
		}
		if beat.Next != nil {
			next = "The next planned time is " + beat.Next.UTC().Format("2006-01-02 15:04:05 UTC.")
		}
	}
	d.say("schedulers", Fine, "At work: %d. %s", len(beats), next)
}

// standstill tells why nothing starts, where it does not.
func (d *examination) standstill(still models.Standstill) {
	d.still = still
	if still.Restored != nil {
		d.say("restored", Warning, "%s The page: %s%s", still.Restored.Sentence(), d.Settings.BaseURL, frame.RestoredURL)
	}
	if still.Maintenance != nil {
		d.say("maintenance", Warning, "%s The page: %s%s", still.Maintenance.Sentence(), d.Settings.BaseURL, frame.MaintenanceURL)
	}
}

func (d *examination) secretKey() {
	switch {
	case d.Settings.SecretKeys != "" && d.wrongKey != nil:
		d.say("secret key", Problem, "%s", d.wrongKey)
	case d.Settings.SecretKeys != "" && d.Settings.Standalone && d.DB != nil: // which a program has at hand, whether it is set or was made
		d.say("secret key", Fine, "It is the one that this database's secrets need. Where nobody has set it, it is kept in %s: keep a copy of that folder.", d.Settings.DataDir)
	case d.Settings.SecretKeys != "":
		d.say("secret key", Fine, "SECRET_KEYS is set, and it is the one that this database's secrets need.")
	case d.Settings.Standalone:
		d.say("secret key", Fine, "It is made at the first start and kept in %s: keep a copy of that folder.", d.Settings.DataDir)
	default:
		d.say("secret key", Problem, "SECRET_KEYS is not set, and nothing starts without it. Set it: .env.example says how.")
	}
}
