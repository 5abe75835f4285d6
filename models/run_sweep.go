package models

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
)

// RungRun is a run that wants a hint, and the lane in which it goes.
type RungRun struct{ ID, Queue string }

// A queued run whose hint nobody has followed is rung again after ringAgain, and
// an old one after ringOld: its hint is more likely waiting than lost.
const (
	ringAgain = 5 * time.Second
	ringOld   = 30 * time.Second
	oldAfter  = time.Minute
)

// RunsToRing returns at most limit queued runs that were not rung lately, the
// longest unheard first, and notes that they are rung now. Like all sweeps it
// passes over rows that somebody else is at.
func RunsToRing(ctx context.Context, db *gorm.DB, now time.Time, limit int) ([]RungRun, error) {
	s := clockOf(db, now)
	return sweep(ctx, db, "find runs to ring",
		`UPDATE runs SET rung_at = `+s.now+` WHERE id IN (SELECT id FROM runs WHERE status = 'queued' AND rung_at < `+s.before(ringAgain)+`
			AND (rung_at < `+s.before(ringOld)+` OR queued_at > `+s.before(oldAfter)+`)
			ORDER BY rung_at LIMIT ? `+s.skip+`) RETURNING id, queue`, append(s.args(now, 0, -ringAgain, -ringOld, -oldAfter), limit)...)
}

// WakeRuns queues at most limit waiting runs whose time has come.
func WakeRuns(ctx context.Context, db *gorm.DB, now time.Time, limit int) ([]RungRun, error) {
	s := clockOf(db, now)
	return sweep(ctx, db, "wake waiting runs",
		`UPDATE runs SET status = 'queued', waiting_for = '', rung_at = `+s.now+` WHERE id IN (SELECT id FROM runs
			WHERE status = 'waiting' AND due_at <= `+s.now+` ORDER BY due_at LIMIT ? `+s.skip+`) RETURNING id, queue`,
		append(s.args(now, 0, 0), limit)...)
}

// RecoverRuns queues at most limit runs whose lease has run out: their worker is
// gone, or has been deaf for so long that it must not go on.
func RecoverRuns(ctx context.Context, db *gorm.DB, now time.Time, limit int) ([]RungRun, error) {
	s := clockOf(db, now)
	return sweep(ctx, db, "recover lost runs",
		`UPDATE runs SET status = 'queued', recoveries = recoveries + 1, recovered = recovered + 1, lease_owner = '', lease_until = NULL, rung_at = `+s.now+`
			WHERE id IN (SELECT id FROM runs WHERE status = 'running' AND lease_until < `+s.now+`
			ORDER BY lease_until LIMIT ? `+s.skip+`) RETURNING id, queue`, append(s.args(now, 0, 0), limit)...)
}

// NextWake returns how long it is until the next waiting run is due; ok is false
// when none waits for a time.
func NextWake(ctx context.Context, db *gorm.DB, now time.Time) (wait time.Duration, ok bool, err error) {
	const next = ` FROM runs WHERE status = 'waiting' AND due_at IS NOT NULL ORDER BY due_at LIMIT 1`
	if IsPostgres(db) {
		var micros int64
		err = db.Statement.ConnPool.QueryRowContext(ctx, `SELECT (EXTRACT(EPOCH FROM due_at - now()) * 1000000)::bigint`+next).Scan(&micros)
		wait = time.Duration(micros) * time.Microsecond
	} else {
		var due time.Time
		err = db.Statement.ConnPool.QueryRowContext(ctx, `SELECT due_at`+next).Scan(&due)
		wait = due.Sub(now)
	}
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("find the next waiting run: %w", kind(err))
	}
	return wait, true, nil
}

// dialectClock writes times into statements: the server's own clock where there
// is a server, so that workers whose clocks differ agree; else bound parameters.
type dialectClock struct {
	now, skip string
	postgres  bool
}

func clockOf(db *gorm.DB, _ time.Time) dialectClock {
	if IsPostgres(db) {
		return dialectClock{now: "now()", skip: "FOR UPDATE SKIP LOCKED", postgres: true}
	}
	return dialectClock{now: "?"}
}

func (c dialectClock) before(d time.Duration) string {
	if c.postgres {
		return fmt.Sprintf("now() - interval '%d seconds'", int(d.Seconds()))
	}
	return "?"
}

// args are the parameters of a statement's times in their order: none for a
// server, else now moved by each offset.
func (c dialectClock) args(now time.Time, offsets ...time.Duration) []any {
	if c.postgres {
		return nil
	}
	args := make([]any, len(offsets))
	for i, offset := range offsets {
		args[i] = now.Add(offset)
	}
	return args
}

func sweep(ctx context.Context, db *gorm.DB, doing, statement string, args ...any) ([]RungRun, error) {
	var found []RungRun
	if err := db.WithContext(ctx).Raw(statement, args...).Scan(&found).Error; err != nil {
		return nil, fmt.Errorf("%s: %w", doing, kind(err))
	}
	return found, nil
}

// AnyToRing reports whether RunsToRing would find a run, without noting anything.
func AnyToRing(ctx context.Context, db *gorm.DB, now time.Time) (bool, error) {
	s := clockOf(db, now)
	var found bool
	err := db.WithContext(ctx).Raw(`SELECT EXISTS (SELECT 1 FROM runs WHERE status = 'queued' AND rung_at < `+s.before(ringAgain)+`)`,
		s.args(now, -ringAgain)...).Scan(&found).Error
	if err != nil {
		return false, fmt.Errorf("look for runs to ring: %w", kind(err))
	}
	return found, nil
}
