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

// KeepLeases prolongs the leases and returns the holds that are lost: the run
// was cancelled, ended, or is another attempt's by now.
func KeepLeases(ctx context.Context, db *gorm.DB, holds []Hold, now time.Time, lease time.Duration) ([]Hold, error) {
	if len(holds) == 0 {
		return nil, nil
	}
	keep := keepSQLite
	if models.IsPostgres(db) {
		keep = keepPostgres
	}
	held, err := keep(ctx, db, holds, now, lease)
	if err != nil {
		return nil, fmt.Errorf("prolong the leases: %w", models.Kind(err))
	}
	var lost []Hold
	for _, hold := range holds {
		if !held[hold] {
			lost = append(lost, hold)
		}
	}
	return lost, nil
}

// keepPostgres never waits for a row that is being written: whoever writes it is
// alive, and the lease is prolonged in the next round.
func keepPostgres(ctx context.Context, db *gorm.DB, holds []Hold, _ time.Time, lease time.Duration) (map[Hold]bool, error) {
	rows, err := db.Statement.ConnPool.QueryContext(ctx, `
		WITH held AS (
			SELECT r.id, r.attempt FROM runs r JOIN unnest($1::uuid[], $2::int[]) AS h (id, attempt) ON r.id = h.id AND r.attempt = h.attempt
			WHERE r.status || '' = 'running'
		), free AS (
			SELECT r.id FROM runs r JOIN held USING (id) FOR UPDATE OF r SKIP LOCKED
		), kept AS (
			UPDATE runs r SET lease_until = now() + $3 * interval '1 microsecond' FROM free WHERE r.id = free.id
		)
		SELECT id, attempt FROM held`,
		columns.Of(holds, func(h Hold) string { return h.RunID }), columns.Of(holds, func(h Hold) int { return h.Attempt }), lease.Microseconds())
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	held := map[Hold]bool{}
	for rows.Next() {
		var hold Hold
		if err := rows.Scan(&hold.RunID, &hold.Attempt); err != nil {
			return nil, err
		}
		held[hold] = true
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
			held[hold] = kept.RowsAffected == 1
		}
		return nil
	})
	return held, err
}
