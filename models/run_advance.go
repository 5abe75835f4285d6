package models

import (
	"context"
	"time"

	"gorm.io/gorm"
)

// Advance is what an execution writes about its run at once: the state in which
// the run goes on or ends, and the step results that belong to it. It counts only
// while the run is running under Attempt.
type Advance struct {
	RunID      string
	Attempt    int
	Status     string // running queued waiting succeeded failed
	WaitingFor string
	DueAt      *time.Time
	DeadlineAt *time.Time
	FinishedAt *time.Time
	Output     JSON
	Error      JSON
	// Progress says that a step was finished: earlier recoveries are forgotten.
	Progress bool
	Steps    []StepRun // inserted, or updated where the attempt exists
	Payloads []Payload
}

// AdvanceRuns writes a batch of advances in one transaction and reports for each
// whether it counted. A run that was cancelled, or that another attempt holds by
// now, keeps its state and gets no step results.
func AdvanceRuns(ctx context.Context, db *gorm.DB, batch []Advance) ([]bool, error) {
	_, done, err := CommitRuns(ctx, db, Commit{Advances: batch})
	return done, err
}

// advanceSQLite needs a transaction.
func advanceSQLite(tx *gorm.DB, batch []Advance) ([]bool, error) {
	done := make([]bool, len(batch))
	for i, a := range batch {
		written := tx.Exec(`UPDATE runs SET status = ?, waiting_for = ?, due_at = ?, deadline_at = ?, finished_at = ?,
			output = ?, error = ?, recoveries = CASE WHEN ? THEN 0 ELSE recoveries END,
			lease_until = CASE WHEN ? THEN lease_until END, lease_owner = CASE WHEN ? THEN lease_owner ELSE '' END
			WHERE id = ? AND attempt = ? AND status = 'running'`,
			a.Status, a.WaitingFor, a.DueAt, a.DeadlineAt, a.FinishedAt, a.Output, a.Error, a.Progress,
			a.Status == "running", a.Status == "running", a.RunID, a.Attempt)
		if written.Error != nil {
			return nil, written.Error
		}
		if done[i] = written.RowsAffected == 1; !done[i] {
			continue
		}
		if err := upsertSteps(tx, a.Steps); err != nil {
			return nil, err
		}
		if err := insertPayloads(tx, a.Payloads); err != nil {
			return nil, err
		}
	}
	return done, nil
}

const upsertStep = `INSERT INTO step_runs (id, run_id, step_id, name, type, iteration, attempt, status, branch, input, output, error, wake_at, started_at, finished_at)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
	ON CONFLICT (run_id, step_id, iteration, attempt) DO UPDATE SET status = excluded.status, branch = excluded.branch, output = excluded.output,
		error = excluded.error, wake_at = excluded.wake_at, finished_at = excluded.finished_at`

func upsertSteps(tx *gorm.DB, steps []StepRun) error {
	for _, s := range steps {
		err := tx.Exec(upsertStep, s.ID, s.RunID, s.StepID, s.Name, s.Type, s.Iteration, s.Attempt, s.Status, s.Branch,
			s.Input, s.Output, s.Error, s.WakeAt, s.StartedAt, s.FinishedAt).Error
		if err != nil {
			return err
		}
	}
	return nil
}

func insertPayloads(tx *gorm.DB, payloads []Payload) error {
	for _, p := range payloads {
		err := tx.Exec(`INSERT INTO payloads (step_run_id, run_id, data) VALUES (?, ?, ?) ON CONFLICT (step_run_id) DO UPDATE SET data = excluded.data`, p.StepRunID, p.RunID, p.Data).Error
		if err != nil {
			return err
		}
	}
	return nil
}
