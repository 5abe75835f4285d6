package models

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"workflows/models/plain"
)

// RememberedItem says that a step of a workflow has seen something. The row without an
// item is the memory itself: since when there is one, and what its step notes of it.
type RememberedItem struct {
	WorkflowID string `gorm:"primaryKey"`
	StepID     string `gorm:"primaryKey"`
	Scope      string `gorm:"primaryKey"` // what of the step's is remembered apart, hashed
	Item       string `gorm:"primaryKey"` // a hash
	StepRunID  string // the attempt that saw it first
	SeenAt     time.Time
	Note       string
}

const (
	// rememberedAtOnce is how many items one statement looks for or stores.
	rememberedAtOnce = 500
	// seenAnew is how old a memory is renewed that is still seen: what is seen all the
	// time is not written all the time, and still forgotten last.
	seenAnew = 24 * time.Hour
	// MaxRemembered is how many items one step remembers of one scope at most.
	MaxRemembered = 100_000
)

// Recollection is what a step remembers.
type Recollection struct {
	Since *time.Time           // since when; nil: nothing ever
	Note  string               // what the step noted of it
	Count int                  // how many items
	Seen  map[string]time.Time // of those that were asked for, when they were seen
}

// Recall reads what a step of a workflow remembers of a scope, with which of the items.
func Recall(ctx context.Context, db *gorm.DB, workflowID, stepID, scope string, items []string) (Recollection, error) {
	r := Recollection{Seen: map[string]time.Time{}}
	of := func() *gorm.DB {
		return db.WithContext(ctx).Model(&RememberedItem{}).Where("workflow_id = ? AND step_id = ? AND scope = ?", workflowID, stepID, scope)
	}
	memory, err := plain.Find[RememberedItem](ctx, of().Where("item = ''"))
	if err != nil || len(memory) == 0 {
		return r, wrapped("recall what a step has seen", err)
	}
	r.Since, r.Note = &memory[0].SeenAt, memory[0].Note
	if len(items) > rememberedAtOnce { // it goes through all of them, which are no more than MaxRemembered
		return r, wrapped("recall what a step has seen", r.readAll(of().Select("item", "seen_at").Where("item <> ''"), items))
	}
	var count int64
	if err := of().Where("item <> ''").Count(&count).Error; err != nil {
		return r, wrapped("count what a step has seen", err)
	}
	r.Count = int(count)
	found, err := plain.Find[RememberedItem](ctx, of().Where("item IN ?", items))
	for _, row := range found {
		r.Seen[row.Item] = row.SeenAt
	}
	return r, wrapped("recall what a step has seen", err)
}

// readAll counts what a memory holds, and keeps of that only which of the items it is.
func (r *Recollection) readAll(memory *gorm.DB, items []string) error {
	asked := make(map[string]bool, len(items))
	for _, item := range items {
		asked[item] = true
	}
	rows, err := memory.Rows()
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var item string
		var at time.Time
		if err := rows.Scan(&item, &at); err != nil {
			return err
		}
		if r.Count++; asked[item] {
			r.Seen[item] = at
		}
	}
	return rows.Err()
}

func wrapped(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, Kind(err))
}

// Memory is what a step has seen that another run must not count as new.
type Memory struct {
	WorkflowID, StepID, Scope string
	StepRunID                 string
	At                        time.Time
	New, Again                []string // items, each once; again are known ones that were seen too
	Keep                      int      // how many are remembered, the newest
	Note                      string
}

// ErrRemembered says that another run has remembered an item first, so that what was
// read before is out of date: the step has to look again.
var ErrRemembered = &ConflictError{Code: "remembered_elsewhere", Message: "Another run of this workflow saw some of the same items at the same time."}

// Leave stores it, unless one of the new items was remembered by another attempt.
func (m Memory) Leave(ctx context.Context, tx *gorm.DB) error {
	tx = tx.WithContext(ctx)
	memory := m.row("")
	memory.Note = m.Note
	err := tx.Clauses(clause.OnConflict{Columns: rememberedKey(), DoUpdates: clause.AssignmentColumns([]string{"note"})}).Create(&memory).Error
	if err != nil {
		return wrapped("remember", err)
	}
	for some := range slices.Chunk(slices.Sorted(slices.Values(m.New)), rememberedAtOnce) { // in one order, so that two never wait for each other
		if err := m.leaveNew(tx, some); err != nil {
			return err
		}
	}
	return m.forget(tx)
}

func (m Memory) row(item string) RememberedItem {
	return RememberedItem{WorkflowID: m.WorkflowID, StepID: m.StepID, Scope: m.Scope, Item: item, StepRunID: m.StepRunID, SeenAt: m.At}
}

