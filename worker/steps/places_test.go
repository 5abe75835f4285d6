package steps

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"workflows/worker/document"
	"workflows/worker/workflow"
)

// What is inserted stays in its place, whatever it is: as the other side receives it.
func TestWhatIsInsertedStaysInItsPlace(t *testing.T) {
	var target, body string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		data, _ := io.ReadAll(r.Body)
		target, body = r.RequestURI, string(data)
	}))
	defer server.Close()
	scope := workflow.Scope{Input: map[string]any{
		"text": `Müller & "Söhne"`, "evil": `x", "admin": "true`, "role": "Tom&role=admin", "n": json.Number("42"), "nothing": nil, "id": "../admin", "base": server.URL + "/v1/",
	}}
	for _, c := range []struct{ config, target, body string }{
		{`{"url": "BASE/s?name={{ input.text }}&limit=5"}`, "/s?name=M%C3%BCller%20%26%20%22S%C3%B6hne%22&limit=5", ""},
		{`{"url": "BASE/o?$filter=Name eq 'x'"}`, "/o?$filter=Name%20eq%20'x'", ""},
		{`{"url": "BASE/users/{{ input.id }}/orders"}`, "/users/..%2Fadmin/orders", ""},
		{`{"url": "{{ input.base }}/orders/{{ input.n }}"}`, "/v1/orders/42", ""},
		{`{"url": "{{ input.base }}"}`, "/v1/", ""},
		{`{"url": "BASE", "method": "POST", "body_type": "json", "body": "{\"note\": \"{{ input.text }}\"}"}`, "/", `{"note": "Müller & \"Söhne\""}`},
		{`{"url": "BASE", "method": "POST", "body_type": "json", "body": "{\"note\": \"{{ input.evil }}\", \"n\": {{ input.n }}, \"t\": \"{{ input.n }}\", \"x\": {{ input.nothing }}}"}`, "/", `{"note": "x\", \"admin\": \"true", "n": 42, "t": "42", "x": null}`},
		{`{"url": "BASE", "method": "POST", "body_type": "json", "body": {"note": "{{ input.evil }}", "n": "{{ input.n }}"}}`, "/", `{"n":42,"note":"x\", \"admin\": \"true"}`},
		{`{"url": "BASE", "method": "POST", "body_type": "form", "body": "name={{ input.role }}&role=user"}`, "/", "name=Tom%26role%3Dadmin&role=user"},
		{`{"url": "BASE", "method": "POST", "body_type": "form", "body": "{\"name\": \"{{ input.role }}\", \"role\": \"user\"}"}`, "/", "name=Tom%26role%3Dadmin&role=user"},
		{`{"url": "BASE", "method": "POST", "body_type": "form", "body": {"name": "{{ input.role }}"}}`, "/", "name=Tom%26role%3Dadmin"},
		{`{"url": "BASE", "method": "POST", "body_type": "text", "body": "{{ input.text }}!"}`, "/", `Müller & "Söhne"!`},
		{`{"url": "BASE?q=1", "query": {"name": "{{ input.role }}", "x": "{{ input.nothing }}"}}`, "/?q=1&name=Tom%26role%3Dadmin&x=", ""},
	} {
		stepType := All(loopback())["http_request"]
		config := object(t, c.config)
		if url := config["url"].(string); url[:4] == "BASE" {
			config["url"] = server.URL + url[4:]
		}
		if problems := stepType.Check(config); len(problems) > 0 {
			t.Errorf("%s: %+v", c.config, problems)
		}
		target, body = "", ""
		filled, err := stepType.Resolve(config, scope)
		if err == nil {
			_, err = stepType.Execute(context.Background(), workflow.Call{Config: filled})
		}
		if err != nil || target != c.target || body != c.body {
			t.Errorf("%s: %v\n%s %s\nwant\n%s %s", c.config, err, target, body, c.target, c.body)
		}
	}
}

func TestWhereNothingMayNotStandTheStepFails(t *testing.T) {
	for name, config := range map[string]string{
		"http_request": `{"url": "https://shop.example.com/orders/{{ steps.a.body.id }}"}`,
		"for_each":     `{"list": "{{ steps.a.body.id }}"}`,
		"send_email":   `{"to": "{{ steps.a.body.id }}", "subject": "Hello", "text": "x"}`,
	} {
		_, err := All(loopback())[name].Resolve(object(t, config), workflow.Scope{Steps: map[string]any{"a": map[string]any{"body": map[string]any{}}}})
		assertFails(t, err, "missing_value", true)
	}
}

// One text is one address, whoever has written it.
func TestInsertedRecipientsAreOneEach(t *testing.T) {
	stepType := All(loopback())["send_email"]
	for to, people := range map[string]int{"{{ input.one }}": 1, "{{ input.one }}, bob@example.com": 2, "{{ input.list }}": 2, "{{ input.two }}": 0, "ann@example.com; {{ input.two }}": 0} {
		filled, err := stepType.Resolve(map[string]any{"to": to}, workflow.Scope{Input: map[string]any{"one": "ann@example.com", "two": "ann@example.com, eve@example.com", "list": []any{"ann@example.com", "bob@example.com"}}})
		if err != nil {
			t.Fatal(err)
		}
		list, refused := addressList(filled["to"])
		if len(list) != people || (refused == nil) != (people > 0) {
			t.Errorf("%s: %v, %v", to, list, refused)
		}
	}
}

func object(t testing.TB, text string) map[string]any {
	t.Helper()
	var value map[string]any
	if err := document.Decode([]byte(text), &value); err != nil {
		t.Fatal(err)
	}
	return value
}
