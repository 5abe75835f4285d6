package steps

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"workflows/worker/workflow"
)

func TestTryingACallShowsWhatWouldBeSentAndSendsNothing(t *testing.T) {
	kind := All(Options{})["http_request"]
	config := map[string]any{
		"method": "POST", "url": "https://shop.example.com/orders/7", "query": map[string]any{"a": "b c"}, "body_type": "json", "body": map[string]any{"total": json.Number("12.50")},
		"headers": map[string]any{"X-Key": "[secret KEY]"}, "auth": map[string]any{"type": "basic", "username": "ann", "password": "hunter2"},
	}
	part, err := kind.Try(workflow.Call{Config: config})
	if err != nil {
		t.Fatal(err)
	}
	want := "POST https://shop.example.com/orders/7?a=b+c\nAuthorization: Basic (not shown)\nContent-Type: application/json\nUser-Agent: WorkflowSystem/1\nX-Key: [secret KEY]\n\n{\"total\":12.50}"
	if part.Text != want {
		t.Errorf("it would send\n%s\nand not\n%s", part.Text, want)
	}
	config["auth"] = map[string]any{"type": "bearer", "token": "hunter2"}
	if part, err = kind.Try(workflow.Call{Config: config}); err != nil || strings.Contains(part.Text, "hunter2") {
		t.Errorf("%v\n%s", err, part.Text)
	}
	delete(config, "auth")
	for _, header := range []string{"Authorization", "X-Api-Key", "Cookie"} {
		config["headers"] = map[string]any{header: "hunter2"}
		if part, err = kind.Try(workflow.Call{Config: config}); err != nil || strings.Contains(part.Text, "hunter2") || !strings.Contains(part.Text, header+": (not shown)") {
			t.Errorf("%v\n%s", err, part.Text)
		}
	}
	config["url"] = "http://127.0.0.1/"
	_, err = kind.Try(workflow.Call{Config: config})
	assertFails(t, err, "blocked_address", true)
}

func TestADecisionTellsWhatItHasCompared(t *testing.T) {
	tell := All(Options{})["condition"].RunPart
	part := tell(map[string]any{"conditions": []any{
		map[string]any{"value": json.Number("250"), "operator": "greater_than", "other": json.Number("100")},
		map[string]any{"value": "down", "operator": "equals", "other": "ok"},
		"nonsense",
		map[string]any{"value": "a", "operator": "greater_than", "other": "b"},
	}}, nil)
	if len(part.Facts) != 3 || part.Facts[0] != (workflow.Fact{Label: "250 is over 100", Value: "yes"}) || part.Facts[1].Value != "no" || !strings.Contains(part.Facts[2].Value, "order") {
		t.Errorf("%+v", part)
	}
	if tell(map[string]any{"truncated": true}, nil) != nil {
		t.Error("of nothing it tells something")
	}
}

func TestTryingAnEmailShowsItAsItArrives(t *testing.T) {
	config := map[string]any{
		"to": "Anna@example.com; otto@example.com", "bcc": "eva@example.com", "subject": "Large orders", "text": "Of today:",
		"rows": []any{map[string]any{"id": json.Number("7"), "customer": map[string]any{"name": "Ada <b>"}}, map[string]any{"id": json.Number("8")}}, "columns": "id, customer.name",
	}
	part := All(Options{})["send_email"].Would(config)
	if part.Text != "Of today:" || len(part.Facts) != 3 || part.Facts[0] != (workflow.Fact{Label: "To", Value: "anna@example.com, otto@example.com"}) || part.Facts[2].Value != "Large orders" {
		t.Errorf("%+v", part)
	}
	if table := part.Table; table == nil || fmt.Sprint(table.Columns, table.Rows, table.More) != "[id customer.name] [[7 Ada <b>] [8 ]] 0" {
		t.Errorf("%+v", table)
	}
	rows := make([]any, 25)
	for i := range rows {
		rows[i] = map[string]any{"n": json.Number(fmt.Sprint(i))}
	}
	config["rows"], config["columns"] = rows, nil
	if table := All(Options{})["send_email"].Would(config).Table; table == nil || len(table.Rows) != 20 || table.More != 5 {
		t.Errorf("%+v", table)
	}
	config["rows"] = "nonsense" // it would fail: then its settings stand there
	if part := All(Options{})["send_email"].Would(config); part.Title != "What it would do" || len(part.Facts) == 0 {
		t.Errorf("%+v", part)
	}
}
