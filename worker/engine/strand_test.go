package engine_test

import (
	"strings"
	"testing"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/worker/workflow"
)

// What a newer program wrote is left for it: never failed, and shown in words.
func TestARunThatAWorkerDoesNotKnowEnoughForWaitsForOneThatDoes(t *testing.T) {
	for name, c := range map[string]struct{ definition, wants string }{
		"a step type":            {`{"format": 1, "name": "N", "steps": [{"id": "a", "type": "note"}, {"id": "b", "type": "fax"}]}`, "the step “b”"},
		"a field":                {`{"format": 1, "name": "N", "steps": [{"id": "a", "type": "note", "only_on": "Monday"}]}`, "a definition of a newer kind"},
		"the format":             {`{"format": 2, "name": "N", "steps": [{"id": "a", "type": "note"}]}`, "a definition of a newer kind"},
		"a field of a step":      {`{"format": 1, "name": "N", "steps": [{"id": "a", "type": "set_values", "config": {"values": {"a": 1}, "in": "ink"}}]}`, "a setting of the step “Set values”"},
		"a field in a block":     {`{"format": 1, "name": "N", "steps": [{"id": "l", "type": "for_each", "config": {"list": [1]}, "do": [{"id": "a", "type": "wait", "config": {"moon": "full"}}]}]}`, "a setting of the step “Wait”"},
		"an operator":            {`{"format": 1, "name": "N", "steps": [{"id": "a", "type": "condition", "config": {"conditions": [{"value": 1, "operator": "resembles", "other": 2}]}}]}`, "a setting of the step “Decide”"},
		"a word to choose":       {`{"format": 1, "name": "N", "steps": [{"id": "a", "type": "http_request", "config": {"url": "http://127.0.0.1:1/", "auth": {"type": "passkey"}}}]}`, "a setting of the step “Call a web address”"},
		"what an error does":     {`{"format": 1, "name": "N", "steps": [{"id": "a", "type": "set_values", "config": {"values": {"a": 1}}, "on_error": "shrug"}]}`, "a setting of the step “Set values”"},
		"a setting":              {`{"format": 1, "name": "N", "steps": [{"id": "a", "type": "note"}], "settings": {"priority": "royal"}}`, "a rule of the workflow"},
		"a time limit in cycles": {`{"format": 1, "name": "N", "steps": [{"id": "a", "type": "note"}], "settings": {"timeout": "3 cycles"}}`, "a definition of a newer kind"},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(l *lab) {
				w := l.publish(`{"name": "N", "steps": [{"id": "a", "type": "note"}]}`)
				good := l.start(w, nil)
				run := l.start(w, nil)
				l.must(l.db.Model(&models.WorkflowVersion{}).Where("id = ?", run.VersionID).Update("definition", models.JSON(c.definition)).Error)
				stop := l.worker(2, 0)
				run = l.until(run.ID, workflow.RunWaiting)
				if run.WaitingFor != workflow.WaitWorker || run.DueAt == nil || len(l.rows(run.ID)) > 0 || run.Error != nil {
					t.Fatalf("it is %s for %s, due %v, with %d attempts", run.Status, run.WaitingFor, run.DueAt, len(l.rows(run.ID)))
				}
				open := func() []models.Alert {
					found, err := models.OpenAlertsOf(l.Context(), l.db, models.AlertUnreadable, "", 10)
					l.must(err)
					return found
				}
				modelstest.Eventually(t, "an alert says what is missing", func() bool {
					found := open()
					return len(found) == 2 && strings.Contains(found[0].Message, c.wants)
				})
				if attempts := l.get(run.ID).Attempt; attempts > 2 {
					t.Errorf("it was taken %d times at once", attempts)
				}
				_, err := l.e.Cancel(l.Context(), good.ID, "Ann")
				l.must(err)
				stop()
				// The newer program is one that knows what stands there.
				l.must(l.db.Model(&models.WorkflowVersion{}).Where("id = ?", run.VersionID).Update("definition", models.JSON(`{"format": 1, "name": "N", "steps": [{"id": "a", "type": "note"}]}`)).Error)
				l.worker(2, 0)
				equal(t, "a newer worker ends it as", l.ended(run.ID).Status, workflow.RunSucceeded)
				equal(t, "the cancelled one is", l.get(good.ID).Status, workflow.RunCancelled)
				l.must(models.CloseEnded(l.Context(), l.db, models.Now()))
				equal(t, "alerts left open", len(open()), 0)
			})
		})
	}
}
