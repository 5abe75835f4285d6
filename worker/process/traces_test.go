package process_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"gorm.io/gorm"

	"workflows/models/modelstest"
	"workflows/worker/engine"
	"workflows/worker/process"
	"workflows/worker/queue/queuetest"
	"workflows/worker/steps"
	"workflows/worker/tracing"
)

func TestRunsThatAWorkerEndsAreShownToTheCollectorAndTriesAreNot(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		var mu sync.Mutex
		sent := ""
		collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			mu.Lock()
			defer mu.Unlock()
			sent += string(body)
		}))
		t.Cleanup(collector.Close)
		shown := func(id string) bool {
			mu.Lock()
			defer mu.Unlock()
			return strings.Contains(sent, strings.ReplaceAll(id, "-", ""))
		}
		q, types := queuetest.Mini(t), steps.All(steps.Options{})
		e := engine.New(engine.Options{DB: db, Queue: q, Types: types})
		begin := func(definition, trigger string) string {
			w := publish(t, db, definition)
			run, _, err := e.StartNow(t.Context(), engine.StartRequest{WorkflowID: w.ID, Trigger: engine.Trigger{Type: trigger}})
			if err != nil {
				t.Fatal(err)
			}
			return run.ID
		}
		const good, bad = `{"format":1,"name":"W","steps":[{"id":"a","type":"set_values","config":{"values":{"x":1}}}]}`, `{"format":1,"name":"W","steps":[{"id":"a","type":"stop","config":{"outcome":"failed"}}]}`
		tried := begin(good, engine.TriggerTry)
		succeeded, failed := begin(good, engine.TriggerManual), begin(bad, engine.TriggerManual)
		start(t, process.Config{DB: db, Queue: q, Types: types, Concurrency: 3, Traces: &tracing.Target{Endpoint: collector.URL, Service: "workflows"}})
		modelstest.Eventually(t, "both are shown", func() bool { return shown(succeeded) && shown(failed) })
		modelstest.Eventually(t, "the try has ended", func() bool {
			var status string
			return db.Raw("SELECT status FROM runs WHERE id = ?", tried).Scan(&status).Error == nil && status == "succeeded"
		})
		last := begin(good, engine.TriggerManual)
		modelstest.Eventually(t, "what ended after it is shown", func() bool { return shown(last) })
		if shown(tried) {
			t.Error("the try is shown")
		}
	})
}
