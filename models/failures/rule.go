package failures

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"workflows/models"
	"workflows/models/plain"
)

// Bounds of rules.
const (
	// ShortestWait and LongestWait are how long after its end a run is run again.
	ShortestWait, LongestWait = time.Minute, 30 * 24 * time.Hour
	// MostTries is how often a run is run again at most.
	MostTries = 10
)

// Rule has the runs of a group run again by themselves, each that fails so from when it was
// set on: a while after its end, and what comes of it in the same way, up to a number of times.
type Rule struct {
	FailureID string `gorm:"primaryKey"`
	// AfterSeconds is how long after its end a run is run again.
	AfterSeconds int
	// AtMost is how often what somebody or something has started is run again by rules.
	AtMost int
	// RetryFrom and RetryVersion are as in a single run's retry.
	RetryFrom, RetryVersion string
	SetAt                   time.Time
	SetBy                   string
	// Retried is how many runs it has started.
	Retried int64
	// Trouble says why a run could not be run again, the last time that happened; "" where it
	// never has.
	Trouble   string
	TroubleAt *time.Time
}

// TableName is what the database calls them.
func (Rule) TableName() string { return "failure_rules" }

// After is how long after its end a run is run again.
func (r Rule) After() time.Duration { return time.Duration(r.AfterSeconds) * time.Second }

// Turns are what a rule has yet to do.
type Turns struct {
	Number int64 // of runs
	Next   *time.Time
}

// RuleOf returns the rule of a group and what it has yet to do; models.ErrNotFound where it
// has none.
func RuleOf(ctx context.Context, db *gorm.DB, id string) (Rule, Turns, error) {
	var waiting Turns
	rule, err := plain.Take[Rule](ctx, db.Where("failure_id = ?", id))
	if err != nil {
		return rule, waiting, fmt.Errorf("find what is run again by itself: %w", models.Kind(err))
	}
	err = db.WithContext(ctx).Raw("SELECT count(*) AS number FROM rule_runs WHERE failure_id = ?", id).Scan(&waiting.Number).Error
	if err != nil || waiting.Number == 0 {
		return rule, waiting, models.Kind(err)
	}
	var next []time.Time
	err = db.WithContext(ctx).Raw("SELECT due_at FROM rule_runs WHERE failure_id = ? ORDER BY due_at LIMIT 1", id).Scan(&next).Error
	if err == nil && len(next) > 0 {
		waiting.Next = &next[0]
	}
	return rule, waiting, models.Kind(err)
}

// SetRule gives a group a rule, or another one. Runs whose turn was to come keep it.
func SetRule(ctx context.Context, db *gorm.DB, id string, rule Rule, d Deed) error {
	if after := rule.After(); after < ShortestWait || after > LongestWait {
		return badRule("after", "Enter how long to wait, from a minute to 30 days.")
	}
	if rule.AtMost < 1 || rule.AtMost > MostTries {
		return badRule("at_most", "Enter how often at most, from 1 to 10.")
	}
	return models.Tx(ctx, db, func(tx *gorm.DB) error {
		said := map[string]any{"after": rule.After().String(), "at_most": rule.AtMost, "from": rule.RetryFrom, "version": rule.RetryVersion}
		if err := recordRule(ctx, tx, id, "failure.rule_set", said); err != nil {
			return err
		}
		rule.FailureID, rule.SetAt, rule.SetBy = id, d.Now, d.By
		err := tx.WithContext(ctx).Clauses(clause.OnConflict{
			Columns:   []clause.Column{{Name: "failure_id"}},
			DoUpdates: clause.AssignmentColumns([]string{"after_seconds", "at_most", "retry_from", "retry_version", "set_at", "set_by"}),
		}).Create(&rule).Error
		if err != nil {
			return fmt.Errorf("store what is run again by itself: %w", models.Kind(err))
		}
		return nil
	})
}

// RemoveRule takes the rule of a group away, and with it the turns of its runs. Nothing happens
// where there is none.
func RemoveRule(ctx context.Context, db *gorm.DB, id string) error {
	return models.Tx(ctx, db, func(tx *gorm.DB) error {
		// The turns first: who runs those again has them locked, and then the rule.
		removed := tx.WithContext(ctx).Exec("DELETE FROM rule_runs WHERE failure_id = ?", id)
		if removed.Error == nil {
			removed = tx.WithContext(ctx).Exec("DELETE FROM failure_rules WHERE failure_id = ?", id)
		}
		if removed.Error != nil {
			return fmt.Errorf("remove what is run again by itself: %w", models.Kind(removed.Error))
		}
		if removed.RowsAffected == 0 {
			return nil
		}
		return recordRule(ctx, tx, id, "failure.rule_removed", nil)
	})
}

