package hooks

import (
	"encoding/json"
	"testing"

	"workflows/models"
	"workflows/worker/engine"
)

func TestAFilterTellsLongNumbersApart(t *testing.T) {
	hook := models.CalledWebhook{Webhook: models.Webhook{Rule: models.JSON(`{"id":"w","type":"webhook","filter":{"conditions":[{"value":"{{ trigger.body.id }}","operator":"equals","other":9007199254740993}]}}`)}}
	for sent, passes := range map[json.Number]bool{"9007199254740993": true, "9007199254740992": false} {
		d := &delivery{hook: hook, body: map[string]any{"id": sent}}
		if err := d.know(t.Context()); err != nil {
			t.Fatal(err)
		}
		if why := d.filtered(engine.Trigger{Type: engine.TriggerWebhook}); (why == "") != passes {
			t.Errorf("%s: %q", sent, why)
		}
	}
}
