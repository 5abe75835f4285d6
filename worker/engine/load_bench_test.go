package engine

import (
	"testing"

	"workflows/models"
	"workflows/worker/workflow"
)

// What reading a version of three steps takes, of which a scheduler may have to read
// thousands at a time.
func BenchmarkReadAVersion(b *testing.B) {
	type config struct {
		URL  string `json:"url" ref:"true" required:"true"`
		Body any    `json:"body" ref:"true"`
	}
	types := workflow.Types{"call": workflow.NewStepType[config](workflow.StepType{Name: "call"}, nil)}
	row := models.WorkflowVersion{ID: models.NewID(), Definition: models.JSON(`{"format":1,"name":"Orders","inputs":[{"name":"order_id","type":"number","required":true}],"triggers":[{"id":"daily","type":"schedule","cron":"0 9 * * *","time_zone":"Europe/Berlin"}],
		"steps":[{"id":"a","type":"call","config":{"url":"https://shop.example.com/orders/{{ input.order_id }}"}},
		{"id":"b","type":"call","config":{"url":"https://shop.example.com/customers/{{ steps.a.body.customer | default 0 }}","body":"{{ steps.a.body }}"},"retry":{"max_attempts":3,"delay":"10s"}},
		{"id":"c","type":"call","config":{"url":"https://shop.example.com/done","body":"{{ steps.b.body.total }}"},"timeout":"30s"}],"settings":{"timeout":"1h"}}`)}
	for b.Loop() {
		if v, err := newVersion(row, types); err != nil || v.newer != "" {
			b.Fatal(v, err)
		}
	}
}
