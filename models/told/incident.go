// Package told has what people are told: incidents, each a cause of a workflow with how
// often it has happened, and messages, each what one of them is told. An incident is
// written in the transaction in which something happens, under its fence, so that none is
// lost or doubled; who decides what becomes of it is worker/telling.
package told

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"workflows/models"
	"workflows/models/columns"
	"workflows/models/plain"
	"workflows/models/runs"
)

// Events that have no alert; the others are called like the kinds of alerts.
const (
	Failed    = "failed"
	Recovered = "recovered"
	Waiting   = "waiting"
)

// maxSentence is how long the words of an incident are, in bytes.
const maxSentence = 2000

// Incident is one cause of which people are told.
type Incident struct {
	ID string `gorm:"primaryKey"`
	// WorkflowID, Event and Cause are unique together. What a cause is depends on the
	// event: of failures the step and the code.
	WorkflowID, Event, Cause string
	StepName, Sentence       string // what happened last
	RunID                    *string
	Number                   int64 // how often it has happened
	Settled                  int64 // how many of these nobody has to be told of any more
	FirstAt, LastAt          time.Time
	LookAt                   *time.Time // when somebody has to be told next; nil is nobody
	OverAt                   *time.Time // since when it works again
}

// Occurred is something that has happened once; it is left behind beside the state that
// it is about.
type Occurred struct {
	WorkflowID, Event, Cause string
	StepName, Sentence       string
	RunID                    string // "" is none
	At                       time.Time
	Times                    int64 // once when 0
}

// Leave counts it. What is offered again, of the same run and moment, counts once.
func (o Occurred) Leave(ctx context.Context, tx *gorm.DB) error {
	var run *string
	if o.RunID != "" {
		run = &o.RunID
	}
	err := tx.WithContext(ctx).Exec(`INSERT INTO incidents (id, workflow_id, event, cause, step_name, sentence, run_id, number, first_at, last_at, look_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (workflow_id, event, cause) DO UPDATE SET number = incidents.number + excluded.number, step_name = excluded.step_name, sentence = excluded.sentence, run_id = excluded.run_id,
			first_at = CASE WHEN incidents.over_at IS NULL THEN incidents.first_at ELSE excluded.first_at END,
			last_at = CASE WHEN incidents.last_at > excluded.last_at THEN incidents.last_at ELSE excluded.last_at END,
			look_at = CASE WHEN incidents.look_at < excluded.look_at THEN incidents.look_at ELSE excluded.look_at END, over_at = NULL
		WHERE incidents.run_id IS NULL OR excluded.run_id IS NULL OR incidents.run_id <> excluded.run_id OR incidents.last_at <> excluded.last_at`,
		models.NewID(), o.WorkflowID, o.Event, columns.Fit(o.Cause), columns.Fit(o.StepName), columns.FitWithin(o.Sentence, maxSentence), run, max(o.Times, 1), o.At, o.At, o.At).Error
	if err != nil {
		return fmt.Errorf("note what people are told of: %w", models.Kind(err))
	}
	return nil
}

// LockDue takes the incident of which somebody has to be told first, for a transaction;
// nil where there is none that nobody else has.
func LockDue(ctx context.Context, tx *gorm.DB, now time.Time) (*Incident, error) {
	statement := "SELECT * FROM incidents WHERE look_at <= ? ORDER BY look_at LIMIT 1"
	if models.IsPostgres(tx) {
		statement += " FOR UPDATE SKIP LOCKED"
	}
	var found []Incident
	if err := tx.WithContext(ctx).Raw(statement, now).Scan(&found).Error; err != nil {
		return nil, fmt.Errorf("look of what people are to be told: %w", models.Kind(err))
	}
	if len(found) == 0 {
		return nil, nil
	}
	return &found[0], nil
}

// Looked stores what came of a look at an incident that is locked.
func Looked(ctx context.Context, tx *gorm.DB, i Incident) error {
	return models.Changed("store of what people were told", tx.WithContext(ctx).Model(&Incident{}).Where("id = ?", i.ID).
		Updates(map[string]any{"look_at": i.LookAt, "settled": i.Settled}))
}

// recoveredBy is how many of the newest runs that succeeded are asked whether one did so
// after a failure.
const recoveredBy = 20

const succeededSince = `EXISTS (SELECT 1 FROM (SELECT r.finished_at AS finished_at FROM runs r WHERE r.workflow_id = incidents.workflow_id AND r.status = 'succeeded'
	AND r.trigger_type <> 'try' ORDER BY r.id DESC LIMIT ?) AS newest WHERE newest.finished_at > incidents.last_at)`

const unrepaired = `incidents.event IN ('failed', 'overdue') AND incidents.over_at IS NULL`

// Recovering returns workflows of which a run has succeeded since one had failed.
func Recovering(ctx context.Context, db *gorm.DB, limit int) ([]string, error) {
	var ids []string
	err := db.WithContext(ctx).Raw("SELECT DISTINCT incidents.workflow_id FROM incidents WHERE "+unrepaired+" AND "+succeededSince+" LIMIT ?", recoveredBy, limit).Scan(&ids).Error
	if err != nil {
		return nil, fmt.Errorf("look what works again: %w", models.Kind(err))
	}
	return ids, nil
}

