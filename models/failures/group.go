package failures

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/columns"
)

// maxSentence is how long the words of a group are, in bytes.
const maxSentence = 2000

// ungrouped is a failed run that is in no group; tries come into none. Written out:
// a partial index serves no parameter.
const ungrouped = `status = 'failed' AND failure_id IS NULL AND trigger_type <> 'try'`

// Waiting reports whether there are failed runs in no group.
func Waiting(ctx context.Context, db *gorm.DB) (found bool, err error) {
	if err = db.WithContext(ctx).Raw("SELECT EXISTS (SELECT 1 FROM runs WHERE " + ungrouped + ")").Scan(&found).Error; err != nil {
		return false, fmt.Errorf("look whether runs have failed: %w", models.Kind(err))
	}
	return found, nil
}

// failed is a run that is to come into a group.
type failed struct {
	ID, WorkflowID                  string
	Version                         int
	QueuedAt                        time.Time
	FinishedAt                      *time.Time
	Settled                         bool
	Tries                           int // how often a rule has run it again, see Rule
	StepID, StepName, Code, Message string
}

func (f failed) at() time.Time {
	if f.FinishedAt == nil {
		return f.QueuedAt
	}
	return *f.FinishedAt
}

// Group puts the newest failed runs that are in none into their groups, at most limit, and
// reports how many. All of it happens or nothing, and each run counts once: whoever does the
// same meanwhile takes others. Where a group comes back, whoever sees to it is told; a nil tell
// tells nobody.
func Group(ctx context.Context, db *gorm.DB, now time.Time, limit int, tell Tell) (grouped int, err error) {
	err = models.Tx(ctx, db, func(tx *gorm.DB) error {
		found, err := take(ctx, tx, limit)
		if err != nil {
			return err
		}
		grouped = len(found)
		groups := map[string]*group{}
		var order []string // of all workers the same: none waits for one that waits for it
		for _, run := range found {
			fingerprint := Fingerprint(run.StepID, run.Code, run.Message)
			of := run.WorkflowID + fingerprint
			if groups[of] == nil {
				groups[of] = newGroup(fingerprint, run)
				order = append(order, of)
			}
			groups[of].add(run)
		}
		slices.Sort(order)
		for _, of := range order {
			if err := groups[of].store(ctx, tx, now, tell); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("group failed runs: %w", err)
	}
	return grouped, nil
}

// take locks the runs that are next.
func take(ctx context.Context, tx *gorm.DB, limit int) (found []failed, err error) {
	statement := `SELECT id, workflow_id, version, queued_at, finished_at, settled_at IS NOT NULL AS settled,
			CASE WHEN trigger_type = 'retry' THEN CAST(coalesce("trigger" ->> 'tries', '0') AS integer) ELSE 0 END AS tries,
			coalesce(error ->> 'step_id', '') AS step_id, coalesce(error ->> 'code', '') AS code, coalesce(error ->> 'message', '') AS message,
			coalesce((SELECT s.name FROM step_runs s WHERE s.run_id = runs.id AND s.step_id = runs.error ->> 'step_id' LIMIT 1), '') AS step_name
		FROM runs WHERE ` + ungrouped + ` ORDER BY id DESC LIMIT ?`
	if models.IsPostgres(tx) {
		statement += " FOR UPDATE OF runs SKIP LOCKED"
	}
	return found, models.Kind(tx.WithContext(ctx).Raw(statement, limit).Scan(&found).Error)
}

// group is what is added to a group.
type group struct {
	fingerprint               string
	ids                       []string
	runs                      []failed
	newest                    failed
	first, last               time.Time
	firstVersion, lastVersion int
	state                     string
}

func newGroup(fingerprint string, run failed) *group {
	return &group{fingerprint: fingerprint, newest: run, first: run.at(), last: run.at(), firstVersion: run.Version, lastVersion: run.Version, state: Seen}
}

func (g *group) add(run failed) {
	g.ids, g.runs = append(g.ids, run.ID), append(g.runs, run)
	g.firstVersion, g.lastVersion = min(g.firstVersion, run.Version), max(g.lastVersion, run.Version)
	if !run.Settled { // else it was repaired or acknowledged before anybody saw the group
		g.state = New
	}
	switch at := run.at(); {
	case at.After(g.last):
		g.last, g.newest = at, run
	case at.Before(g.first):
		g.first = at
	}
}

// store adds the runs to their group, which is made where there is none.
func (g *group) store(ctx context.Context, tx *gorm.DB, now time.Time, tell Tell) error {
	var stored struct{ ID, State string }
	tx = tx.WithContext(ctx)
	err := tx.Raw(`INSERT INTO failures (id, workflow_id, fingerprint, step_id, step_name, code, sentence, count, first_seen_at, last_seen_at, first_version, last_version, state)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (workflow_id, fingerprint) DO UPDATE SET count = failures.count + excluded.count,
			step_name = CASE WHEN failures.last_seen_at > excluded.last_seen_at THEN failures.step_name ELSE excluded.step_name END,
			sentence = CASE WHEN failures.last_seen_at > excluded.last_seen_at THEN failures.sentence ELSE excluded.sentence END,
			first_seen_at = CASE WHEN failures.first_seen_at < excluded.first_seen_at THEN failures.first_seen_at ELSE excluded.first_seen_at END,
			last_seen_at = CASE WHEN failures.last_seen_at > excluded.last_seen_at THEN failures.last_seen_at ELSE excluded.last_seen_at END,
			first_version = CASE WHEN failures.first_version < excluded.first_version THEN failures.first_version ELSE excluded.first_version END,
			last_version = CASE WHEN failures.last_version > excluded.last_version THEN failures.last_version ELSE excluded.last_version END,
			state = CASE WHEN failures.changed_at IS NULL AND excluded.state = 'new' THEN 'new' ELSE failures.state END
		RETURNING id, state`,
		models.NewID(), g.newest.WorkflowID, g.fingerprint, g.newest.StepID, g.newest.StepName, g.newest.Code, columns.FitWithin(g.newest.Message, maxSentence), len(g.ids),
		g.first, g.last, g.firstVersion, g.lastVersion, g.state).Scan(&stored).Error
	if err != nil {
		return models.Kind(err)
	}
	if err := tx.Exec("UPDATE runs SET failure_id = ? WHERE id IN ? AND failure_id IS NULL", stored.ID, g.ids).Error; err != nil {
		return models.Kind(err)
	}
	if err := g.giveTurns(ctx, tx, stored.ID); err != nil || stored.State != Solved {
		return err
	}
	// It is back where one has failed since, on the version that solved it or a later one.
	back := tx.Exec(`UPDATE failures SET state = 'came_back', changed_at = ?, changed_by = ''
		WHERE id = ? AND state = 'solved' AND EXISTS (SELECT 1 FROM runs WHERE runs.id IN ? AND runs.version >= failures.solved_version AND runs.finished_at > failures.changed_at)`,
		now, stored.ID, g.ids)
	if back.Error != nil || back.RowsAffected == 0 || tell == nil {
		return models.Kind(back.Error)
	}
	return tellBack(ctx, tx, stored.ID, now, tell)
}
