package runs

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"workflows/models"
)

// UnheardLane says that queued runs of a lane may want a hint.
type UnheardLane struct {
	Queue string
	// Unrung: some were never rung, because the lane was full.
	Unrung bool
	// Silent: some were rung a while ago and not claimed since.
	Silent bool
}

// ringAgain is how long after its hint a run that nobody has claimed is looked
// at. Hints are pushed right after the commit, and followed within milliseconds
// once they are fetched.
const ringAgain = 2 * time.Second

// ready is the part of every condition on runs that wait for nothing but a
// worker; the partial indexes carry the same words.
const ready = `status = 'queued' AND NOT held_back`

// readyOf is the same where it is asked of one workflow, in the words of the one index
// that serves that: by the usual words the planner takes another while few runs are
// queued, and reads all that are, for each workflow.
const readyOf = `status || '' = 'queued' AND NOT held_back`

// UnheardLanes looks in one statement which of the lanes have runs that may want
// a hint. It asks for the first in an order, here as wherever few rows are wanted
// of what may be many, and in one that only the index for it has: else the planner,
// when it thinks that there are many, reads the whole table to find that there are none.
func UnheardLanes(ctx context.Context, db *gorm.DB, lanes []string, now time.Time) ([]UnheardLane, error) {
	s := clockOf(db)
	var parts []string
	var args []any
	for _, lane := range lanes {
		parts = append(parts, `SELECT CAST(? AS text) AS queue,
			(SELECT id FROM runs WHERE `+ready+` AND queue = ? AND rung_at IS NULL ORDER BY workflow_id, queued_at LIMIT 1) IS NOT NULL AS unrung,
			(SELECT id FROM runs WHERE `+ready+` AND queue = ? AND rung_at < `+s.before(ringAgain)+` ORDER BY rung_at LIMIT 1) IS NOT NULL AS silent`)
		args = append(append(args, lane, lane, lane), s.args(now, -ringAgain)...)
	}
	var found []UnheardLane
	if err := db.WithContext(ctx).Raw(strings.Join(parts, " UNION ALL "), args...).Scan(&found).Error; err != nil {
		return nil, fmt.Errorf("look for runs that want a hint: %w", models.Kind(err))
	}
	return slices.DeleteFunc(found, func(lane UnheardLane) bool { return !lane.Unrung && !lane.Silent }), nil
}

// ToRing returns at most limit queued runs of the lane that were rung longer
// ago than silent (at least two seconds) and before the given time, the longest
// unheard first, and notes that they are rung now. Like all sweeps it passes over
// rows that somebody else is at.
func ToRing(ctx context.Context, db *gorm.DB, now time.Time, lane string, silent time.Duration, before time.Time, limit int) ([]Rung, error) {
	s := clockOf(db)
	silent = max(silent, ringAgain)
	args := append(s.args(now, 0), lane)
	args = append(append(args, s.args(now, -silent)...), before, limit)
	return queryRung(ctx, db, "find runs to ring",
		`UPDATE runs SET rung_at = `+s.now+` WHERE id IN (SELECT id FROM runs WHERE `+ready+` AND queue = ?
			AND rung_at < `+s.before(silent)+` AND rung_at < ? ORDER BY rung_at LIMIT ? `+s.skip+`) RETURNING `+rungColumns, args...)
}

// Unring notes that no hint was pushed for these runs: the sweeper does it when
// their lane has room.
func Unring(ctx context.Context, db *gorm.DB, ids []string) error {
	for part := range slices.Chunk(ids, 500) {
		if err := db.WithContext(ctx).Exec(`UPDATE runs SET rung_at = NULL WHERE id IN ? AND status = 'queued'`, part).Error; err != nil {
			return fmt.Errorf("note that runs were not rung: %w", models.Kind(err))
		}
	}
	return nil
}

// UnrungWorkflows lists workflows that have runs in the lane which were never
// rung, at most limit, in the order of their ids, from after the given id on. It
// steps from one workflow to the next in the index, however many runs each has.
func UnrungWorkflows(ctx context.Context, db *gorm.DB, lane, after string, limit int) ([]string, error) {
	if after == "" {
		after = models.BeforeAllIDs
	}
	var ids []string
	err := db.WithContext(ctx).Raw(`WITH RECURSIVE w (id) AS (
			SELECT * FROM (SELECT workflow_id FROM runs WHERE `+ready+` AND rung_at IS NULL AND queue = ? AND workflow_id > ?
				ORDER BY workflow_id, queued_at LIMIT 1) AS f
			UNION ALL
			SELECT (SELECT r.workflow_id FROM runs r WHERE `+ready+` AND rung_at IS NULL AND queue = ? AND r.workflow_id > w.id
				ORDER BY r.workflow_id, r.queued_at LIMIT 1) FROM w WHERE w.id IS NOT NULL
		) SELECT id FROM w WHERE id IS NOT NULL LIMIT ?`, lane, after, lane, limit).Scan(&ids).Error
	if err != nil {
		return nil, fmt.Errorf("find workflows with runs to ring: %w", models.Kind(err))
	}
	return ids, nil
}

// RingUnrung returns runs of the workflows that were never rung, of each the oldest
// and at most limit, and notes that they are rung now.
func RingUnrung(ctx context.Context, db *gorm.DB, now time.Time, lane string, workflows []string, limit int) ([]Rung, error) {
	const oldest = `SELECT id FROM runs WHERE ` + ready + ` AND rung_at IS NULL AND queue = ? AND workflow_id = `
	const doing = "find runs to ring"
	if models.IsPostgres(db) {
		return queryRung(ctx, db, doing, `UPDATE runs SET rung_at = now() WHERE id IN (SELECT r.id FROM unnest(?::uuid[]) AS w (workflow),
				LATERAL (`+oldest+`w.workflow ORDER BY queued_at LIMIT ? FOR UPDATE SKIP LOCKED) AS r) RETURNING `+rungColumns,
			&workflows, lane, limit)
	}
	var found []Rung
	for _, id := range workflows {
		some, err := queryRung(ctx, db, doing, `UPDATE runs SET rung_at = ? WHERE id IN (`+oldest+`? ORDER BY queued_at LIMIT ?) RETURNING `+rungColumns, now, lane, id, limit)
		if err != nil {
			return nil, err
		}
		found = append(found, some...)
	}
	return found, nil
}