// Recover notes that a workflow works again, once, by the run that has shown it.
func Recover(ctx context.Context, db *gorm.DB, workflowID string, now time.Time) error {
	return models.Tx(ctx, db, func(tx *gorm.DB) error {
		done := tx.WithContext(ctx).Exec("UPDATE incidents SET over_at = ? WHERE workflow_id = ? AND "+unrepaired+" AND "+succeededSince, now, workflowID, recoveredBy)
		if done.Error != nil || done.RowsAffected == 0 {
			return models.Kind(done.Error)
		}
		var last []struct {
			ID         string
			FinishedAt time.Time
		}
		err := tx.WithContext(ctx).Raw("SELECT id, finished_at FROM runs WHERE workflow_id = ? AND status = 'succeeded' AND trigger_type <> 'try' ORDER BY id DESC LIMIT 1", workflowID).Scan(&last).Error
		if err != nil || len(last) == 0 {
			return models.Kind(err)
		}
		return Occurred{WorkflowID: workflowID, Event: Recovered, RunID: last[0].ID, At: now}.Leave(ctx, tx)
	})
}

// StillMatters reports whether people have to be told of an incident that is locked: not
// of what a person has acknowledged, or what is over before anybody knew.
func StillMatters(ctx context.Context, tx *gorm.DB, i Incident) (bool, error) {
	switch i.Event {
	case Failed:
		return runs.OpenFailure(ctx, tx, i.RunID)
	case Recovered:
		return none(ctx, tx, "SELECT 1 FROM incidents WHERE workflow_id = ? AND "+unrepaired+" AND last_at > ?", i.WorkflowID, i.LastAt)
	case Waiting:
		return some(ctx, tx, "SELECT 1 FROM runs WHERE workflow_id = ? AND status = 'waiting' AND waiting_for IN ('approval', 'decision')", i.WorkflowID)
	case models.AlertLate, models.AlertSlow:
		return some(ctx, tx, "SELECT 1 FROM alerts WHERE workflow_id = ? AND kind = ? AND closed_at IS NULL AND acknowledged_at IS NULL", i.WorkflowID, i.Event)
	}
	return none(ctx, tx, "SELECT 1 FROM alerts WHERE workflow_id = ? AND kind = ? AND subject = ? AND acknowledged_at >= ?", i.WorkflowID, i.Event, i.Cause, i.LastAt)
}

func some(ctx context.Context, tx *gorm.DB, statement string, args ...any) (found bool, err error) {
	err = tx.WithContext(ctx).Raw("SELECT EXISTS ("+statement+")", args...).Scan(&found).Error
	return found, models.Kind(err)
}

func none(ctx context.Context, tx *gorm.DB, statement string, args ...any) (bool, error) {
	found, err := some(ctx, tx, statement, args...)
	return !found, err
}

// NoteAlerts makes incidents of alerts that were raised, or raised again, at most limit,
// for the workflows of which tells says so.
func NoteAlerts(ctx context.Context, db *gorm.DB, now time.Time, limit int, tells func(tx *gorm.DB, workflowID, event string) (bool, error)) (noted int, err error) {
	err = models.Tx(ctx, db, func(tx *gorm.DB) error {
		query := tx.WithContext(ctx).Where("noted_at IS NULL").Order("opened_at").Limit(limit)
		if models.IsPostgres(tx) {
			query = query.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate, Options: clause.LockingOptionsSkipLocked})
		}
		found, err := plain.Find[models.Alert](ctx, query)
		if err != nil {
			return fmt.Errorf("find alerts of which nobody was told: %w", models.Kind(err))
		}
		noted = len(found)
		for _, alert := range found {
			if err := noteAlert(ctx, tx, alert, now, tells); err != nil {
				return err
			}
		}
		return nil
	})
	return noted, err
}

func noteAlert(ctx context.Context, tx *gorm.DB, a models.Alert, now time.Time, tells func(tx *gorm.DB, workflowID, event string) (bool, error)) error {
	err := tx.WithContext(ctx).Exec("UPDATE alerts SET noted_at = ? WHERE id = ?", now, a.ID).Error
	if err != nil {
		return fmt.Errorf("note an alert: %w", models.Kind(err))
	}
	if a.AcknowledgedAt != nil || a.ClosedAt != nil && (a.Kind == models.AlertLate || a.Kind == models.AlertSlow) {
		return nil
	}
	if told, err := tells(tx, a.WorkflowID, a.Kind); err != nil || !told {
		return err
	}
	o := Occurred{WorkflowID: a.WorkflowID, Event: a.Kind, Cause: a.Subject, Sentence: a.Message, At: now}
	if a.RunID != nil {
		o.RunID = *a.RunID
	}
	if a.Kind == models.AlertSlow { // each run is a subject of its own
		o.Cause = ""
	}
	return o.Leave(ctx, tx)
}