func rememberedKey() []clause.Column {
	return []clause.Column{{Name: "workflow_id"}, {Name: "step_id"}, {Name: "scope"}, {Name: "item"}}
}

// leaveNew stores items of which none may be there, but this attempt's own, of a commit
// whose answer was lost.
func (m Memory) leaveNew(tx *gorm.DB, items []string) error {
	stored, err := m.leave(tx, items, "remembered_items.step_run_id = excluded.step_run_id")
	if err == nil && stored < int64(len(items)) {
		return ErrRemembered
	}
	return err
}

// leave stores items, and how new they are of those that are there already and meet a
// condition; it counts both. It finds them by their key whatever the database thinks of
// the table: an UPDATE of many items took a minute where PostgreSQL had not counted yet.
func (m Memory) leave(tx *gorm.DB, items []string, meet string, arguments ...any) (int64, error) {
	rows := make([]RememberedItem, len(items))
	for i, item := range items {
		rows[i] = m.row(item)
	}
	stored := tx.Clauses(clause.OnConflict{
		Columns: rememberedKey(), DoUpdates: clause.AssignmentColumns([]string{"seen_at"}),
		Where: clause.Where{Exprs: []clause.Expression{clause.Expr{SQL: meet, Vars: arguments}}},
	}).Create(&rows)
	return stored.RowsAffected, wrapped("remember", stored.Error)
}

func (m Memory) mine(tx *gorm.DB) *gorm.DB {
	return tx.Session(&gorm.Session{}).Model(&RememberedItem{}).Where("workflow_id = ? AND step_id = ? AND scope = ?", m.WorkflowID, m.StepID, m.Scope)
}

// forget drops the oldest beyond what is kept; what was seen now is never among them.
func (m Memory) forget(tx *gorm.DB) error {
	var count int64
	if err := m.mine(tx).Where("item <> ''").Count(&count).Error; err != nil {
		return wrapped("count what is remembered", err)
	}
	old := m.At.Add(-seenAnew)
	if int(count) > m.Keep {
		old = m.At // all of them, so that they are not the oldest
	}
	for some := range slices.Chunk(slices.Sorted(slices.Values(m.Again)), rememberedAtOnce) {
		if _, err := m.leave(tx, some, "remembered_items.seen_at < ?", old); err != nil {
			return err
		}
	}
	if int(count) <= m.Keep {
		return nil
	}
	err := tx.Exec(`DELETE FROM remembered_items WHERE workflow_id = ? AND step_id = ? AND scope = ? AND item IN (
		SELECT item FROM remembered_items WHERE workflow_id = ? AND step_id = ? AND scope = ? AND item <> '' ORDER BY seen_at, item LIMIT ?)`,
		m.WorkflowID, m.StepID, m.Scope, m.WorkflowID, m.StepID, m.Scope, int(count)-m.Keep).Error
	return wrapped("forget the oldest", err)
}

// Stale reports whether what a step has seen again has to be stored.
func Stale(seen, now time.Time) bool { return seen.Before(now.Add(-seenAnew)) }

// ClearRemembered removes at most limit items that steps have remembered which their
// workflows have no more, neither published nor in a draft, where no run has seen
// anything since a time. Other memories stay as long as their workflow: what they forgot
// would be new again.
func ClearRemembered(ctx context.Context, db *gorm.DB, before time.Time, limit int) (int64, error) {
	// A definition is large: it is looked through once for a step, and not for each item.
	cleared := db.WithContext(ctx).Exec(`WITH old AS MATERIALIZED (
		SELECT workflow_id, step_id FROM remembered_items GROUP BY workflow_id, step_id HAVING max(seen_at) < ?
	), gone AS MATERIALIZED (
		SELECT old.workflow_id, old.step_id FROM old
		JOIN workflows w ON w.id = old.workflow_id
		LEFT JOIN workflow_versions v ON v.id = w.version_id
		WHERE CAST(w.draft AS text) NOT LIKE '%"' || old.step_id || '"%' AND coalesce(CAST(v.definition AS text), '') NOT LIKE '%"' || old.step_id || '"%'
	)
	DELETE FROM remembered_items WHERE (workflow_id, step_id, scope, item) IN (
		SELECT i.workflow_id, i.step_id, i.scope, i.item FROM remembered_items i
		JOIN gone ON gone.workflow_id = i.workflow_id AND gone.step_id = i.step_id
		LIMIT ?)`, before, limit)
	if cleared.Error != nil {
		return 0, wrapped("forget what no step remembers", cleared.Error)
	}
	return cleared.RowsAffected, nil
}
