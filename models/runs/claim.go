package runs

import (
	"time"

	"github.com/jackc/pgx/v5"
	"gorm.io/gorm"

	"workflows/models"
)

// Claimed is a run that the caller now holds, and the database's clock at
// that moment. DueAt still says what it had waited for.
type Claimed struct {
	models.Run
	At time.Time
}

const claimedColumns = `id, workflow_id, version_id, version, workflow_name, trigger_type, "trigger", input, queue,
	attempt, due_at, deadline_at, recoveries, retry_from, parent_id, depth, limited, queued_at, started_at`

// claimStatement joins an empty text to status so that the planner goes by the primary key:
// the partial indexes look small to it and are full of dead entries under load,
// which costs three quarters of the speed. Ids come as texts: pgx writes no text as a
// uuid, and would find that out for each array anew.
const claimStatement = `
	WITH free AS MATERIALIZED (
		SELECT r.id FROM unnest($1::text[]::uuid[]) AS g (id) JOIN runs r ON r.id = g.id
		WHERE (r.status || '' = 'queued' AND NOT r.held_back) OR (r.status || '' = 'waiting' AND r.due_at <= now()) FOR UPDATE OF r SKIP LOCKED
	)
	UPDATE runs r SET status = 'running', waiting_for = '', attempt = r.attempt + 1, lease_owner = $2,
		lease_until = now() + $3 * interval '1 microsecond', started_at = COALESCE(r.started_at, now())
	FROM free WHERE r.id = free.id RETURNING r.` + claimedColumns + `, now()`

func (c Batch) claimArguments() []any { return []any{c.Claims, c.Owner, c.Lease.Microseconds()} }

// readClaimed reads what claimStatement returns.
func readClaimed(rows pgx.Rows, owner string) ([]Claimed, error) {
	defer rows.Close()
	var claimed []Claimed
	for rows.Next() {
		c := Claimed{Run: models.Run{Status: "running", LeaseOwner: owner}}
		if err := rows.Scan(&c.ID, &c.WorkflowID, &c.VersionID, &c.Version, &c.WorkflowName, &c.TriggerType, &c.Trigger, &c.Input, &c.Queue,
			&c.Attempt, &c.DueAt, &c.DeadlineAt, &c.Recoveries, &c.RetryFrom, &c.ParentID, &c.Depth, &c.Limited, &c.QueuedAt, &c.StartedAt, &c.At); err != nil {
			return nil, err
		}
		c.At = c.At.UTC()
		claimed = append(claimed, c)
	}
	return claimed, rows.Err()
}

// claimSQLite needs a transaction, which keeps other writers out.
func claimSQLite(tx *gorm.DB, c Batch) ([]Claimed, error) {
	var runs []models.Run
	err := tx.Select(claimedColumns).Where("id IN ? AND ((status = 'queued' AND NOT held_back) OR (status = 'waiting' AND due_at <= ?))", c.Claims, c.Now).Find(&runs).Error
	if err != nil || len(runs) == 0 {
		return nil, err
	}
	claimed := make([]Claimed, len(runs))
	held := make([]string, len(runs))
	for i, run := range runs {
		run.Status, run.LeaseOwner, run.Attempt = "running", c.Owner, run.Attempt+1
		if run.StartedAt == nil {
			run.StartedAt = &c.Now
		}
		held[i], claimed[i] = run.ID, Claimed{Run: run, At: c.Now}
	}
	return claimed, tx.Exec(`UPDATE runs SET status = 'running', waiting_for = '', attempt = attempt + 1, lease_owner = ?,
		lease_until = ?, started_at = COALESCE(started_at, ?) WHERE id IN ?`, c.Owner, c.Now.Add(c.Lease), c.Now, held).Error
}
