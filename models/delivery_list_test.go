package models_test

import (
	"os"
	"strings"
	"testing"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
)

func TestEarlierDeliveriesAreJudgedByTheirLength(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		ctx, now := t.Context(), models.Now()
		flow := models.Workflow{ID: models.NewID(), Name: "A", Status: "draft", DraftRevision: 1, Draft: models.JSON(`{}`), CreatedAt: now, UpdatedAt: now}
		if err := db.Create(&flow).Error; err != nil {
			t.Fatal(err)
		}
		hook := models.Webhook{ID: models.NewID(), WorkflowID: flow.ID, TriggerID: "shop", Token: "token", CreatedAt: now, UpdatedAt: now}
		if err := models.AddWebhook(ctx, db, &hook); err != nil {
			t.Fatal(err)
		}
		key := "1"
		rows := map[string]models.Delivery{
			models.KeptWhole:   {Body: "ä", BodyBytes: 2, Outcome: models.DeliveryFiltered, DeliveryKey: &key},
			models.KeptCut:     {Body: "ä", BodyBytes: 3, Outcome: models.DeliveryRejected},
			models.KeptChanged: {Body: "ä", BodyBytes: 1, Outcome: models.DeliveryRejected},
			models.KeptNone:    {Code: "too_large", Outcome: models.DeliveryRejected},
		}
		for kept, row := range rows {
			row.ID, row.WebhookID, row.ReceivedAt, row.Headers, row.Kept = models.NewID(), hook.ID, now, models.JSON("{}"), "?"
			if err := models.InsertDelivery(ctx, db, &row); err != nil {
				t.Fatal(err)
			}
			rows[kept] = row
		}
		again(t, db, "00013_deliveries.sql")
		for kept, row := range rows {
			found, err := models.GetDelivery(ctx, db, row.ID)
			if err != nil || found.Kept != kept || found.DeliveryKey != nil {
				t.Errorf("%s became %q with the id %v, %v", kept, found.Kept, found.DeliveryKey, err)
			}
		}
	})
}

// again takes a migration back and applies it to what the database holds now.
func again(t *testing.T, db *gorm.DB, name string) {
	t.Helper()
	folder := "migrations/sqlite/"
	if models.IsPostgres(db) {
		folder = "migrations/postgres/"
	}
	text, err := os.ReadFile(folder + name)
	if err != nil {
		t.Fatal(err)
	}
	up, down, _ := strings.Cut(string(text), "-- +goose Down")
	for _, part := range []string{down, up} {
		for statement := range strings.SplitSeq(part, ";") {
			if strings.TrimSpace(statement) == "" {
				continue
			}
			if err := db.Exec(statement).Error; err != nil {
				t.Fatal(err)
			}
		}
	}
}
