package subscription

import (
	"context"
	"errors"
	"strings"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/subscriptions"
	"workflows/worker/schedule"
)

// outcome is what a fetch came to, read.
type outcome struct {
	Answer
	reading Reading
	problem string // why nothing is taken of it; "" where something is
}

// read reads what came, before anything is locked for it.
func (f *Fetcher) read(ctx context.Context, s subscriptions.Subscription, answer Answer, now time.Time) (outcome, error) {
	o := outcome{Answer: answer}
	if answer.Unchanged || s.CalendarID == nil { // somebody looks at it, and reads it
		return o, nil
	}
	choice, err := ChoiceOf(s.Choice)
	if err != nil {
		return o, err
	}
	o.reading, err = Read(ctx, answer.Text, choice, now)
	switch {
	case err != nil:
		o.problem = "What the address sends is not taken: " + Why(err) + "."
	case o.reading.Days.Empty():
		o.problem = "The calendar at the address has no day any more that is still to come and that you take."
	}
	return o, nil
}

// store stores what came of a fetch. What changes the days of a calendar moves the next times
// of its schedules, and stands in the audit log, in the same transaction.
func (f *Fetcher) store(ctx context.Context, s subscriptions.Subscription, o outcome, now time.Time) error {
	if s.CalendarID == nil {
		if o.problem != "" {
			Badly(&s, o.problem, now)
		} else {
			Well(&s, false, now)
			s.ETag, s.Modified, s.Content = o.ETag, o.Modified, o.Text
		}
		_, err := subscriptions.Settle(ctx, f.DB, s)
		return err
	}
	return models.Tx(ctx, f.DB, func(tx *gorm.DB) error {
		calendar, stored, err := subscriptions.LockCalendar(ctx, tx, *s.CalendarID)
		if errors.Is(err, models.ErrNotFound) || err == nil && (stored == nil || stored.ID != s.ID || stored.Tries != s.Tries) {
			return nil // it was deleted or replaced meanwhile, or another worker has it
		}
		if err != nil {
			return err
		}
		after, problem := *stored, o.problem
		if problem == "" && !o.Unchanged {
			if problem, err = f.renew(ctx, tx, calendar, &after, o, now); err != nil {
				return err
			}
		}
		if problem != "" {
			after = *stored
			Badly(&after, problem, now)
		} else {
			Well(&after, o.Unchanged, now)
		}
		_, err = subscriptions.Settle(ctx, tx, after)
		return err
	})
}

// renew replaces the days that came from the address. problem is why they stay as they were.
func (f *Fetcher) renew(ctx context.Context, tx *gorm.DB, calendar models.Calendar, s *subscriptions.Subscription, o outcome, now time.Time) (problem string, err error) {
	beside, err := BesideOf(*s)
	if err != nil {
		return "", err
	}
	came := Renew(beside.Came, o.reading.Days, now)
	if s.ReadAt == nil { // what just comes from there as well is no day of a person's own
		beside.Own, _ = Part(beside.Own, came)
	}
	if s.Own, err = models.ToJSON(beside.Own); err != nil {
		return "", err
	}
	s.ETag, s.Modified, s.LeftOut = o.ETag, o.Modified, o.reading.LeftOut
	if s.Offered, err = models.ToJSON(o.reading.Groups); err != nil {
		return "", err
	}
	if s.Came, err = models.ToJSON(came); err != nil {
		return "", err
	}
	return f.change(ctx, tx, calendar, s, Join(beside.Own, came, beside.Excluded), now)
}

// change gives a calendar its days, if they are not those that it has.
func (f *Fetcher) change(ctx context.Context, tx *gorm.DB, calendar models.Calendar, s *subscriptions.Subscription, days Days, now time.Time) (problem string, err error) {
	was, err := CalendarDays(calendar)
	if err != nil || days.Equal(was.only(all)) {
		return "", err
	}
	if problems := schedule.CheckCalendar(calendar.Name, schedule.CalendarDays{Free: days.Free, Working: days.Working}); len(problems) > 0 {
		return "What the address sends is not taken. " + problems[0].Message, nil
	}
	after := calendar
	if err := Put(&after, days); err != nil {
		return "", err
	}
	s.ChangedAt, after.UpdatedAt = &now, now
	if err := models.UpdateCalendar(ctx, tx, after); err != nil {
		return "", err
	}
	moved, err := schedule.MoveWithCalendar(ctx, tx, calendar.Name, now)
	if err != nil {
		return "", err
	}
	return "", models.Record(ctx, tx, models.Act{
		Action: "calendar.changed", ObjectKind: "calendar", ObjectID: calendar.ID, ObjectName: calendar.Name,
		Before: map[string]any{"days": calendar.Days, "working_days": calendar.WorkingDays},
		After:  map[string]any{"days": after.Days, "working_days": after.WorkingDays, "from": Shown(s.Host), "schedules": moved},
	})
}

// Put writes days into a calendar as they are kept.
func Put(c *models.Calendar, days Days) (err error) {
	list := func(days []schedule.FreeDay) []schedule.FreeDay { return append([]schedule.FreeDay{}, days...) }
	if c.Days, err = models.ToJSON(list(days.Free)); err != nil {
		return err
	}
	c.WorkingDays, err = models.ToJSON(list(days.Working))
	return err
}

// Shown is all that is said of an address.
func Shown(host string) string { return strings.TrimSuffix(host, "/") + "/…" }
