package catalog

import (
	"context"

	"gorm.io/gorm"

	"workflows/models"
)

// record adds to the audit log what was done to a workflow.
func record(ctx context.Context, tx *gorm.DB, action string, w models.Workflow, before, after any) error {
	return models.Record(ctx, tx, models.Act{Action: "workflow." + action, ObjectKind: "workflow", ObjectID: w.ID, ObjectName: w.Name, Before: before, After: after})
}

func recordCalendar(ctx context.Context, tx *gorm.DB, action string, c models.Calendar, before, after any) error {
	return models.Record(ctx, tx, models.Act{Action: "calendar." + action, ObjectKind: "calendar", ObjectID: c.ID, ObjectName: c.Name, Before: before, After: after})
}

// calendarFacts are what the audit log says of a calendar.
func calendarFacts(c models.Calendar) any {
	return map[string]any{"weekend": c.Weekend, "days": c.Days}
}

// pauseFacts say until when and why something is paused.
func pauseFacts(p Pause) any {
	return map[string]any{"until": p.Until, "reason": p.Reason}
}
