package catalog

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"workflows/worker/schedule"
	"workflows/worker/workflow"
)

// calendarProblems are those of triggers and deadlines that name calendars which do not exist.
// A draft may name one that is still to be made.
func (c *Catalog) calendarProblems(ctx context.Context, db *gorm.DB, d workflow.Definition) ([]workflow.Problem, error) {
	type use struct{ path, name string }
	var uses []use
	var names []string
	named := func(place string, i int, name string) {
		if name != "" {
			uses, names = append(uses, use{fmt.Sprintf("%s[%d].", place, i), name}), append(names, name)
		}
	}
	for i, t := range d.Triggers {
		named("triggers", i, t.Calendar)
	}
	for i, deadline := range d.Settings.MustSucceedBy {
		named("settings.must_succeed_by", i, deadline.Calendar)
	}
	calendars, err := schedule.LoadCalendars(ctx, db, names...)
	if err != nil {
		return nil, err
	}
	var problems []workflow.Problem
	for _, u := range uses {
		if calendars[u.name] != nil {
			continue
		}
		problem := schedule.UnknownCalendar(u.name)
		problem.Path, problem.Incomplete = u.path+problem.Path, true
		problems = append(problems, problem)
	}
	return problems, nil
}
