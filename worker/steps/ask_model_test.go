package steps

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"workflows/worker/workflow"
)

// modelServer answers questions as servers of language models document it.
type modelServer struct {
	t         *testing.T
	noSchema  bool     // it does not know response_format
	noSystem  bool     // its model has no place for instructions
	answers   []string // one after the other, the last one again and again
	finish    string
	questions []map[string]any
	headers   []http.Header
}

func (m *modelServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	data, _ := io.ReadAll(r.Body)
	var question map[string]any
	if err := json.Unmarshal(data, &question); err != nil || r.URL.Path != "/v1/chat/completions" || r.Method != http.MethodPost {
		m.t.Errorf("%s %s gets %s", r.Method, r.URL, data)
	}
	format, hasFormat := question["response_format"].(map[string]any)
	if hasFormat && m.noSchema {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"error":{"message":"Unknown parameter: 'response_format'."}}`)
		return
	}
	if first := question["messages"].([]any)[0].(map[string]any); m.noSystem && first["role"] == "system" {
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = io.WriteString(w, `{"error":{"message":"System role not supported"}}`)
		return
	}
	if hasFormat {
		schema := format["json_schema"].(map[string]any)["schema"].(map[string]any)
		if len(schema["required"].([]any)) != len(schema["properties"].(map[string]any)) || schema["additionalProperties"] != false {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"error":{"message":"Invalid schema for response_format 'answer'"}}`)
			return
		}
	}
	m.questions, m.headers = append(m.questions, question), append(m.headers, r.Header)
	content := m.answers[min(len(m.questions), len(m.answers))-1]
	_ = json.NewEncoder(w).Encode(map[string]any{
		"choices": []any{map[string]any{"finish_reason": m.finish, "message": map[string]any{"role": "assistant", "content": content}}},
		"usage":   map[string]any{"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120},
	})
}

var asksForAll = []any{
	map[string]any{"name": "name", "type": "text", "description": "Of the customer"},
	map[string]any{"name": "total", "type": "number"},
	map[string]any{"name": "paid", "type": "boolean"},
	map[string]any{"name": "due", "type": "date"},
	map[string]any{"name": "kind", "type": "choice", "description": "invoice | reminder"},
	map[string]any{"name": "goods", "type": "list"},
}

func askConfig(address string, fields any) map[string]any {
	return map[string]any{"url": address + "/v1", "key_secret": "key-of-model", "model": "small", "instructions": "Read it.", "data": "Dear all", "fields": fields}
}

func TestAModelAnswersWithFieldsOfTheirTypes(t *testing.T) {
	whole := `{"name": "Ada", "total": 12345678901234567.10, "paid": false, "due": "2026-12-24", "kind": "Invoice", "goods": ["a", 2], "more": 1}`
	for name, c := range map[string]struct {
		server    modelServer
		questions int
	}{
		"a schema is taken":    {modelServer{answers: []string{whole}}, 1},
		"no schema is taken":   {modelServer{answers: []string{whole}, noSchema: true}, 1},
		"neither of both":      {modelServer{answers: []string{whole}, noSchema: true, noSystem: true}, 1},
		"no place for them":    {modelServer{answers: []string{"Well.", whole}, noSystem: true}, 2},
		"with words around it": {modelServer{answers: []string{"<think>{maybe}</think>Here it is:\n```json\n" + whole + "\n```\nDone."}}, 1},
		"at the second time":   {modelServer{answers: []string{strings.Replace(whole, "false", `"perhaps"`, 1), whole}}, 2},
		"first nonsense":       {modelServer{answers: []string{"I am a model.", whole}, noSchema: true}, 2},
	} {
		m := &c.server
		m.t = t
		outcome, err := execute(t, loopback(), "ask_model", askConfig(server(t, m.ServeHTTP), asksForAll))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		usage := map[string]any{}
		for part, n := range map[string]int{"input": 100, "output": 20, "total": 120} {
			usage[part] = json.Number(fmt.Sprint(n * c.questions))
		}
		want := map[string]any{"name": "Ada", "total": json.Number("12345678901234567.10"), "paid": false, "due": "2026-12-24", "kind": "invoice", "goods": []any{"a", "2"}, "usage": usage}
		if !reflect.DeepEqual(outcome.Output, want) || len(m.questions) != c.questions {
			t.Errorf("%s: %v after %d questions", name, outcome.Output, len(m.questions))
		}
		if m.headers[0].Get("Authorization") != "Bearer key-of-model" || m.questions[0]["model"] != "small" {
			t.Errorf("%s: it was asked %v with %v", name, m.questions[0], m.headers[0])
		}
	}
	m := &modelServer{t: t, answers: []string{`{"name": "", "total": null, "paid": null, "due": "", "kind": null, "goods": null}`}}
	outcome, err := execute(t, loopback(), "ask_model", askConfig(server(t, m.ServeHTTP), asksForAll))
	if err != nil || outcome.Output.(map[string]any)["due"] != nil || outcome.Output.(map[string]any)["name"] != "" {
		t.Errorf("what is not said: %v, %v", outcome.Output, err)
	}
	m = &modelServer{t: t, answers: []string{" Hello. "}}
	config := askConfig(server(t, m.ServeHTTP), nil)
	config["key_secret"], config["data"] = "", ""
	outcome, err = execute(t, loopback(), "ask_model", config)
	if err != nil || outcome.Output.(map[string]any)["text"] != "Hello." || m.headers[0].Get("Authorization") != "" || m.questions[0]["response_format"] != nil || len(m.questions[0]["messages"].([]any)) != 1 {
		t.Errorf("without fields: %v, %v; it was asked %v", outcome.Output, err, m.questions)
	}
}

