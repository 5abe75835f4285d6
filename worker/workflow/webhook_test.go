package workflow_test

import (
	"reflect"
	"strings"
	"testing"

	"workflows/worker/senders"
	"workflows/worker/workflow"
)

func TestOneTrueConditionIsEnoughAlsoBesideOneThatCannotBeDecided(t *testing.T) {
	filter := workflow.Filter{Match: "any", Conditions: []workflow.Condition{
		{Value: "{{ trigger.body.total }}", Operator: "greater_than", Other: "100"},
		{Value: "{{ trigger.body.vip }}", Operator: "is_true"},
	}}
	passes := func(body map[string]any) (bool, error) {
		passes, _, err := filter.Passes(map[string]any{"body": body})
		return passes, err
	}
	if ok, err := passes(map[string]any{"vip": true}); !ok || err != nil {
		t.Errorf("the second one holds: %v, %v", ok, err)
	}
	if ok, err := passes(map[string]any{"vip": false}); ok || err == nil || !strings.Contains(err.Error(), "Condition 1 of the filter cannot be decided") {
		t.Errorf("none holds: %v, %v", ok, err)
	}
	if ok, err := passes(map[string]any{"vip": false, "total": "7"}); ok || err != nil {
		t.Errorf("both are false: %v, %v", ok, err)
	}
	filter.Match = "all"
	if ok, err := passes(map[string]any{"vip": true}); ok || err == nil {
		t.Errorf("all must be true: %v, %v", ok, err)
	}
}

func TestTheFormOfAWebhookKeepsWhatItsSenderHasAndNothingElse(t *testing.T) {
	for _, s := range senders.All() {
		stored := workflow.Trigger{ID: "w", Type: "webhook", Signature: s.Name}
		if s.Name == senders.None {
			stored.Signature = ""
		}
		if s.Secret != "" {
			stored.Secret = "KEY"
		}
		if s.Token != "" {
			stored.VerifySecret = "TOKEN"
		}
		stored.Respond, stored.Answer = "answer", &workflow.WebhookAnswer{Status: 201, Type: "xml", Text: `<R to="{{ run.output.to }}">{{ run.output }}</R>`}
		stored.SameWithin, stored.CORS = "10m", &workflow.CORS{Origins: []string{"https://a.example", "http://b.example:8080"}}
		if s.Name == senders.Own {
			stored.HMAC = &senders.Scheme{Header: "X-Sum", Before: "v1=", Encoding: "base64", Algorithm: "sha512", Text: "{time}.{body}", TimeIn: "X-Time", Tolerance: "2m"}
		}
		read, err := workflow.WebhookOf("w", workflow.WebhookConfig(stored))
		if err != nil || !reflect.DeepEqual(read, stored) {
			t.Errorf("%s: %+v became %+v, %v", s.Name, stored, read, err)
		}
		definition := workflow.Definition{Format: 1, Name: "Test", Triggers: []workflow.Trigger{read}, Steps: []workflow.Step{{ID: "a", Type: "stop"}}}
		for _, problem := range (workflow.Checker{}).Check(definition) {
			if strings.HasPrefix(problem.Path, "triggers") {
				t.Errorf("%s: %+v", s.Name, problem)
			}
		}
		everything := workflow.WebhookConfig(workflow.Trigger{Type: "webhook", Secret: "KEY", VerifySecret: "TOKEN", HMAC: &senders.Scheme{Header: "X"}})
		everything["signature"] = s.Name
		if read, err := workflow.WebhookOf("w", everything); err != nil || (read.Secret != "") != (s.Secret != "") || (read.VerifySecret != "") != (s.Token != "") || (read.HMAC != nil) != (s.Name == senders.Own) {
			t.Errorf("%s keeps %+v, %v", s.Name, read, err)
		}
	}
}

