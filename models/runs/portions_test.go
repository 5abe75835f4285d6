package runs_test

import (
	"testing"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/models/runs"
)

func TestRunsAreCountedByTheirWorkflows(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		workflow := func(name string) string {
			id, _ := workflowWithRuns(t, db, name)
			return id
		}
		var ids []string
		add := func(number int, workflowID, versionID, name string, version int) {
			for range number {
				run := models.Run{
					ID: models.NewID(), WorkflowID: workflowID, VersionID: versionID, Version: version, WorkflowName: name, Status: "failed",
					TriggerType: "manual", Trigger: models.JSON(`{}`), Queue: "default", QueuedAt: models.Now(),
				}
				if err := db.Create(&run).Error; err != nil {
					t.Fatal(err)
				}
				ids = append(ids, run.ID)
			}
		}
		orders, mails, old, fresh := workflow("Orders"), workflow("Mails"), models.NewID(), models.NewID()
		add(600, orders, old, "Order", 1)
		add(500, orders, fresh, "Orders", 2) // in two pieces
		add(3, mails, models.NewID(), "Mails", 7)
		add(1, workflow("Not meant"), models.NewID(), "Not meant", 1)
		found, err := runs.Portions(t.Context(), db, append(ids[:1103:1103], models.NewID()))
		if err != nil || len(found) != 2 {
			t.Fatalf("%+v %v", found, err)
		}
		if o := found[0]; o.WorkflowID != orders || o.WorkflowName != "Orders" || o.Number != 1100 || len(o.Versions) != 2 || o.Versions[0] != fresh || o.Versions[1] != old {
			t.Errorf("%+v", o)
		}
		if m := found[1]; m.WorkflowID != mails || m.Number != 3 {
			t.Errorf("%+v", m)
		}
		if none, err := runs.Portions(t.Context(), db, nil); err != nil || none != nil {
			t.Errorf("%+v %v", none, err)
		}
	})
}
