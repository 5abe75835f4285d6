package runs

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"workflows/models"
)

// Clear goes through the runs that ended before a time, of the workflows that do not say
// themselves for how long, the oldest first: it looks at the next of them, at most limit, from
// an id on ("" is the first), removes those that need not stay, with their steps, payloads and
// questions, and returns how many and from which id on there are more, "" for none.
//
// Of each workflow the newest run of each outcome stays, so that it is known when it last
// succeeded and failed; and so does one that a run which has not ended has started, since its
// output may still be asked for, and one that took the place of a failure which is not
// settled yet: without it that would seem open.
func Clear(ctx context.Context, db *gorm.DB, before time.Time, from string, limit int) (removed int64, next string, err error) {
	return old{before: before}.removePiece(ctx, db, from, limit)
}

// ClearKept does so with the runs of the workflows that do say for how long, one workflow
// after the other. What they leave out is taken from days, that of the others; from is "" or
// what was returned before. Each piece goes by what is published then.
func ClearKept(ctx context.Context, db *gorm.DB, now time.Time, days int, from string, limit int) (removed int64, next string, err error) {
	at := keptPlace(from)
	w, err := nextKept(ctx, db, at)
	if err != nil || w.ID == "" {
		return 0, "", err
	}
	if w.ID != at.workflow {
		at = place{workflow: w.ID}
	}
	for ; at.outcome < len(outcomes); at.outcome++ {
		outcome := outcomes[at.outcome]
		kept := cmp.Or(w.KeepDays, &days)
		if outcome == "failed" {
			kept = cmp.Or(w.KeepFailedDays, kept)
		}
		of := old{before: now.AddDate(0, 0, -*kept), workflow: w.ID, outcome: outcome, last: w.KeepLast}
		removed, at.id, err = of.removePiece(ctx, db, at.id, limit)
		switch {
		case err != nil:
			return 0, "", err
		case at.id != "":
			return removed, at.String(), nil
		case removed > 0:
			at.outcome++
			return removed, at.String(), nil
		}
	}
	return 0, at.String(), nil
}

// outcomes are the states in which a run stays.
var outcomes = []string{"succeeded", "failed", "cancelled"}

// place is where in the runs of a workflow somebody is: at the id of one with an outcome, ""
// for the first; behind the last outcome is behind the workflow.
type place struct {
	workflow string
	outcome  int
	id       string
}

func (p place) String() string { return fmt.Sprintf("%s %d %s", p.workflow, p.outcome, p.id) }

func keptPlace(from string) (p place) {
	_, _ = fmt.Sscan(from, &p.workflow, &p.outcome, &p.id) // the id may be missing, or all
	return p
}

type keptWorkflow struct {
	ID                       string
	KeepDays, KeepFailedDays *int
	KeepLast                 int
}

// nextKept is the workflow at a place, if it still says for how long its runs are kept, else
// the next that does; one without an id for none.
func nextKept(ctx context.Context, db *gorm.DB, at place) (w keptWorkflow, err error) {
	compared := ">="
	if at.outcome == len(outcomes) {
		compared = ">"
	}
	err = db.WithContext(ctx).Raw(`SELECT id, keep_days, keep_failed_days, coalesce(keep_last, 0) AS keep_last FROM workflows
		WHERE id `+compared+` ? AND coalesce(keep_days, keep_failed_days, keep_last) IS NOT NULL ORDER BY id LIMIT 1`, cmp.Or(at.workflow, models.BeforeAllIDs)).Scan(&w).Error
	if err != nil {
		return w, fmt.Errorf("find whose runs are kept how long: %w", models.Kind(err))
	}
	return w, nil
}

// old are runs that ended before a time: those of one workflow with one outcome, or of all
// workflows that do not say how long theirs are kept.
type old struct {
	before            time.Time
	workflow, outcome string
	last              int // how many of the workflow's newest stay
}

