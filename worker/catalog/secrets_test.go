package catalog_test

import (
	"fmt"
	"testing"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/worker/secrets"
	"workflows/worker/workflow"
)

// A thousand workflows that name another secret stand before the one that uses it.
func TestASecretInUseIsFoundBehindManyThatNameAnother(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		keys := must[*secrets.Keys](t)(secrets.ParseKeys(secrets.NewKey("k1")))
		vault := secrets.Store{DB: db, Keys: keys, Redactor: &secrets.Redactor{}}
		must[models.Secret](t)(vault.Put(t.Context(), "KEY", "value-of-key", ""))
		err := models.Tx(t.Context(), db, func(tx *gorm.DB) error {
			for i := range 1002 {
				secret := "SHOP_KEY"
				if i == 1001 {
					secret = "KEY"
				}
				d := definition(fmt.Sprintf("Flow %04d", i))
				d.Steps = []workflow.Step{{ID: "call", Type: "http_request", Config: map[string]any{"headers": map[string]any{"X": "{{ secrets." + secret + " }}"}}}}
				if i == 1000 { // by its name alone
					d.Steps = []workflow.Step{{ID: "tell", Type: "chat_message", Config: map[string]any{"webhook_secret": secret, "text": "Hello"}}}
				}
				w := models.Workflow{ID: models.NewID(), Name: d.Name, Status: workflow.StatusDraft, Draft: d.Marshal(), DraftRevision: 1, CreatedAt: start, UpdatedAt: start}
				if err := models.InsertWorkflow(t.Context(), tx, &w); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		c, _ := newCatalog(db)
		uses, err := c.SecretUses(t.Context())
		if err != nil || len(uses["KEY"]) != 1 || len(uses["SHOP_KEY"]) != 1001 || uses["SHOP_KEY"][1000].Name != "Flow 1000" {
			t.Errorf("KEY is used by %d, SHOP_KEY by %d, %v", len(uses["KEY"]), len(uses["SHOP_KEY"]), err)
		}
		if err := c.DeleteSecret(t.Context(), "KEY"); conflictCode(err) != "in_use" {
			t.Errorf("deleting it: %v", err)
		}
	})
}
