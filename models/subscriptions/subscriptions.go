// Package subscriptions has the addresses of calendar files that are fetched once a day, and
// what came of it. A row changes hands by compare-and-set: whoever takes it raises its number
// of tries, and what belongs to an older try changes nothing.
package subscriptions

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"workflows/models"
	"workflows/models/plain"
)

// Subscription is an address, and the calendar whose days come from it.
type Subscription struct {
	ID string `gorm:"primaryKey"`
	// CalendarID is nil while somebody only looks at what the file says.
	CalendarID *string
	Sealed     string // the address, by worker/secrets; "" when nobody can read it any more
	Host       string // all of the address that is ever shown
	Choice     models.JSON
	Own        models.JSON // the days of a person beside those that came
	Came       models.JSON // the days that came from the address last
	Excluded   models.JSON // the dates of these that a person has left out
	Offered    models.JSON // the groups of days that the file had last
	LeftOut    int         // how many of its events
	ETag       string      `gorm:"column:etag"`
	Modified   string
	Content    string // of the file, as long as somebody looks at it
	// DueAt is when it is fetched next, or taken for lost while it is being fetched; nil is never.
	DueAt     *time.Time
	Begun     bool // it is being fetched
	Tries     int
	TriedAt   *time.Time // the last time, well or not
	FetchedAt *time.Time // the last time that it went well
	ReadAt    *time.Time // the last time that all of the file came
	ChangedAt *time.Time // the last time that days came or went by it
	Problem   string     // why the last time did not go well, in a sentence; "" when it did
	// FailingSince is when it first did not go well; FailedDays counts the days since then on
	// which it was tried.
	FailingSince *time.Time
	FailedDays   int
	CreatedAt    time.Time
}

// lookedFor is how long what somebody has looked at is kept.
const lookedFor = 24 * time.Hour

// Insert stores a new one.
func Insert(ctx context.Context, tx *gorm.DB, s *Subscription) error {
	if err := plain.Create(ctx, tx, s); err != nil {
		return fmt.Errorf("store the calendar's address: %w", models.Kind(err))
	}
	return nil
}

// Look returns what somebody looks at.
func Look(ctx context.Context, db *gorm.DB, id string) (Subscription, error) {
	if !models.ValidID(id) {
		return Subscription{}, models.ErrNotFound
	}
	found, err := plain.Take[Subscription](ctx, db.Where("id = ? AND calendar_id IS NULL", id))
	if err != nil {
		return Subscription{}, fmt.Errorf("find what an address says: %w", models.Kind(err))
	}
	return found, nil
}

// Of returns the subscription of a calendar; nil when it has none.
func Of(ctx context.Context, db *gorm.DB, calendarID string) (*Subscription, error) {
	found, err := All(ctx, db, calendarID)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

// All returns the subscriptions of these calendars.
func All(ctx context.Context, db *gorm.DB, calendarIDs ...string) ([]Subscription, error) {
	if len(calendarIDs) == 0 {
		return nil, nil
	}
	found, err := plain.Find[Subscription](ctx, db.Where("calendar_id IN ?", calendarIDs))
	if err != nil {
		return nil, fmt.Errorf("find the addresses of calendars: %w", models.Kind(err))
	}
	return found, nil
}

// LockCalendar returns a calendar that nobody else changes until the transaction ends, and
// its subscription; nil when it has none.
func LockCalendar(ctx context.Context, tx *gorm.DB, id string) (models.Calendar, *Subscription, error) {
	locked := tx
	if models.IsPostgres(tx) {
		locked = tx.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate})
	}
	calendar, err := models.GetCalendar(ctx, locked, id)
	if err != nil {
		return models.Calendar{}, nil, err
	}
	subscription, err := Of(ctx, tx, id)
	return calendar, subscription, err
}

// Replace gives a calendar a subscription in the place of the one that it may have.
func Replace(ctx context.Context, tx *gorm.DB, calendarID string, s Subscription) error {
	if err := tx.WithContext(ctx).Exec("DELETE FROM subscriptions WHERE id = ? OR calendar_id = ?", s.ID, calendarID).Error; err != nil {
		return fmt.Errorf("replace the calendar's address: %w", models.Kind(err))
	}
	s.CalendarID = &calendarID
	return Insert(ctx, tx, &s)
}

// Decide stores what a person has decided beside an address.
func Decide(ctx context.Context, tx *gorm.DB, s Subscription) error {
	return models.Changed("store the days beside the calendar's address", tx.WithContext(ctx).Model(&Subscription{}).Where("id = ?", s.ID).
		Updates(map[string]any{"own": s.Own, "excluded": s.Excluded}))
}

// End removes the subscription of a calendar, which keeps its days.
func End(ctx context.Context, tx *gorm.DB, calendarID string) error {
	return models.Changed("end the calendar's subscription", tx.WithContext(ctx).Where("calendar_id = ?", calendarID).Delete(&Subscription{}))
}

// Hurry has a calendar's address fetched at once, unless it is being fetched.
func Hurry(ctx context.Context, db *gorm.DB, calendarID string, now time.Time) error {
	err := db.WithContext(ctx).Exec("UPDATE subscriptions SET due_at = ? WHERE calendar_id = ? AND begun = ? AND sealed <> ''", now, calendarID, false).Error
	if err != nil {
		return fmt.Errorf("have the calendar's address fetched: %w", models.Kind(err))
	}
	return nil
}

