package catalog

import (
	"context"

	"workflows/worker/schedule"
)

// MinuteMove gives a schedule another minute of its hours. Line is the cron line
// that the person was shown: a draft that says something else by now is left alone.
type MinuteMove struct {
	TriggerID, Line string
	Minute          int
}

// Moved is what became of the moves in one workflow.
type Moved struct {
	Schedules int  // how many were changed in the draft
	Published bool // the draft runs now
	// OtherChanges says that the draft had changes before, so that publishing is left
	// to the person who knows them.
	OtherChanges bool
}

// MoveMinutes changes the minutes of a workflow's schedules in its draft, and
// publishes it when asked to and when it had no other changes. Doing it again
// changes nothing.
func (c *Catalog) MoveMinutes(ctx context.Context, id string, moves []MinuteMove, publish bool, by string) (Moved, error) {
	w, d, err := c.draft(ctx, id)
	if err != nil {
		return Moved{}, err
	}
	before, err := published(ctx, c.DB, w, d)
	if err != nil {
		return Moved{}, err
	}
	moved := Moved{OtherChanges: !before}
	for _, move := range moves {
		line, ok := schedule.AtMinute(move.Line, move.Minute)
		for i := range d.Triggers {
			t := &d.Triggers[i]
			if ok && t.ID == move.TriggerID && t.Cron == move.Line && line != move.Line {
				t.Cron = line
				moved.Schedules++
			}
		}
	}
	if moved.Schedules == 0 {
		return moved, nil
	}
	saved, err := c.SaveDraftLoosely(ctx, id, d, &w.DraftRevision, by)
	if err != nil {
		return Moved{}, err
	}
	if !publish || moved.OtherChanges {
		return moved, nil
	}
	if _, err := c.Publish(ctx, id, &saved.DraftRevision, by); err != nil {
		return moved, err
	}
	moved.Published = true
	return moved, nil
}
