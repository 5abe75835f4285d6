package catalog

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/worker/schedule"
	"workflows/worker/workflow"
)

// CalendarDays are the free days of a calendar: weekdays (0 is Sunday) and dates, and
// the dates on which is worked although their weekday is free. To replace a calendar's
// days with nil of the last leaves those as they are.
type CalendarDays struct {
	Weekend []int
	Days    []schedule.FreeDay
	Working []schedule.FreeDay
}

// CreateCalendar stores a new calendar. What is wrong with it, a name that is
// taken included, is a *models.InvalidError.
func (c *Catalog) CreateCalendar(ctx context.Context, name string, days CalendarDays) (models.Calendar, error) {
	now := c.now()
	made := models.Calendar{ID: models.NewID(), Name: name, CreatedAt: now, UpdatedAt: now}
	if err := days.put(&made); err != nil {
		return models.Calendar{}, err
	}
	err := models.Tx(ctx, c.DB, func(tx *gorm.DB) error {
		if err := models.InsertCalendar(ctx, tx, &made); err != nil {
			return err
		}
		return recordCalendar(ctx, tx, "created", made, nil, calendarFacts(made))
	})
	if models.Unique(err) {
		return models.Calendar{}, invalidCalendar([]workflow.Problem{{Path: "name", Code: "taken", Message: "There is a calendar of this name already. Choose another name."}})
	}
	return made, err
}

// UpdateCalendar replaces a calendar's free days and moves the next times of all
// schedules that heed it, in one transaction. It reports how many do.
func (c *Catalog) UpdateCalendar(ctx context.Context, id string, days CalendarDays) (changed models.Calendar, schedules int, err error) {
	err = models.Tx(ctx, c.DB, func(tx *gorm.DB) error {
		before, err := models.GetCalendar(ctx, tx, id)
		if err != nil {
			return err
		}
		after := before
		if err := days.put(&after); err != nil {
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
		return recordCalendar(ctx, tx, "changed", changed, calendarFacts(before), calendarFacts(changed))
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

// put checks the days and writes them into a calendar as they are kept, in order.
func (d CalendarDays) put(c *models.Calendar) error {
	if d.Working == nil {
		kept, err := schedule.CalendarDaysOf(models.Calendar{Name: c.Name, Weekend: models.JSON("[]"), Days: models.JSON("[]"), WorkingDays: c.WorkingDays})
		if err != nil {
			return err
		}
		d.Working = kept.Working
	}
	if problems := schedule.CheckCalendar(c.Name, schedule.CalendarDays{Weekend: d.Weekend, Free: d.Days, Working: d.Working}); len(problems) > 0 {
		return invalidCalendar(problems)
	}
	free := slices.Sorted(slices.Values(d.Weekend))
	var err error
	if c.Weekend, err = models.ToJSON(append([]int{}, slices.Compact(free)...)); err != nil {
		return err
	}
	if c.Days, err = inOrder(d.Days); err != nil {
		return err
	}
	c.WorkingDays, err = inOrder(d.Working)
	return err
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
