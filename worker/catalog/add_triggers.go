package catalog

import (
	"context"

	"workflows/worker/schedule"
	"workflows/worker/workflow"
)

// AddTriggers adds schedules to a workflow's draft, with ids that are free, but for
// those of which it has one with the same times already. It returns how many.
func (c *Catalog) AddTriggers(ctx context.Context, id string, triggers []workflow.Trigger, by string) (int, error) {
	w, d, err := c.draft(ctx, id)
	if err != nil {
		return 0, err
	}
	added := 0
	for _, t := range triggers {
		if hasTimes(d.Triggers, t) {
			continue
		}
		t.ID = workflow.NewStepID(d, "schedule")
		d.Triggers = append(d.Triggers, t)
		added++
	}
	if added == 0 {
		return 0, nil
	}
	_, err = c.SaveDraft(ctx, id, d, &w.DraftRevision, by)
	return added, err
}

func hasTimes(triggers []workflow.Trigger, t workflow.Trigger) bool {
	for _, other := range triggers {
		if schedule.SameTimes(other, t) {
			return true
		}
	}
	return false
}
