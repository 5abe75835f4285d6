package runs

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/columns"
)

// Hold names a run and the attempt under which a worker holds it.
type Hold struct {
	RunID   string
	Attempt int
}

// KeepLeases prolongs the leases and returns the holds whose lease was prolonged, and
// those that are lost: the run was cancelled, ended, or is another attempt's by now.
// One whose row is being written is neither: its lease ends when it was to end.
func KeepLeases(ctx context.Context, db *gorm.DB, holds []Hold, now time.Time, lease time.Duration) (kept, lost []Hold, err error) {
	if len(holds) == 0 {
		return nil, nil, nil
	}
	keep := keepSQLite
	if models.IsPostgres(db) {
		keep = keepPostgres
	}
	held, err := keep(ctx, db, holds, now, lease)
	if err != nil {
		return nil, nil, fmt.Errorf("prolong the leases: %w", models.Kind(err))
	}
	for _, hold := range holds {
		prolonged, ours := held[hold]
		switch {
		case !ours:
			lost = append(lost, hold)
		case prolonged:
			kept = append(kept, hold)
		}
	}
	return kept, lost, nil
}

// keepPostgres returns the holds that are still ours, and of each whether its lease was
// prolonged. It never waits for a row that is being written: the next round prolongs
// that lease, or its worker lets go of the run in time.
func keepPostgres(ctx context.Context, db *gorm.DB, holds []Hold, _ time.Time, lease time.Duration) (map[Hold]bool, error) {
	rows, err := db.Statement.ConnPool.QueryContext(ctx, `
		WITH held AS (
			SELECT r.id, r.attempt FROM runs r JOIN unnest($1::uuid[], $2::int[]) AS h (id, attempt) ON r.id = h.id AND r.attempt = h.attempt
			WHERE r.status || '' = 'running'
		), free AS (
			SELECT r.id FROM runs r JOIN held USING (id) FOR UPDATE OF r SKIP LOCKED
		), kept AS (
			UPDATE runs r SET lease_until = now() + $3 * interval '1 microsecond' FROM free WHERE r.id = free.id RETURNING r.id
		)
		SELECT held.id, held.attempt, kept.id IS NOT NULL FROM held LEFT JOIN kept USING (id)`,
		columns.Of(holds, func(h Hold) string { return h.RunID }), columns.Of(holds, func(h Hold) int { return h.Attempt }), lease.Microseconds())
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	held := map[Hold]bool{}
	for rows.Next() {
		var hold Hold
		var prolonged bool
		if err := rows.Scan(&hold.RunID, &hold.Attempt, &prolonged); err != nil {
			return nil, err
		}
		held[hold] = prolonged
	}
	return held, rows.Err()
}

func keepSQLite(ctx context.Context, db *gorm.DB, holds []Hold, now time.Time, lease time.Duration) (map[Hold]bool, error) {
	held := map[Hold]bool{}
	err := db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		for _, hold := range holds {
			kept := tx.Exec(`UPDATE runs SET lease_until = ? WHERE id = ? AND attempt = ? AND status = 'running'`, now.Add(lease), hold.RunID, hold.Attempt)
			if kept.Error != nil {
				return kept.Error
			}
			if kept.RowsAffected == 1 {
				held[hold] = true
			}
		}
		return nil
	})
	return held, err
}
