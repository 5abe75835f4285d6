package routes_test

import (
	"strings"
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
			if run := s.run(a.decoded(t)["run_id"]); !strings.Contains(string(run.Trigger), `"body":`+c.Value+`,`) {
				t.Errorf("%s became %s", name, run.Trigger)
			}
		}
	})
}