func TestAModelThatAnswersNonsenseIsAskedTwiceAtMost(t *testing.T) {
	for name, answer := range map[string]string{
		"no object": "[1]", "not closed": `{"total": 1`, "missing": `{"name": "x"}`, "no number": `{"total": "much"}`, "huge": `{"total": 1e999999}`, "words": strings.Repeat("x", 50_000),
	} {
		m := &modelServer{t: t, answers: []string{answer}}
		_, err := execute(t, loopback(), "ask_model", askConfig(server(t, m.ServeHTTP), []any{map[string]any{"name": "total", "type": "number"}}))
		failed := assertFails(t, err, "answer_does_not_fit", false)
		if len(m.questions) != 2 || len(fmt.Sprint(failed.Output)) > 3000 {
			t.Errorf("%s: it was asked %d times, %v", name, len(m.questions), failed.Output)
		}
	}
	m := &modelServer{t: t, answers: []string{strings.Repeat("x", 2<<20)}}
	asked := 0
	call := workflow.Call{Config: askConfig(server(t, m.ServeHTTP), nil), Room: func(_ context.Context, bytes int) error { asked += bytes; return nil }}
	_, err := All(loopback())["ask_model"].Execute(t.Context(), call)
	if assertFails(t, err, "response_too_large", true); asked != maxModelAnswer {
		t.Errorf("it asked for room for %d bytes", asked)
	}
}

