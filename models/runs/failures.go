package runs

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"workflows/models"
)

// isOpen is what an open failure is: a failed run that nobody has acknowledged and whose
// place no later run has taken, be it by succeeding or by failing itself. Tries count nowhere. Settled ones
// are marked, and then in no index that is read; the rest of the condition is for a run
// whose worker was lost before it could mark them. Written out: partial indexes serve no
// parameter.
const isOpen = `runs.status = 'failed' AND runs.settled_at IS NULL AND runs.trigger_type <> 'try'
	AND NOT EXISTS (SELECT 1 FROM runs again WHERE again.retry_of = runs.id AND again.status IN ('succeeded', 'failed'))`

const (
	// failuresCounted is how many open failures of a workflow are counted.
	failuresCounted = 500
	// failuresLooked is of how many workflows the newest open failure is looked up.
	failuresLooked = 200
	// settledAtOnce is how many runs one transaction settles, and settledPieces how many
	// transactions there are at most.
	settledAtOnce, settledPieces = 5000, 40
	// snoozedLooked is how many causes that are snoozed are left out.
	snoozedLooked = 500
)

// OpenFailures are a workflow's failed runs that nobody has repaired or acknowledged.
type OpenFailures struct {
	WorkflowID, WorkflowName string
	// Number is 500 where there are More than that.
	Number      int
	More        bool
	First, Last time.Time // when they failed; First of those that were counted
	LastID      string
	Causes      []FailureCause // what happens most first
}

// FailureCause is one error code among them, with the newest run that has it.
type FailureCause struct {
	Code, LastID string
	Number       int
}

// ListOpenFailures returns the open failures of those limit workflows that failed last,
// and of how many more workflows there are such; that stops counting at 200.
// Those whose cause is snoozed are left out.
func ListOpenFailures(ctx context.Context, db *gorm.DB, now time.Time, limit int) (found []OpenFailures, others int, err error) {
	awake, err := notSnoozed(ctx, db, now)
	if err != nil {
		return nil, 0, err
	}
	var newest []struct{ WorkflowID, ID string }
	// From one workflow to the next, each by one look into the index.
	err = db.WithContext(ctx).Raw(`WITH RECURSIVE failing (workflow_id) AS (
			SELECT * FROM (SELECT workflow_id FROM runs WHERE status = 'failed' AND settled_at IS NULL AND trigger_type <> 'try' ORDER BY workflow_id LIMIT 1) AS lowest
			UNION ALL
			SELECT (SELECT r.workflow_id FROM runs r WHERE r.status = 'failed' AND r.settled_at IS NULL AND r.trigger_type <> 'try' AND r.workflow_id > f.workflow_id ORDER BY r.workflow_id LIMIT 1)
			FROM failing f WHERE f.workflow_id IS NOT NULL
		), newest AS (
			SELECT workflow_id, (SELECT runs.id FROM runs WHERE `+isOpen+` AND ? AND runs.workflow_id = failing.workflow_id ORDER BY runs.id DESC LIMIT 1) AS id
			FROM failing WHERE workflow_id IS NOT NULL
		)
		SELECT workflow_id, id FROM newest WHERE id IS NOT NULL LIMIT ?`, awake, failuresLooked).Scan(&newest).Error
	if err != nil {
		return nil, 0, fmt.Errorf("find what has failed: %w", models.Kind(err))
	}
	slices.SortFunc(newest, func(a, b struct{ WorkflowID, ID string }) int { return strings.Compare(b.ID, a.ID) })
	for _, one := range newest[:min(limit, len(newest))] {
		failures, err := openFailuresOf(ctx, db, one.WorkflowID, awake)
		if err != nil {
			return nil, 0, err
		}
		if failures.Number > 0 { // settled in between
			found = append(found, failures)
		}
	}
	return found, max(0, len(newest)-limit), nil
}

// notSnoozed is the condition that a run's cause is not snoozed.
func notSnoozed(ctx context.Context, db *gorm.DB, now time.Time) (clause.Expr, error) {
	var snoozed []string
	err := db.WithContext(ctx).Raw("SELECT id FROM failures WHERE snoozed_until > ? LIMIT ?", now, snoozedLooked).Scan(&snoozed).Error
	if err != nil {
		return clause.Expr{}, fmt.Errorf("look what is snoozed: %w", models.Kind(err))
	}
	if len(snoozed) == 0 {
		return clause.Expr{SQL: "1 = 1"}, nil
	}
	return clause.Expr{SQL: "(runs.failure_id IS NULL OR runs.failure_id NOT IN ?)", Vars: []any{snoozed}}, nil
}

// openFailuresOf counts the newest open failures of one workflow, by their cause.
func openFailuresOf(ctx context.Context, db *gorm.DB, workflowID string, awake clause.Expr) (OpenFailures, error) {
	var rows []struct {
		ID, WorkflowName, Code string
		FinishedAt             time.Time
	}
	err := db.WithContext(ctx).Model(&models.Run{}).Select("id, workflow_name, finished_at, coalesce(error ->> 'code', '') AS code").
		Where(isOpen).Where(awake).Where("workflow_id = ?", workflowID).Order("id DESC").Limit(failuresCounted + 1).Find(&rows).Error
	if err != nil {
		return OpenFailures{}, fmt.Errorf("count what has failed: %w", models.Kind(err))
	}
	f := OpenFailures{WorkflowID: workflowID, More: len(rows) > failuresCounted}
	rows = rows[:min(len(rows), failuresCounted)]
	at := map[string]int{}
	for i, row := range rows {
		if i == 0 {
			f.WorkflowName, f.LastID, f.First, f.Last = row.WorkflowName, row.ID, row.FinishedAt, row.FinishedAt
		}
		if row.FinishedAt.Before(f.First) {
			f.First = row.FinishedAt
		}
		if row.FinishedAt.After(f.Last) {
			f.Last = row.FinishedAt
		}
		cause, known := at[row.Code]
		if !known {
			cause = len(f.Causes)
			at[row.Code] = cause
			f.Causes = append(f.Causes, FailureCause{Code: row.Code, LastID: row.ID})
		}
		f.Causes[cause].Number++
	}
	f.Number = len(rows)
	slices.SortStableFunc(f.Causes, func(a, b FailureCause) int { return b.Number - a.Number })
	return f, nil
}

