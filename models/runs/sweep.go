package runs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"workflows/models"
)

// Rung is a run that wants a hint, the lane in which it goes, and whether the
// run has begun already.
type Rung struct {
	ID, Queue string
	Begun     bool
}

const rungColumns = `id, queue, started_at IS NOT NULL AS begun`

// started is the lane of a run that goes on: having been claimed once, it does not
// stand in the backlog any more.
const started = `CASE queue WHEN 'backlog' THEN 'default' ELSE queue END`

// Wake queues at most limit waiting runs whose time has come.
func Wake(ctx context.Context, db *gorm.DB, now time.Time, limit int) ([]Rung, error) {
	s := clockOf(db)
	return queryRung(ctx, db, "wake waiting runs",
		`UPDATE runs SET status = 'queued', waiting_for = '', queue = `+started+`, rung_at = `+s.now+` WHERE id IN (SELECT id FROM runs
			WHERE status = 'waiting' AND due_at <= `+s.now+` ORDER BY due_at LIMIT ? `+s.skip+`) RETURNING `+rungColumns,
		append(s.args(now, 0, 0), limit)...)
}

// Recover queues at most limit runs whose lease has run out: their worker is
// gone, or has been deaf for so long that it must not go on.
func Recover(ctx context.Context, db *gorm.DB, now time.Time, limit int) ([]Rung, error) {
	s := clockOf(db)
	return queryRung(ctx, db, "recover lost runs",
		`UPDATE runs SET status = 'queued', recoveries = recoveries + 1, recovered = recovered + 1, lease_owner = '', lease_until = NULL,
			queue = `+started+`, rung_at = `+s.now+`
			WHERE id IN (SELECT id FROM runs WHERE status = 'running' AND lease_until < `+s.now+`
			ORDER BY lease_until LIMIT ? `+s.skip+`) RETURNING `+rungColumns, append(s.args(now, 0, 0), limit)...)
}

// WakeStranded makes the runs due that wait for a worker that knows more.
func WakeStranded(ctx context.Context, db *gorm.DB, now time.Time) error {
	err := db.WithContext(ctx).Exec("UPDATE runs SET due_at = ? WHERE status = 'waiting' AND waiting_for = 'worker' AND due_at > ?", now, now).Error
	if err != nil {
		return fmt.Errorf("wake the runs that wait for a worker: %w", models.Kind(err))
	}
	return nil
}

// NextWake returns how long it is until the next waiting run is due; ok is false
// when none waits for a time.
func NextWake(ctx context.Context, db *gorm.DB, now time.Time) (wait time.Duration, ok bool, err error) {
	const next = ` FROM runs WHERE status = 'waiting' AND due_at IS NOT NULL ORDER BY due_at LIMIT 1`
	if models.IsPostgres(db) {
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
		return 0, false, fmt.Errorf("find the next waiting run: %w", models.Kind(err))
	}
	return wait, true, nil
}

// dialectClock writes times into statements: the server's own clock where there
// is a server, so that workers whose clocks differ agree; else bound parameters.
type dialectClock struct {
	now, skip string
	postgres  bool
}

func clockOf(db *gorm.DB) dialectClock {
	if models.IsPostgres(db) {
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

func queryRung(ctx context.Context, db *gorm.DB, doing, statement string, args ...any) ([]Rung, error) {
	var found []Rung
	if err := db.WithContext(ctx).Raw(statement, args...).Scan(&found).Error; err != nil {
		return nil, fmt.Errorf("%s: %w", doing, models.Kind(err))
	}
	return found, nil
}
