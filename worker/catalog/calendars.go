package catalog

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"workflows/worker/schedule"
	"workflows/worker/workflow"
)

// calendarProblems are those of triggers that name calendars which do not exist.
// A draft may name one that is still to be made.
func (c *Catalog) calendarProblems(ctx context.Context, db *gorm.DB, d workflow.Definition) ([]workflow.Problem, error) {
	var names []string
	for _, t := range d.Triggers {
		names = append(names, t.Calendar)
	}
	calendars, err := schedule.LoadCalendars(ctx, db, names...)
	if err != nil {
		return nil, err
	}
	var problems []workflow.Problem
	for i, t := range d.Triggers {
		if t.Calendar == "" || calendars[t.Calendar] != nil {
			continue
		}
		problem := schedule.UnknownCalendar(t.Calendar)
		problem.Path, problem.Incomplete = fmt.Sprintf("triggers[%d].%s", i, problem.Path), true
		problems = append(problems, problem)
	}
	return problems, nil
}
