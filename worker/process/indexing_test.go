package process_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/models/runs"
	"workflows/worker/engine"
	"workflows/worker/process"
	"workflows/worker/queue/queuetest"
	"workflows/worker/secrets"
	"workflows/worker/steps"
)

func TestARunIsFoundSoonByWhatItsStepsGaveAndByNoSecret(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		vault, err := secrets.Open(secrets.NewKey("k1"))
		must(t, err)
		vault.DB, vault.Log = db, slog.New(slog.DiscardHandler)
		_, err = vault.Put(t.Context(), "KEY", "Canarybird-4711", "Ada")
		must(t, err)
		q, types := queuetest.Mini(t), steps.All(steps.Options{})
		start(t, process.Config{DB: db, Queue: q, Types: types, Secrets: vault, Concurrency: 3, Grace: time.Second})
		w := publish(t, db, `{"format":1,"name":"W","steps":[{"id":"s","type":"set_values","config":{"values":{"x":"stepword {{ secrets.KEY }}"}}},{"id":"e","type":"set_values","config":{"values":{"y":"endword"}}}]}`)
		e := engine.New(engine.Options{DB: db, Queue: q, Types: types, Secrets: vault})
		run, _, err := e.StartNow(t.Context(), engine.StartRequest{WorkflowID: w.ID, Input: map[string]any{}, Trigger: engine.Trigger{Type: engine.TriggerManual}})
		must(t, err)
		find := func(typed string) []models.Run {
			found, _, err := runs.List(t.Context(), db, runs.Filter{Search: typed})
			must(t, err)
			return found
		}
		modelstest.Eventually(t, "the run is found by what a step gave", func() bool {
			found := find("stepword endword")
			return len(found) == 1 && found[0].ID == run.ID
		})
		if found := find("canarybird"); len(found) > 0 {
			t.Error("it is found by a secret")
		}
		for table, text := range modelstest.Everything(t, db) {
			if strings.Contains(strings.ToLower(text), "canarybird") {
				t.Error("the secret stands in", table)
			}
		}
	})
}