func TestAModelsServerThatDoesNotAnswerFailsTheStepInWords(t *testing.T) {
	for name, c := range map[string]struct {
		status     int
		body, code string
		lasting    bool
		says       string
	}{
		"a wrong key":     {401, `{"error":{"message":"Incorrect API key provided."}}`, "model_server_refused", true, "“Incorrect API key provided”. Check the key"},
		"no such model":   {404, `{"error":"model 'x' not found"}`, "model_server_refused", true, "model 'x' not found"},
		"too much to do":  {429, `{"error":{"message":"Rate limit reached"}}`, "model_server_refused", false, "Try again later"},
		"no credit":       {429, `{"error":{"message":"You exceeded your quota","code":"insufficient_quota"}}`, "model_server_refused", true, "used up"},
		"too long":        {400, `{"error":{"message":"This model's maximum context length is 8192 tokens."}}`, "model_server_refused", true, "8192 tokens"},
		"a fault":         {503, "<html>", "model_server_refused", false, "Try again later"},
		"leads elsewhere": {307, "", "model_server_refused", true, "leads to another one"},
		"something else":  {200, "<html>", "invalid_response", true, "no server of language models"},
		"a refusal":       {200, `{"choices":[{"message":{"content":null,"refusal":"I cannot help."}}]}`, "model_refused", true, "I cannot help"},
		"cut":             {200, `{"choices":[{"finish_reason":"length","message":{"content":"{"}}]}`, "answer_cut", true, "cut off"},
		"filtered":        {200, `{"choices":[{"finish_reason":"content_filter","message":{"content":""}}]}`, "model_refused", true, "filter"},
		"odd":             {200, `{"choices":[5],"usage":7}`, "answer_does_not_fit", false, "twice"},
	} {
		address := server(t, func(w http.ResponseWriter, r *http.Request) {
			if c.status == 429 {
				w.Header().Set("Retry-After", "20")
			}
			w.WriteHeader(c.status)
			_, _ = io.WriteString(w, c.body)
		})
		_, err := execute(t, loopback(), "ask_model", askConfig(address, asksForAll))
		if failed := assertFails(t, err, c.code, c.lasting); !strings.Contains(failed.Message, c.says) || (failed.RetryAfter == 20*time.Second) != (c.status == 429) {
			t.Errorf("%s: %+v", name, failed)
		}
	}
	_, err := execute(t, Options{}, "ask_model", askConfig("http://10.0.0.1", nil))
	assertFails(t, err, "blocked_address", true)
	config := askConfig("http://127.0.0.1:1", nil)
	config["data"] = strings.Repeat("x", 2<<20)
	_, err = execute(t, loopback(), "ask_model", config)
	assertFails(t, err, "too_large", true)
}

func TestAskingAModelIsCheckedAndTold(t *testing.T) {
	kind := All(Options{})["ask_model"]
	config := askConfig("https://models.example.com", asksForAll)
	if problems := problemsOf(Options{}, "ask_model", config); len(problems) > 0 {
		t.Errorf("got %+v", problems)
	}
	for path, fields := range map[string]any{
		"fields/wrong_type":                "name",
		"fields[0]/wrong_type":             []any{"name"},
		"fields[0].name/invalid_value":     []any{map[string]any{"name": "a b", "type": "text"}},
		"fields[0].name/invalid_value ":    []any{map[string]any{"name": strings.Repeat("a", 64), "type": "text"}},
		"fields[1].name/duplicate_name":    []any{map[string]any{"name": "a", "type": "text"}, map[string]any{"name": "a", "type": "text"}},
		"fields[0].type/invalid_value":     []any{map[string]any{"name": "a", "type": "float"}},
		"fields[0].description/required":   []any{map[string]any{"name": "a", "type": "choice", "description": "one"}},
		"fields[0].description/wrong_type": []any{map[string]any{"name": "a", "type": "text", "description": 5}},
		"fields[0].zzz/unknown_field":      []any{map[string]any{"name": "a", "type": "text", "zzz": "x"}},
	} {
		config["fields"] = fields
		at, code, _ := strings.Cut(strings.TrimSpace(path), "/")
		if problems := problemsOf(Options{}, "ask_model", config); !hasProblem(problems, at, code) {
			t.Errorf("%s: %+v", path, problems)
		}
	}
	config["fields"] = asksForAll
	if sentence := kind.Sentence(config); sentence != "Asks small for name, total, paid, due, kind, goods" {
		t.Error(sentence)
	}
	var gives []string
	for _, output := range kind.Gives(config) {
		gives = append(gives, output.Name+" "+output.Type)
	}
	if got := strings.Join(gives, ", "); got != "name text, total number, paid boolean, due text, kind text, goods list, usage object" {
		t.Error(got)
	}
	config["key_secret"] = "[secret KEY]"
	part, err := kind.Try(workflow.Call{Config: config})
	if err != nil || !strings.HasPrefix(part.Text, "POST https://models.example.com/v1/chat/completions\n") || !strings.Contains(part.Text, "Bearer [secret KEY]") || !strings.Contains(part.Text, "Dear all") {
		t.Errorf("%s %v", part.Text, err)
	}
	field, _ := kind.Field("fields")
	rows := field.Kind.Rows.Of(asksForAll)
	rows = append(rows, workflow.Row{Kind: "text"})
	if read, kept := field.Kind.Rows.Read(rows, nil); !reflect.DeepEqual(read, asksForAll) || len(kept) != 6 {
		t.Errorf("the form reads %v", read)
	}
}