func TestAWebhookSaysWhatOfItsSignatureIsMissingOrDoesNotFit(t *testing.T) {
	for _, c := range []struct {
		trigger workflow.Trigger
		path    string
	}{
		{workflow.Trigger{Respond: "output", Answer: &workflow.WebhookAnswer{Status: 200}}, "answer"},
		{workflow.Trigger{Respond: "answer"}, "answer.text"},
		{workflow.Trigger{Answer: &workflow.WebhookAnswer{Status: 302}}, "answer.status"},
		{workflow.Trigger{Answer: &workflow.WebhookAnswer{Type: "html", Text: "x"}}, "answer.type"},
		{workflow.Trigger{Answer: &workflow.WebhookAnswer{Text: `{"a": `}}, "answer.text"},
		{workflow.Trigger{Answer: &workflow.WebhookAnswer{Type: "text", Text: "{{ run.output.x }}"}}, "answer.text"},
		{workflow.Trigger{Respond: "answer", Answer: &workflow.WebhookAnswer{Type: "text", Text: "{{ secrets.KEY }}"}}, "answer.text"},
		{workflow.Trigger{Respond: "answer", Answer: &workflow.WebhookAnswer{Type: "xml", Text: "<{{ run.output.x }}/>"}}, "answer.text"},
		{workflow.Trigger{SameWithin: "2d"}, "same_within"},
		{workflow.Trigger{CORS: &workflow.CORS{Origins: []string{"*"}}}, "cors.origins[0]"},
		{workflow.Trigger{CORS: &workflow.CORS{Origins: []string{"https://*.example.com"}}}, "cors.origins[0]"},
		{workflow.Trigger{CORS: &workflow.CORS{Origins: []string{"https://a.example", "https://a.example/"}}}, "cors.origins[1]"},
		{workflow.Trigger{CORS: &workflow.CORS{Origins: []string{"null"}}}, "cors.origins[0]"},
		{workflow.Trigger{Signature: "meta", Secret: "KEY"}, "verify_secret"},
		{workflow.Trigger{Signature: "zoom", Secret: "KEY", VerifySecret: "TOKEN"}, "verify_secret"},
		{workflow.Trigger{Signature: "zoom"}, "secret"},
		{workflow.Trigger{Signature: "monday", Secret: "KEY"}, "secret"},
		{workflow.Trigger{Signature: "zoom", Secret: "KEY", HMAC: &senders.Scheme{Header: "X"}}, "hmac"},
		{workflow.Trigger{Signature: "hmac", Secret: "KEY"}, "hmac.header"},
		{workflow.Trigger{Signature: "hmac", Secret: "KEY", HMAC: &senders.Scheme{Header: "X Sum"}}, "hmac.header"},
		{workflow.Trigger{Signature: "hmac", Secret: "KEY", HMAC: &senders.Scheme{Header: strings.Repeat("X", 101)}}, "hmac.header"},
		{workflow.Trigger{Signature: "hmac", Secret: "KEY", HMAC: &senders.Scheme{Header: "X", Text: "{time}"}}, "hmac.text"},
		{workflow.Trigger{Signature: "hmac", Secret: "KEY", HMAC: &senders.Scheme{Header: "X", Text: "{body}{id}"}}, "hmac.text"},
		{workflow.Trigger{Signature: "hmac", Secret: "KEY", HMAC: &senders.Scheme{Header: "X", Text: "{body}", TimeIn: "X-Time"}}, "hmac.text"},
		{workflow.Trigger{Signature: "hmac", Secret: "KEY", HMAC: &senders.Scheme{Header: "X", Algorithm: "md5"}}, "hmac.algorithm"},
		{workflow.Trigger{Signature: "hmac", Secret: "KEY", HMAC: &senders.Scheme{Header: "X", Text: "{time}.{body}", Tolerance: "2d"}}, "hmac.tolerance"},
	} {
		c.trigger.ID, c.trigger.Type = "w", "webhook"
		definition := workflow.Definition{Format: 1, Name: "Test", Triggers: []workflow.Trigger{c.trigger}, Steps: []workflow.Step{{ID: "a", Type: "stop"}}}
		found := false
		for _, problem := range (workflow.Checker{}).Check(definition) {
			found = found || problem.Path == "triggers[0]."+c.path
		}
		if !found {
			t.Errorf("%+v lacks a problem at %s", c.trigger, c.path)
		}
	}
}
