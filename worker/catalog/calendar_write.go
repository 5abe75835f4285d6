package catalog

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/subscriptions"
	"workflows/worker/schedule"
	"workflows/worker/subscription"
	"workflows/worker/workflow"
)

// CalendarDays are the free days of a calendar: weekdays (0 is Sunday) and dates, and
// the dates on which is worked although their weekday is free. To replace a calendar's
// days with nil of the last leaves those as they are.
type CalendarDays struct {
	Weekend []int
	Days    []schedule.FreeDay
	Working []schedule.FreeDay
	// Beside says that Days and Working are a person's own, beside those that come from the
	// calendar's address, of which the dates Excluded are left out. Without it they are all
	// days of the calendar.
	Beside   bool
	Excluded []string
	// Look is what somebody has looked at and subscribes to; "" leaves the subscription as it
	// is. Choice is what is taken of it.
	Look   string
	Choice subscription.Choice
}

// CreateCalendar stores a new calendar. What is wrong with it, a name that is
// taken included, is a *models.InvalidError.
func (c *Catalog) CreateCalendar(ctx context.Context, name string, days CalendarDays) (models.Calendar, error) {
	now := c.now()
	made := models.Calendar{ID: models.NewID(), Name: name, CreatedAt: now, UpdatedAt: now}
	followed, err := c.lookedAt(ctx, days, subscription.Beside{})
	if err != nil {
		return models.Calendar{}, err
	}
	err = models.Tx(ctx, c.DB, func(tx *gorm.DB) error {
		if err := days.put(&made, followed); err != nil {
			return err
		}
		if err := models.InsertCalendar(ctx, tx, &made); err != nil {
			return err
		}
		if err := recordCalendar(ctx, tx, "created", made, nil, calendarFacts(made)); err != nil {
			return err
		}
		return c.follow(ctx, tx, made, followed)
	})
	if models.Unique(err) {
		return models.Calendar{}, invalidCalendar([]workflow.Problem{{Path: "name", Code: "taken", Message: "There is a calendar of this name already. Choose another name."}})
	}
	return made, err
}

// UpdateCalendar replaces a calendar's free days and moves the next times of all
// schedules that heed it, in one transaction. It reports how many do.
func (c *Catalog) UpdateCalendar(ctx context.Context, id string, days CalendarDays) (changed models.Calendar, schedules int, err error) {
	var past subscription.Beside
	if present, err := subscriptions.Of(ctx, c.DB, id); err != nil {
		return models.Calendar{}, 0, err
	} else if present != nil {
		if past, err = subscription.BesideOf(*present); err != nil {
			return models.Calendar{}, 0, err
		}
	}
	looked, err := c.lookedAt(ctx, days, past)
	if err != nil {
		return models.Calendar{}, 0, err
	}
	err = models.Tx(ctx, c.DB, func(tx *gorm.DB) error {
		before, followed, err := subscriptions.LockCalendar(ctx, tx, id)
		if err != nil {
			return err
		}
		if days.Beside && followed == nil {
			return &models.ConflictError{Code: "not_subscribed", Message: "This calendar's subscription has ended meanwhile; its days are all your own now. Open the calendar anew and change them."}
		}
		chosen := days
		if followed != nil {
			if past, err = subscription.BesideOf(*followed); err != nil {
				return err
			}
			chosen.Excluded = subscription.StillOut(days.Excluded, past, c.now())
		}
		if looked != nil {
			followed = looked
		}
		after := before
		if err := chosen.put(&after, followed); err != nil {
			return err
		}
		after.UpdatedAt = c.now()
		if err := models.UpdateCalendar(ctx, tx, after); err != nil {
			return err
		}
		if schedules, err = schedule.MoveWithCalendar(ctx, tx, before.Name, c.now()); err != nil {
			return err
		}
		if changed, err = models.GetCalendar(ctx, tx, id); err != nil {
			return err
		}
		if err := recordCalendar(ctx, tx, "changed", changed, calendarFacts(before), calendarFacts(changed)); err != nil {
			return err
		}
		if looked == nil && followed != nil {
			return subscriptions.Decide(ctx, tx, *followed)
		}
		return c.follow(ctx, tx, changed, looked)
	})
	return changed, schedules, err
}

