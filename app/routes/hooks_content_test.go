package routes_test

import (
	"encoding/json"
	"testing"

	"workflows/worker/content/samples"
)

// The steps are held to the same table (worker/steps).
func TestWebhooksReadWhatIsSentAsStepsReadAnswers(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		_, path := s.hooked(object{"rate_per_minute": 6000})
		for name, c := range samples.Sent() {
			a := s.deliver(path, c.Body, "Content-Type", c.Label)
			if a.StatusCode != 202 {
				t.Errorf("%s answered %d %s", name, a.StatusCode, a.body)
				continue
			}
			var trigger struct{ Body json.RawMessage }
			run := s.run(a.decoded(t)["run_id"])
			if err := json.Unmarshal(run.Trigger, &trigger); err != nil || string(trigger.Body) != c.Value {
				t.Errorf("%s became %s, %v", name, run.Trigger, err)
			}
		}
	})
}