// AcknowledgeFailures settles a workflow's open failures that failed until a moment, by a
// person, and reports how many; more says that there were too many for one call.
func AcknowledgeFailures(ctx context.Context, db *gorm.DB, workflowID string, until, now time.Time, by string) (settled int64, more bool, err error) {
	w, err := models.GetWorkflow(ctx, db, workflowID)
	if err != nil {
		return 0, false, err
	}
	return SettleInPieces(ctx, db, func(tx *gorm.DB, first bool, limit int) (int64, error) {
		written, err := settleThose(ctx, tx, "workflow_id = ?", workflowID, until, now, by, limit)
		if err != nil || written == 0 || !first {
			return written, err
		}
		return written, models.Record(ctx, tx, models.Act{
			Action: "failures.acknowledged", ObjectKind: "workflow", ObjectID: workflowID, ObjectName: w.Name,
			After: map[string]any{"until": until.UTC().Format(time.RFC3339)},
		})
	})
}

// SettleInPieces settles runs piece by piece, each in a transaction of its own, and reports how many;
// more says that there were too many for one call.
func SettleInPieces(ctx context.Context, db *gorm.DB, piece func(tx *gorm.DB, first bool, limit int) (int64, error)) (settled int64, more bool, err error) {
	for n := range settledPieces {
		var written int64
		err := models.Tx(ctx, db, func(tx *gorm.DB) (err error) {
			written, err = piece(tx, n == 0, settledAtOnce)
			return err
		})
		if err != nil {
			return settled, false, err
		}
		if settled += written; written < settledAtOnce {
			return settled, false, nil
		}
	}
	return settled, true, nil
}

// SettleGroup settles at most limit open failures of a group that failed until now, by a
// person.
func SettleGroup(ctx context.Context, tx *gorm.DB, failureID string, now time.Time, by string, limit int) (int64, error) {
	return settleThose(ctx, tx, "failure_id = ?", failureID, now, now, by, limit)
}

// settleThose settles open failures that belong to something.
func settleThose(ctx context.Context, tx *gorm.DB, belong, to string, until, now time.Time, by string, limit int) (int64, error) {
	done := tx.WithContext(ctx).Exec(`UPDATE runs SET settled_at = ?, settled_by = ? WHERE id IN (
		SELECT id FROM runs WHERE `+belong+` AND status = 'failed' AND settled_at IS NULL AND trigger_type <> 'try' AND finished_at <= ? ORDER BY id DESC LIMIT ?)
		AND settled_at IS NULL`, now, by, to, until, limit)
	if done.Error != nil {
		return 0, fmt.Errorf("acknowledge failures: %w", models.Kind(done.Error))
	}
	return done.RowsAffected, nil
}

// SettleEarlier marks what a run that has ended took the place of: all failed runs that
// it goes back to, and what became of these before, where it succeeded; the one that it
// repeats where it failed itself.
func SettleEarlier(ctx context.Context, db *gorm.DB, id string, now time.Time) error {
	err := db.WithContext(ctx).Exec(`WITH RECURSIVE back (id, retry_of) AS (
			SELECT id, retry_of FROM runs WHERE id = ? AND status IN ('succeeded', 'failed')
			UNION SELECT r.id, r.retry_of FROM runs r JOIN back ON r.id = back.retry_of
		), family (id) AS (
			SELECT id FROM back UNION SELECT r.id FROM runs r JOIN family ON r.retry_of = family.id
		)
		UPDATE runs SET settled_at = ? WHERE status = 'failed' AND settled_at IS NULL AND id < ? AND id IN (SELECT id FROM family)
			AND (id IN (SELECT retry_of FROM runs WHERE id = ?) OR EXISTS (SELECT 1 FROM runs WHERE id = ? AND status = 'succeeded'))`,
		id, now, id, id, id).Error
	if err != nil {
		return fmt.Errorf("settle what a run has repaired: %w", models.Kind(err))
	}
	return nil
}

// OpenFailure reports whether a failed run is an open failure still; one that is gone is.
func OpenFailure(ctx context.Context, db *gorm.DB, id *string) (bool, error) {
	if id == nil {
		return true, nil
	}
	var settled bool
	err := db.WithContext(ctx).Raw("SELECT EXISTS (SELECT 1 FROM runs WHERE runs.id = ? AND NOT ("+isOpen+"))", *id).Scan(&settled).Error
	if err != nil {
		return false, fmt.Errorf("look whether a failure is open: %w", models.Kind(err))
	}
	return !settled, nil
}

// NewestRetry is the newest run that repeats a final one; nil where there is none.
func NewestRetry(ctx context.Context, db *gorm.DB, run models.Run) (*models.Run, error) {
	if run.FinishedAt == nil {
		return nil, nil
	}
	var found []models.Run
	err := db.WithContext(ctx).Select("id, status").Where("retry_of = ?", run.ID).Order("id DESC").Limit(1).Find(&found).Error
	if err != nil || len(found) == 0 {
		return nil, models.Kind(err)
	}
	return &found[0], nil
}