// removePiece removes what need not stay of the next runs, at most limit, from an id on.
func (o old) removePiece(ctx context.Context, db *gorm.DB, from string, limit int) (removed int64, next string, err error) {
	db = db.WithContext(ctx)
	// A run has ended after its id was made, and ids sort by that: only old rows are read.
	among, arguments := "id >= ? AND id < ?", []any{cmp.Or(from, models.BeforeAllIDs), models.FirstID(o.before)}
	if o.workflow != "" {
		among, arguments = "workflow_id = ? AND status = ? AND "+among, append([]any{o.workflow, o.outcome}, arguments...)
	}
	// What stays is read once and not again for each piece, so there is a place to go on.
	var span struct{ First, Next *string }
	err = db.Raw(`SELECT (SELECT id FROM runs WHERE `+among+` ORDER BY id LIMIT 1) AS first, (SELECT id FROM runs WHERE `+among+` ORDER BY id LIMIT 1 OFFSET ?) AS next`,
		slices.Concat(arguments, arguments, []any{limit})...).Scan(&span).Error
	if err != nil {
		return 0, "", fmt.Errorf("find old runs: %w", models.Kind(err))
	}
	if span.First == nil {
		return 0, "", nil
	}
	if span.Next != nil {
		next, arguments[len(arguments)-1] = *span.Next, *span.Next
	}
	stay, of := o.stay()
	skip := ""
	if models.IsPostgres(db) {
		skip = "FOR UPDATE OF r SKIP LOCKED" // of one that is just being run again
	}
	// What is asked of each run is a question for itself, so that it is looked up by its key
	// whatever the planner thinks of how many there are.
	cleared := db.Exec(`DELETE FROM runs WHERE id IN (SELECT r.id FROM runs r
		WHERE `+among+` AND finished_at < ? AND status IN ('succeeded', 'failed', 'cancelled') AND trigger_type <> 'try'
			AND `+stay+`
			AND id < (SELECT n.id FROM runs n WHERE n.workflow_id = r.workflow_id AND n.status = r.status AND n.trigger_type <> 'try' ORDER BY n.id DESC LIMIT 1)
			AND (SELECT 1 FROM runs f WHERE f.id = r.retry_of AND f.status = 'failed' AND f.settled_at IS NULL) IS NULL
			AND (SELECT 1 FROM runs p WHERE p.id = r.parent_id AND p.status IN ('queued', 'running', 'waiting')) IS NULL
		ORDER BY id LIMIT ? `+skip+`)`, slices.Concat(arguments, []any{o.before}, of, []any{limit})...)
	if cleared.Error != nil {
		return 0, "", fmt.Errorf("clear runs: %w", models.Kind(cleared.Error))
	}
	return cleared.RowsAffected, next, nil
}

// stay is what else keeps a run from being removed.
func (o old) stay() (condition string, arguments []any) {
	switch {
	case o.workflow == "":
		return "(SELECT coalesce(w.keep_days, w.keep_failed_days, w.keep_last) FROM workflows w WHERE w.id = r.workflow_id) IS NULL", nil
	case o.last == 0:
		return "1 = 1", nil
	}
	newest := make([]string, len(outcomes))
	for i, outcome := range outcomes {
		newest[i] = "SELECT id FROM (SELECT id FROM runs WHERE workflow_id = ? AND status = '" + outcome + "' AND trigger_type <> 'try' ORDER BY id DESC LIMIT ?) AS n"
		arguments = append(arguments, o.workflow, o.last)
	}
	// Where there are fewer there is no such run, and what is compared with it is not true.
	return "id < (SELECT id FROM (" + strings.Join(newest, " UNION ALL ") + ") AS newest ORDER BY id DESC LIMIT 1 OFFSET ?)", append(arguments, o.last-1)
}

// triesKept is how long tries are kept after they were asked for.
const triesKept = 24 * time.Hour

// ClearTries removes at most limit tries that ended and are a day old, with what they
// executed, and reports how many. The time before which other things are cleared does not
// matter to them.
func ClearTries(ctx context.Context, db *gorm.DB, _ time.Time, limit int) (int64, error) {
	var removed int64
	err := models.Tx(ctx, db, func(tx *gorm.DB) error {
		var ids []string
		err := tx.WithContext(ctx).Raw(`SELECT id FROM runs WHERE trigger_type = 'try' AND id < ? AND status IN ('succeeded', 'failed', 'cancelled') ORDER BY id LIMIT ?`,
			models.FirstID(models.Now().Add(-triesKept)), limit).Scan(&ids).Error
		if err != nil || len(ids) == 0 {
			return err
		}
		if err := tx.WithContext(ctx).Exec("DELETE FROM workflow_versions WHERE id IN ? AND number < 0", ids).Error; err != nil {
			return err
		}
		removed = int64(len(ids))
		return tx.WithContext(ctx).Exec("DELETE FROM runs WHERE id IN ?", ids).Error
	})
	if err != nil {
		return 0, fmt.Errorf("clear tries: %w", models.Kind(err))
	}
	return removed, nil
}

// Pin keeps a final run from being cleared until the transaction ends. One that
// has been is models.ErrNotFound.
func Pin(ctx context.Context, tx *gorm.DB, id string) error {
	query := tx.WithContext(ctx).Model(&models.Run{}).Select("id").Where("id = ?", id)
	if models.IsPostgres(tx) { // SQLite has one writer
		query = query.Clauses(clause.Locking{Strength: clause.LockingStrengthShare})
	}
	var found string
	if err := query.Take(&found).Error; err != nil {
		return fmt.Errorf("hold the run: %w", models.Kind(err))
	}
	return nil
}
