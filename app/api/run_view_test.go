package api

import (
	"slices"
	"strings"
	"testing"

	"workflows/models"
	"workflows/worker/engine"
	"workflows/worker/steps"
)

func TestNumbersThatStartedARunKeepTheirDigits(t *testing.T) {
	const body = `{"id":9007199254740993,"big":12345678901234567890,"rate":0.10000000000000000001,"deep":[{"n":-9007199254740993}]}`
	for name, stored := range map[string]string{
		"webhook":  `{"type":"webhook","delivery_id":"d","headers":{"a":"b"},"body":` + body + `}`,
		"schedule": `{"type":"schedule","planned_at":"2026-12-24T18:00:00.000001+01:00","body":` + body + `}`,
	} {
		got := string(triggerOf(models.JSON(stored)))
		if !strings.Contains(got, `"body":`+body) {
			t.Errorf("%s: answered as %s", name, got)
		}
		if strings.Contains(got, "headers") || strings.Contains(got, "delivery_id") {
			t.Errorf("%s: tells what it did not tell before: %s", name, got)
		}
	}
	if got := string(triggerOf(models.JSON(`{"type":"schedule","planned_at":"2026-12-24T18:00:00+01:00"}`))); got != `{"type":"schedule","planned_at":"2026-12-24T17:00:00.000000Z"}` {
		t.Errorf("a planned time is answered as %s", got)
	}
}

func TestDocumentListsEveryWayToStartARun(t *testing.T) {
	document := (&API{Types: steps.All(steps.Options{})}).Document()
	trigger := document["components"].(object)["schemas"].(object)["RunTrigger"].(object)
	listed := trigger["properties"].(object)["type"].(object)["enum"].([]any)
	for _, known := range engine.TriggerTypes() {
		if !slices.Contains(listed, any(known)) {
			t.Errorf("%s is not in the document", known)
		}
	}
}