// Due returns those that are to be fetched by now: first what somebody waits for.
func Due(ctx context.Context, db *gorm.DB, now time.Time, limit int) ([]Subscription, error) {
	found, err := plain.Find[Subscription](ctx, db.Where("due_at IS NOT NULL AND due_at <= ?", now).Order("CASE WHEN calendar_id IS NULL THEN 0 ELSE 1 END, due_at").Limit(limit))
	if err != nil {
		return nil, fmt.Errorf("look for addresses of calendars that are to be fetched: %w", models.Kind(err))
	}
	return found, nil
}

// Take takes one for a try that ends by a time; false when another worker has taken it.
func Take(ctx context.Context, db *gorm.DB, s *Subscription, until time.Time) (bool, error) {
	taken := db.WithContext(ctx).Exec("UPDATE subscriptions SET tries = tries + 1, begun = ?, due_at = ? WHERE id = ? AND tries = ? AND due_at IS NOT NULL", true, until, s.ID, s.Tries)
	if taken.Error != nil {
		return false, fmt.Errorf("take the address of a calendar: %w", models.Kind(taken.Error))
	}
	s.Tries++
	return taken.RowsAffected == 1, nil
}

// Settle stores what came of a try; false, and nothing is stored, when a later one has begun
// or the address is gone.
func Settle(ctx context.Context, tx *gorm.DB, s Subscription) (bool, error) {
	done := tx.WithContext(ctx).Model(&Subscription{}).Where("id = ? AND tries = ?", s.ID, s.Tries).Updates(map[string]any{
		"own": s.Own, "came": s.Came, "offered": s.Offered, "left_out": s.LeftOut, "etag": s.ETag, "modified": s.Modified, "content": s.Content, "due_at": s.DueAt, "begun": false,
		"tried_at": s.TriedAt, "fetched_at": s.FetchedAt, "read_at": s.ReadAt, "changed_at": s.ChangedAt,
		"problem": s.Problem, "failing_since": s.FailingSince, "failed_days": s.FailedDays,
	})
	if done.Error != nil {
		return false, fmt.Errorf("store what came from the address of a calendar: %w", models.Kind(done.Error))
	}
	return done.RowsAffected == 1, nil
}

// GiveBack ends a try that came to nothing, so that another worker begins one at once.
func GiveBack(ctx context.Context, db *gorm.DB, s Subscription, now time.Time) error {
	err := db.WithContext(ctx).Exec("UPDATE subscriptions SET due_at = ?, begun = ? WHERE id = ? AND tries = ?", now, false, s.ID, s.Tries).Error
	if err != nil {
		return fmt.Errorf("give back the address of a calendar: %w", models.Kind(err))
	}
	return nil
}

// ClearLooks removes at most limit of those that somebody only looked at, a day ago. The time
// before which other things are cleared does not matter to them.
func ClearLooks(ctx context.Context, db *gorm.DB, _ time.Time, limit int) (int64, error) {
	cleared := db.WithContext(ctx).Exec("DELETE FROM subscriptions WHERE id IN (SELECT id FROM subscriptions WHERE calendar_id IS NULL AND created_at < ? LIMIT ?)", models.Now().Add(-lookedFor), limit)
	if cleared.Error != nil {
		return 0, fmt.Errorf("clear what addresses of calendars said: %w", models.Kind(cleared.Error))
	}
	return cleared.RowsAffected, nil
}

// SealedAddress is the address of a calendar as it is encrypted.
type SealedAddress struct{ ID, Sealed, Calendar string }

// Sealed returns those of all calendars, in one order. What somebody only looks at is not
// among them.
func Sealed(ctx context.Context, db *gorm.DB) ([]SealedAddress, error) {
	var found []SealedAddress
	err := db.WithContext(ctx).Raw(`SELECT s.id, s.sealed, c.name AS calendar FROM subscriptions s
		JOIN calendars c ON c.id = s.calendar_id WHERE s.sealed <> '' ORDER BY s.id`).Scan(&found).Error
	if err != nil {
		return nil, fmt.Errorf("list the addresses of calendars: %w", models.Kind(err))
	}
	return found, nil
}

// Reseal replaces how an address is encrypted, unless it was replaced since it was read.
func Reseal(ctx context.Context, tx *gorm.DB, id, before, after string) error {
	err := tx.WithContext(ctx).Exec("UPDATE subscriptions SET sealed = ? WHERE id = ? AND sealed = ?", after, id, before).Error
	if err != nil {
		return fmt.Errorf("encrypt the address of a calendar again: %w", models.Kind(err))
	}
	return nil
}

// Forget leaves a subscription without its address, which nobody can read any more; its
// calendar keeps its days and is not fetched until somebody enters the address again. As no
// further try will count a day, it has failed on enough of them for an alert.
func Forget(ctx context.Context, tx *gorm.DB, id, why string, now time.Time) error {
	err := tx.WithContext(ctx).Exec("UPDATE subscriptions SET sealed = '', due_at = NULL, begun = ?, problem = ?, failing_since = COALESCE(failing_since, ?), failed_days = ? WHERE id = ?", false, why, now, models.FailedDaysAlert, id).Error
	if err != nil {
		return fmt.Errorf("forget the address of a calendar: %w", models.Kind(err))
	}
	return nil
}
