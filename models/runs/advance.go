package runs

import (
	"time"

	"gorm.io/gorm"

	"workflows/models"
)

// Advance is what an execution writes about its run at once: the state in which
// the run goes on or ends, and the step results that belong to it. It counts only
// while the run is running under Attempt: one that was cancelled, or that another
// attempt holds by now, keeps its state and gets no step results.
type Advance struct {
	RunID      string
	Attempt    int
	Status     string // running queued waiting succeeded failed
	WaitingFor string
	DueAt      *time.Time
	DeadlineAt *time.Time
	FinishedAt *time.Time
	Output     models.JSON
	Error      models.JSON
	// Progress says that a step was finished: earlier recoveries are forgotten.
	Progress bool
	Steps    []models.StepRun // inserted, or updated where the attempt exists
}

// advanceOne writes an advance in the caller's transaction, in the words of both
// databases, and reports whether it counted. From then on nobody else has the run
// until the transaction ends.
func advanceOne(tx *gorm.DB, a Advance) (bool, error) {
	written := tx.Exec(`UPDATE runs SET status = ?, waiting_for = ?, due_at = ?, deadline_at = ?, finished_at = ?,
		output = ?, error = ?, recoveries = CASE WHEN ? THEN 0 ELSE recoveries END,
		lease_until = CASE WHEN ? THEN lease_until END, lease_owner = CASE WHEN ? THEN lease_owner ELSE '' END
		WHERE id = ? AND attempt = ? AND status = 'running'`,
		a.Status, a.WaitingFor, a.DueAt, a.DeadlineAt, a.FinishedAt, a.Output, a.Error, a.Progress,
		a.Status == "running", a.Status == "running", a.RunID, a.Attempt)
	if written.Error != nil || written.RowsAffected == 0 {
		return false, written.Error
	}
	for _, s := range a.Steps {
		err := tx.Exec(upsertStep, s.ID, s.RunID, s.StepID, s.Name, s.Type, s.Iteration, s.Attempt, s.Status, s.Branch,
			s.Input, s.Output, s.Error, s.Absent, s.ChildID, s.WakeAt, s.StartedAt, s.FinishedAt).Error
		if err != nil {
			return false, err
		}
	}
	return true, nil
}

const upsertStep = `INSERT INTO step_runs (id, run_id, step_id, name, type, iteration, attempt, status, branch, input, output, error, absent, child_id, wake_at, started_at, finished_at)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
	ON CONFLICT (run_id, step_id, iteration, attempt) DO UPDATE SET status = excluded.status, branch = excluded.branch, output = excluded.output,
		error = excluded.error, child_id = excluded.child_id, wake_at = excluded.wake_at, finished_at = excluded.finished_at`
