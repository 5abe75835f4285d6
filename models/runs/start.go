package runs

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/plain"
)

// Insert stores a new run. In a transaction it exists once that commits.
func Insert(ctx context.Context, tx *gorm.DB, run *models.Run) error {
	if err := tx.WithContext(ctx).Create(run).Error; err != nil {
		return fmt.Errorf("store the run: %w", models.Kind(err))
	}
	return nil
}

// InsertSteps stores results that a retry takes over from an earlier run, as steps of
// the new one. payloadsOf says of their ids which attempts' payloads they take over;
// those are copied where they are, since they may be large.
func InsertSteps(ctx context.Context, tx *gorm.DB, rows []models.StepRun, payloadsOf map[string]string) error {
	if len(rows) > 0 {
		if err := tx.WithContext(ctx).CreateInBatches(rows, 100).Error; err != nil {
			return fmt.Errorf("store the results that were taken over: %w", models.Kind(err))
		}
	}
	for _, row := range rows {
		earlier, large := payloadsOf[row.ID]
		if !large {
			continue
		}
		err := tx.WithContext(ctx).Exec("INSERT INTO payloads (step_run_id, run_id, data) SELECT ?, ?, data FROM payloads WHERE step_run_id = ?", row.ID, row.RunID, earlier).Error
		if err != nil {
			return fmt.Errorf("store the payloads that were taken over: %w", models.Kind(err))
		}
	}
	return nil
}

// InsertMany stores new runs.
func InsertMany(ctx context.Context, tx *gorm.DB, runs []models.Run) error {
	if len(runs) == 0 {
		return nil
	}
	if models.IsPostgres(tx) {
		for len(runs) > 0 {
			n := fitting(runs)
			if err := insertArrays(ctx, tx, runs[:n]); err != nil {
				return err
			}
			runs = runs[n:]
		}
		return nil
	}
	if err := tx.WithContext(ctx).CreateInBatches(runs, runsAtOnce).Error; err != nil {
		return fmt.Errorf("store the runs: %w", models.Kind(err))
	}
	return nil
}

// bytesAtOnce bounds what runs are started with in one statement, which is several times in
// memory as it is sent.
const bytesAtOnce = 4 << 20

// fitting is how many runs go into the next statement, at least one.
func fitting(runs []models.Run) int {
	size := 0
	for i, run := range runs {
		if size += len(run.Trigger) + len(run.Input); size > bytesAtOnce && i > 0 {
			return i
		}
	}
	return len(runs)
}

// runsAtOnce keeps a statement within the number of parameters that both
// databases take.
const runsAtOnce = 200

// Key is an idempotency key with the workflow whose it is.
type Key struct{ WorkflowID, Key string }

// ByKeys returns the runs that were started with these idempotency keys.
func ByKeys(ctx context.Context, db *gorm.DB, keys ...Key) (map[Key]models.Run, error) {
	found := map[Key]models.Run{}
	workflows, words := make([]string, 0, len(keys)), make([]string, 0, len(keys))
	for _, k := range keys {
		if models.ValidID(k.WorkflowID) && k.Key != "" {
			workflows, words = append(workflows, k.WorkflowID), append(words, k.Key)
		}
	}
	if len(words) == 0 {
		return found, nil
	}
	rows, err := plain.Find[models.Run](ctx, db.Where("workflow_id IN ? AND idempotency_key IN ?", workflows, words))
	if err != nil {
		return nil, fmt.Errorf("find runs by their keys: %w", models.Kind(err))
	}
	for _, run := range rows {
		found[Key{run.WorkflowID, *run.IdempotencyKey}] = run
	}
	return found, nil
}

// WorkflowToStart is a workflow as models.WorkflowToRun returns it, with how many of its
// runs wait for a worker, counted up to the limit.
type WorkflowToStart struct {
	models.Workflow
	Ready int
}

// WorkflowsToStart reads workflows by id, those that do not exist left out. In a transaction
// on PostgreSQL whoever wants to delete one waits until it ends: no run is stored without its
// workflow.
func WorkflowsToStart(ctx context.Context, tx *gorm.DB, ids []string, limit int) (map[string]*WorkflowToStart, error) {
	valid := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !models.ValidID(id) })
	byID := make(map[string]*WorkflowToStart, len(valid))
	if len(valid) == 0 {
		return byID, nil
	}
	statement := `SELECT id, name, status, version_id, version, (SELECT count(*) FROM
			(SELECT 1 FROM runs WHERE workflow_id = workflows.id AND ` + readyOf + ` ORDER BY queued_at LIMIT ?) AS r) AS ready
		FROM workflows WHERE id IN ?`
	if _, inTransaction := tx.Statement.ConnPool.(gorm.TxCommitter); inTransaction && models.IsPostgres(tx) {
		statement += " ORDER BY id FOR KEY SHARE"
	}
	var found []*WorkflowToStart
	if err := tx.WithContext(ctx).Raw(statement, limit, valid).Scan(&found).Error; err != nil {
		return nil, fmt.Errorf("find the workflows: %w", models.Kind(err))
	}
	for _, w := range found {
		byID[w.ID] = w
	}
	return byID, nil
}
