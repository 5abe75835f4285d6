package models_test

import (
	"testing"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
)

func TestAcknowledgementThatCannotBeRecordedIsNone(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		now := models.Now()
		w := models.Workflow{ID: models.NewID(), Name: "Nightly", Status: "active", Draft: models.JSON("{}"), DraftRevision: 1, CreatedAt: now, UpdatedAt: now}
		if err := models.InsertWorkflow(t.Context(), db, &w); err != nil {
			t.Fatal(err)
		}
		if err := models.OpenAlerts(t.Context(), db, models.Alert{Kind: models.AlertSlow, Subject: models.NewID(), WorkflowID: w.ID, Message: "It takes long.", OpenedAt: now, HappenedAt: now}); err != nil {
			t.Fatal(err)
		}
		open, err := models.OpenAlertsOf(t.Context(), db, models.AlertSlow, "", 1)
		if err != nil || len(open) != 1 {
			t.Fatalf("%+v, %v", open, err)
		}
		modelstest.RefuseAudit(t, db)
		if _, err := models.AcknowledgeAlert(t.Context(), db, open[0].ID, "Ada", now); err == nil {
			t.Error("it was acknowledged")
		}
		if open, err = models.OpenAlertsOf(t.Context(), db, models.AlertSlow, "", 1); err != nil || open[0].AcknowledgedAt != nil {
			t.Errorf("%+v, %v", open, err)
		}
	})
}