// recordRule writes a line of the audit log about the rule of a group, which it locks.
func recordRule(ctx context.Context, tx *gorm.DB, id, action string, said map[string]any) error {
	f, err := locked(ctx, tx, id)
	if err != nil {
		return err
	}
	w, err := models.WorkflowToRun(ctx, tx, f.WorkflowID)
	if err != nil {
		return err
	}
	return models.Record(ctx, tx, models.Act{Action: action, ObjectKind: "failure", ObjectID: id, ObjectName: w.Name + ": " + f.Sentence, After: said})
}

func badRule(path, message string) error {
	return &models.InvalidError{Code: "invalid_rule", Message: message, Fields: []models.FieldError{{Path: path, Code: "out_of_range", Message: message}}}
}

// giveTurns gives those of the runs that have just come into a group their turn, where the
// group has a rule: what failed before the rule was set, is settled or has been run again as
// often as it may gets none.
func (g *group) giveTurns(ctx context.Context, tx *gorm.DB, id string) error {
	rule, err := plain.Take[Rule](ctx, tx.Where("failure_id = ?", id))
	if err = models.Kind(err); errors.Is(err, models.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, run := range g.runs {
		if run.Settled || run.Tries >= rule.AtMost || run.at().Before(rule.SetAt) {
			continue
		}
		err := tx.WithContext(ctx).Exec("INSERT INTO rule_runs (run_id, failure_id, due_at, tries) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
			run.ID, id, run.at().Add(rule.After()), run.Tries).Error
		if err != nil {
			return models.Kind(err)
		}
	}
	return nil
}

// Turn is a run whose turn has come to be run again by a rule.
type Turn struct {
	RunID, FailureID        string
	Tries                   int // how often it has been before, by rules
	RetryFrom, RetryVersion string
	// Open says that it is a failed run still that nobody has repaired or acknowledged.
	Open bool
}

// TakeTurns locks the runs whose turn has come, what is due longest first, at most limit. Those of
// workflows that are paused wait.
func TakeTurns(ctx context.Context, tx *gorm.DB, now time.Time, limit int) (turns []Turn, err error) {
	statement := `SELECT q.run_id, q.failure_id, q.tries, f.retry_from, f.retry_version, coalesce(r.status = 'failed' AND r.settled_at IS NULL, ?) AS open
		FROM rule_runs q JOIN failure_rules f ON f.failure_id = q.failure_id LEFT JOIN runs r ON r.id = q.run_id LEFT JOIN workflows w ON w.id = r.workflow_id
		WHERE q.due_at <= ? AND (w.status IS NULL OR w.status <> 'paused') ORDER BY q.due_at LIMIT ?`
	if models.IsPostgres(tx) {
		statement += " FOR UPDATE OF q SKIP LOCKED"
	}
	if err = tx.WithContext(ctx).Raw(statement, false, now, limit).Scan(&turns).Error; err != nil {
		return nil, fmt.Errorf("find what is to be run again by itself: %w", models.Kind(err))
	}
	return turns, nil
}

// AnyTurn reports whether the turn of a run may have come.
func AnyTurn(ctx context.Context, db *gorm.DB, now time.Time) (any bool, err error) {
	if err = db.WithContext(ctx).Raw("SELECT EXISTS (SELECT 1 FROM rule_runs WHERE due_at <= ?)", now).Scan(&any).Error; err != nil {
		return false, fmt.Errorf("look what is to be run again by itself: %w", models.Kind(err))
	}
	return any, nil
}

// EndTurns takes the turns of runs away, which were taken in the same transaction.
func EndTurns(ctx context.Context, tx *gorm.DB, runIDs []string) error {
	if len(runIDs) == 0 {
		return nil
	}
	if err := tx.WithContext(ctx).Exec("DELETE FROM rule_runs WHERE run_id IN ?", runIDs).Error; err != nil {
		return fmt.Errorf("note what was run again by itself: %w", models.Kind(err))
	}
	return nil
}

// DelayTurns has runs wait for their turn until later.
func DelayTurns(ctx context.Context, tx *gorm.DB, runIDs []string, until time.Time) error {
	if len(runIDs) == 0 {
		return nil
	}
	if err := tx.WithContext(ctx).Exec("UPDATE rule_runs SET due_at = ? WHERE run_id IN ?", until, runIDs).Error; err != nil {
		return fmt.Errorf("have what is run again by itself wait: %w", models.Kind(err))
	}
	return nil
}

// NoteRetried adds to what a rule has started, and keeps why a run could not be run again, ""
// where all could.
func NoteRetried(ctx context.Context, tx *gorm.DB, failureID string, started int, trouble string, now time.Time) error {
	changes := map[string]any{"retried": gorm.Expr("retried + ?", started)}
	if trouble != "" {
		changes["trouble"], changes["trouble_at"] = trouble, now
	}
	if err := tx.WithContext(ctx).Model(&Rule{}).Where("failure_id = ?", failureID).Updates(changes).Error; err != nil {
		return fmt.Errorf("note what was run again by itself: %w", models.Kind(err))
	}
	return nil
}
