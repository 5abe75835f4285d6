package runs

import (
	"time"

	"github.com/jackc/pgx/v5"

	"workflows/models"
	"workflows/models/columns"
)

// advanceStatement writes the runs of a batch and their step results in one
// round trip. ord tells the entries apart: a run id may occur twice, once with
// the attempt that holds it and once with one that has lost it. Why an empty text is
// joined to status is said at claimStatement, and why ids come as texts.
const advanceStatement = `
WITH given AS (
	SELECT * FROM unnest($1::text[]::uuid[], $2::int[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::timestamptz[],
		$8::text[], $9::text[], $10::bool[]) WITH ORDINALITY
		AS g (id, attempt, status, waiting_for, due_at, deadline_at, finished_at, output, error, progress, ord)
), done AS (
	UPDATE runs r SET status = g.status, waiting_for = g.waiting_for, due_at = g.due_at, deadline_at = g.deadline_at,
		finished_at = g.finished_at, output = g.output::json, error = g.error::json,
		recoveries = CASE WHEN g.progress THEN 0 ELSE r.recoveries END,
		lease_until = CASE WHEN g.status = 'running' THEN r.lease_until END,
		lease_owner = CASE WHEN g.status = 'running' THEN r.lease_owner ELSE '' END
	FROM given g WHERE r.id = g.id AND r.attempt = g.attempt AND r.status || '' = 'running'
	RETURNING g.ord
), steps AS (
	INSERT INTO step_runs (run_id, id, step_id, name, type, iteration, attempt, status, branch, input, output, error, absent, child_id, wake_at, started_at, finished_at)
	SELECT s.run_id, s.id, s.step_id, s.name, s.type, s.iteration, s.attempt, s.status, s.branch, s.input::json, s.output::json, s.error::json, s.absent::json,
		s.child_id, s.wake_at, s.started_at, s.finished_at
	FROM unnest($11::bigint[], $12::text[]::uuid[], $13::text[]::uuid[], $14::text[], $15::text[], $16::text[], $17::text[], $18::int[], $19::text[], $20::text[],
		$21::text[], $22::text[], $23::text[], $24::text[], $25::text[]::uuid[], $26::timestamptz[], $27::timestamptz[], $28::timestamptz[])
		AS s (ord, run_id, id, step_id, name, type, iteration, attempt, status, branch, input, output, error, absent, child_id, wake_at, started_at, finished_at)
	WHERE s.ord = ANY (ARRAY(SELECT ord FROM done))
	ON CONFLICT (run_id, step_id, iteration, attempt) DO UPDATE SET status = excluded.status, branch = excluded.branch, output = excluded.output,
		error = excluded.error, child_id = excluded.child_id, wake_at = excluded.wake_at, finished_at = excluded.finished_at
)
SELECT ord FROM done`

// readDone reads what advanceStatement returns about n advances.
func readDone(rows pgx.Rows, n int) ([]bool, error) {
	defer rows.Close()
	done := make([]bool, n)
	for rows.Next() {
		var ord int
		if err := rows.Scan(&ord); err != nil {
			return nil, err
		}
		done[ord-1] = true
	}
	return done, rows.Err()
}

func runColumns(batch []Advance) []any {
	return []any{
		columns.Of(batch, func(a Advance) string { return a.RunID }),
		columns.Of(batch, func(a Advance) int { return a.Attempt }),
		columns.Of(batch, func(a Advance) string { return a.Status }),
		columns.Of(batch, func(a Advance) string { return a.WaitingFor }),
		columns.Of(batch, func(a Advance) *time.Time { return a.DueAt }),
		columns.Of(batch, func(a Advance) *time.Time { return a.DeadlineAt }),
		columns.Of(batch, func(a Advance) *time.Time { return a.FinishedAt }),
		columns.Of(batch, func(a Advance) *string { return a.Output.Text() }),
		columns.Of(batch, func(a Advance) *string { return a.Error.Text() }),
		columns.Of(batch, func(a Advance) bool { return a.Progress }),
	}
}

type orderedStep struct {
	*models.StepRun
	ord int64
}

func stepColumns(batch []Advance) []any {
	var steps []orderedStep
	for i := range batch {
		for j := range batch[i].Steps {
			steps = append(steps, orderedStep{&batch[i].Steps[j], int64(i + 1)})
		}
	}
	return []any{
		columns.Of(steps, func(s orderedStep) int64 { return s.ord }),
		columns.Of(steps, func(s orderedStep) string { return s.RunID }),
		columns.Of(steps, func(s orderedStep) string { return s.ID }),
		columns.Of(steps, func(s orderedStep) string { return s.StepID }),
		columns.Of(steps, func(s orderedStep) string { return s.Name }),
		columns.Of(steps, func(s orderedStep) string { return s.Type }),
		columns.Of(steps, func(s orderedStep) string { return s.Iteration }),
		columns.Of(steps, func(s orderedStep) int { return s.Attempt }),
		columns.Of(steps, func(s orderedStep) string { return s.Status }),
		columns.Of(steps, func(s orderedStep) string { return s.Branch }),
		columns.Of(steps, func(s orderedStep) *string { return s.Input.Text() }),
		columns.Of(steps, func(s orderedStep) *string { return s.Output.Text() }),
		columns.Of(steps, func(s orderedStep) *string { return s.Error.Text() }),
		columns.Of(steps, func(s orderedStep) *string { return s.Absent.Text() }),
		columns.Of(steps, func(s orderedStep) *string { return s.ChildID }),
		columns.Of(steps, func(s orderedStep) *time.Time { return s.WakeAt }),
		columns.Of(steps, func(s orderedStep) *time.Time { return s.StartedAt }),
		columns.Of(steps, func(s orderedStep) *time.Time { return s.FinishedAt }),
	}
}