// DeleteCalendar removes a calendar that no schedule heeds; else it is a
// *models.ConflictError that names the workflows.
func (c *Catalog) DeleteCalendar(ctx context.Context, id string) error {
	return models.Tx(ctx, c.DB, func(tx *gorm.DB) error {
		calendar, err := models.GetCalendar(ctx, tx, id)
		if err != nil {
			return err
		}
		uses, err := models.CalendarUses(ctx, tx)
		if err != nil {
			return err
		}
		var names []string
		for _, use := range uses {
			if use.Calendar == calendar.Name {
				names = append(names, "“"+use.WorkflowName+"”")
			}
		}
		if len(names) > 0 {
			return &models.ConflictError{Code: "in_use", Message: "Schedules or deadlines of these workflows heed this calendar: " + strings.Join(names, ", ") + ". Take it out of them first."}
		}
		if err := models.DeleteCalendar(ctx, tx, id); err != nil {
			return err
		}
		return recordCalendar(ctx, tx, "deleted", calendar, calendarFacts(calendar), nil)
	})
}

// put checks the days and writes them into a calendar as they are kept, in order. Of one that
// follows an address it is written down which are a person's own.
func (d CalendarDays) put(c *models.Calendar, followed *subscriptions.Subscription) error {
	if d.Working == nil {
		kept, err := schedule.CalendarDaysOf(models.Calendar{Name: c.Name, Weekend: models.JSON("[]"), Days: models.JSON("[]"), WorkingDays: c.WorkingDays})
		if err != nil {
			return err
		}
		d.Working = kept.Working
	}
	// What a person has typed twice is said before it is joined with what came.
	if problems := schedule.CheckCalendar(c.Name, schedule.CalendarDays{Weekend: d.Weekend, Free: d.Days, Working: d.Working}); len(problems) > 0 {
		return invalidCalendar(problems)
	}
	days := subscription.Days{Free: d.Days, Working: d.Working}
	if followed != nil {
		var err error
		if days, err = d.beside(followed, days); err != nil {
			return err
		}
		if problems := schedule.CheckCalendar(c.Name, schedule.CalendarDays{Free: days.Free, Working: days.Working}); len(problems) > 0 {
			return invalidCalendar(problems)
		}
	}
	free := slices.Sorted(slices.Values(d.Weekend))
	var err error
	if c.Weekend, err = models.ToJSON(append([]int{}, slices.Compact(free)...)); err != nil {
		return err
	}
	if c.Days, err = inOrder(days.Free); err != nil {
		return err
	}
	c.WorkingDays, err = inOrder(days.Working)
	return err
}

// beside writes down what a person has decided beside an address, and returns what the
// calendar's days are by that.
func (d CalendarDays) beside(followed *subscriptions.Subscription, sent subscription.Days) (subscription.Days, error) {
	b, err := subscription.BesideOf(*followed)
	if err != nil {
		return sent, err
	}
	switch {
	case d.Look != "": // what just comes from there as well is no day of a person's own
		b.Own, _ = subscription.Part(sent, b.Came)
		b.Excluded = d.Excluded
	case d.Beside:
		b.Own, b.Excluded = sent, d.Excluded
	default:
		b.Own, b.Excluded = subscription.Part(sent, b.Came)
	}
	if followed.Own, err = models.ToJSON(b.Own); err != nil {
		return sent, err
	}
	if followed.Excluded, err = models.ToJSON(append([]string{}, b.Excluded...)); err != nil {
		return sent, err
	}
	return subscription.Join(b.Own, b.Came, b.Excluded), nil
}

func inOrder(days []schedule.FreeDay) (models.JSON, error) {
	dates := append([]schedule.FreeDay{}, days...)
	slices.SortFunc(dates, func(a, b schedule.FreeDay) int { return cmp.Compare(a.Date, b.Date) })
	return models.ToJSON(dates)
}

func invalidCalendar(problems []workflow.Problem) error {
	err := &models.InvalidError{Code: "invalid_calendar", Message: "The calendar was not saved: correct what is marked."}
	for _, problem := range problems {
		err.Fields = append(err.Fields, models.FieldError{Path: problem.Path, Code: problem.Code, Message: problem.Message})
	}
	return err
}
