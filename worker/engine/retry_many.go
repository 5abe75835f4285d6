package engine

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/runs"
)

// RetryMany makes new runs of such as the transaction has seized, as Retry does of one, and
// stores those that can be made; their lines in the audit log are the caller's. One that has
// been run again is refused, since its newest retry stands for it. Announce the runs, which
// come without what they were started with, after the commit.
func (e *Engine) RetryMany(ctx context.Context, tx *gorm.DB, seized []runs.Seized, r RetryRequest) ([]Prepared, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	ids, workflows, order := make([]string, len(seized)), make([]string, len(seized)), make([]int, len(seized))
	for i, run := range seized {
		ids[i], workflows[i], order[i] = run.ID, run.WorkflowID, i
	}
	again, err := runs.RunAgain(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(workflows[i], workflows[j]) }) // as in Runs
	slices.Sort(workflows)
	starting, err := e.Starting(ctx, tx, slices.Compact(workflows))
	if err != nil {
		return nil, err
	}
	many := &retries{Starting: starting, request: r, again: again}
	prepared := make([]Prepared, len(seized))
	for len(order) > 0 {
		n, size := 0, 0
		for n < len(order) && (n == 0 || size+seized[order[n]].Size <= retriedAtOnce) {
			size += seized[order[n]].Size
			n++
		}
		if err := many.make(ctx, seized, order[:n], prepared); err != nil {
			return nil, err
		}
		order = order[n:]
	}
	return prepared, nil
}

// retriedAtOnce bounds in bytes what many runs are run again with that is held at a time.
const retriedAtOnce = 2 << 20

// retries makes many runs again in one transaction.
type retries struct {
	*Starting
	request RetryRequest
	again   map[string]bool // of which runs that has been done before

	// What is to be stored, and how large that is.
	fresh      []models.Run
	rows       []models.StepRun
	payloadsOf map[string]string
	size       int
}

// make makes those of the seized runs again that stand at these places.
func (b *retries) make(ctx context.Context, seized []runs.Seized, places []int, prepared []Prepared) error {
	ids := make([]string, len(places))
	for i, place := range places {
		ids[i] = seized[place].ID
	}
	whole, err := runs.Entire(ctx, b.tx, ids)
	if err != nil {
		return err
	}
	for _, place := range places {
		run, err := b.makeOne(ctx, whole[seized[place].ID])
		if err != nil && !ofRequest(err) {
			return err
		}
		run.Trigger, run.Input = nil, nil // so that not all of them are held
		prepared[place] = Prepared{Run: run, Err: b.e.refuseBeyond(seized[place].WorkflowID, err)}
		if b.size > retriedAtOnce {
			if err := b.store(ctx); err != nil {
				return err
			}
		}
	}
	return b.store(ctx)
}

func (b *retries) makeOne(ctx context.Context, earlier models.Run) (models.Run, error) {
	if b.again[earlier.ID] {
		return models.Run{}, &models.ConflictError{Code: "run_again", Message: "This run has been run again already. Look at its newest retry."}
	}
	if err := canRepeat(earlier); err != nil {
		return models.Run{}, err
	}
	target := b.targets[earlier.WorkflowID]
	if target == nil {
		return models.Run{}, fmt.Errorf("find the workflow: %w", models.ErrNotFound)
	}
	req, results, err := b.e.repeat(ctx, b.tx, target.Workflow, earlier, b.request)
	if err != nil {
		return models.Run{}, err
	}
	run, err := b.prepare(ctx, req)
	if err != nil {
		return models.Run{}, err
	}
	rows, payloadsOf := takenOver(run.ID, results)
	b.fresh, b.rows = append(b.fresh, run), append(b.rows, rows...)
	for _, row := range rows {
		b.size += len(row.Input) + len(row.Output)
	}
	if b.payloadsOf == nil {
		b.payloadsOf = map[string]string{}
	}
	maps.Copy(b.payloadsOf, payloadsOf)
	b.size += len(run.Trigger) + len(run.Input)
	return run, nil
}

// store stores what has been made.
func (b *retries) store(ctx context.Context) error {
	if err := runs.InsertMany(ctx, b.tx, b.fresh); err != nil {
		return err
	}
	err := runs.InsertSteps(ctx, b.tx, b.rows, b.payloadsOf)
	b.fresh, b.rows, b.payloadsOf, b.size = nil, nil, nil, 0
	return err
}
