package process_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/models/runs"
	"workflows/worker/document"
	"workflows/worker/engine"
	"workflows/worker/process"
	"workflows/worker/queue/queuetest"
	"workflows/worker/steps"
	"workflows/worker/workflow"
)

// dataCase is a workflow whose data goes from one step to the next.
type dataCase struct {
	name   string
	inputs string // of the workflow, as JSON
	steps  string
	input  map[string]any
	want   string // the run's output as JSON, or the code of its failure
}

// What hurt people in comparable systems: data on its way from one step to the next.
func dataCases() []dataCase {
	text := `[{"name":"q","type":"text"}]`
	sent := `{"id":"c","type":"http_request","config":{"method":"POST","url":"SERVER/echo?name={{ input.q }}&limit=5","body_type":"json","body":"{\"note\": \"{{ input.q }}\"}"}},`
	return []dataCase{
		{
			name: "a value in an address and in JSON stays one value", inputs: text, input: map[string]any{"q": `Müller & "Söhne", "admin": "true`},
			steps: sent + `{"id":"o","type":"set_values","config":{"values":{"name":"{{ steps.c.body.query.name }}","limit":"{{ steps.c.body.query.limit }}","body":"{{ steps.c.body.body }}"}}}`,
			want:  `{"body":{"note":"Müller & \"Söhne\", \"admin\": \"true"},"limit":"5","name":"Müller & \"Söhne\", \"admin\": \"true"}`,
		},
		{
			name: "an empty number is null in JSON", inputs: `[{"name":"n","type":"number"}]`,
			steps: `{"id":"c","type":"http_request","config":{"method":"POST","url":"SERVER/echo","body_type":"json","body":"{\"n\": {{ input.n }}}"}},
				{"id":"o","type":"set_values","config":{"values":{"body":"{{ steps.c.body.body }}"}}}`,
			want: `{"body":{"n":null}}`,
		},
		{
			name: "a missing field is empty in a condition",
			steps: `{"id":"c","type":"http_request","config":{"url":"SERVER/echo"}},
				{"id":"is","type":"condition","config":{"match":"all","conditions":[{"value":"{{ steps.c.body.next }}","operator":"is_empty"},{"value":"{{ steps.c.body.next }}","operator":"not_equals","other":"x"}]},
				"then":[{"id":"o","type":"set_values","config":{"values":{"next":"<{{ steps.c.body.next }}>","or":"{{ steps.c.body.next | default \"none\" }}"}}}]}`,
			want: `{"next":"<>","or":"none"}`,
		},
		{
			name: "of addresses that are watched, the dead one is told too",
			steps: `{"id":"each","type":"for_each","config":{"list":["SERVER/echo","SERVER/broken","http://127.0.0.1:1/"]},"do":[
				{"id":"h","type":"http_request","config":{"url":"{{ item }}"},"on_error":"continue"},
				{"id":"bad","type":"condition","config":{"conditions":[{"value":"{{ steps.h.status }}","operator":"not_equals","other":200}]},
					"then":[{"id":"told","type":"set_values","config":{"values":{"why":"{{ steps.h.error.code }}"}}}],
					"else":[{"id":"well","type":"set_values","config":{"values":{"why":"{{ steps.h.error }}"}}}]}]}`,
			want: `{"count":3,"errors":[],"items":[{"why":null},{"why":"unexpected_status"},{"why":"connection_refused"}]}`,
		},
		{
			name: "two branches join", inputs: text, input: map[string]any{"q": "b"},
			steps: `{"id":"is","type":"condition","config":{"conditions":[{"value":"{{ input.q }}","operator":"equals","other":"a"}]},
				"then":[{"id":"a","type":"set_values","config":{"values":{"x":"A"}}}],"else":[{"id":"b","type":"set_values","config":{"values":{"x":"B"}}}]},
				{"id":"o","type":"set_values","config":{"values":{"x":"{{ steps.a.x | default steps.b.x }}"}}}`,
			want: `{"x":"B"}`,
		},
		{
			name:  "a workflow for webhooks runs by hand",
			steps: `{"id":"o","type":"set_values","config":{"values":{"body":"{{ trigger.body }}","x":"{{ trigger.body.x }}","q":"[{{ trigger.query.page }}]","h":"{{ trigger.headers.accept | default \"any\" }}"}}}`,
			want:  `{"body":null,"h":"any","q":"[]","x":null}`,
		},
		{
			name:  "large numbers stay exact through words",
			steps: `{"id":"o","type":"set_values","config":{"values":{"n":"{{ steps.zero.n | plus 1 }}","sum":"{{ steps.zero.list | sum }}"}}}`,
			want:  `{"n":9007199254740994,"sum":0.3}`,
		},
		{
			name:  "literal braces",
			steps: `{"id":"o","type":"set_values","config":{"values":{"t":"Hello {{ \"{{\" }}name{{ \"}}\" }}"}}}`,
			want:  `{"t":"Hello {{name}}"}`,
		},
		{
			name:  "what is needed is not empty",
			steps: `{"id":"c","type":"http_request","config":{"url":"SERVER/orders/{{ steps.zero.nothing.id }}"}}`,
			want:  "missing_value",
		},
		{
			name: "a text that no word can change", inputs: text, input: map[string]any{"q": "abc"},
			steps: `{"id":"o","type":"set_values","config":{"values":{"t":"{{ input.q | times 2 }}"}}}`,
			want:  "cannot_change",
		},
		{
			name: "a path is no way up", inputs: text, input: map[string]any{"q": ".."},
			steps: `{"id":"c","type":"http_request","config":{"url":"SERVER/a/{{ input.q }}/b"}}`,
			want:  "invalid_url",
		},
	}
}

func TestDataOnItsWay(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(echo))
	t.Cleanup(server.Close)
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		q, types := queuetest.Mini(t), steps.All(steps.Options{OutboundAllow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
		start(t, process.Config{DB: db, Queue: q, Types: types, Concurrency: 5, Grace: time.Second})
		e := engine.New(engine.Options{DB: db, Queue: q, Types: types})
		for _, c := range dataCases() {
			if c.inputs == "" {
				c.inputs = "[]"
			}
			zero := `{"id":"zero","type":"set_values","config":{"values":{"n":9007199254740993,"list":[0.1,0.2],"nothing":{}}}},`
			w := publish(t, db, strings.ReplaceAll(`{"format":1,"name":"W","inputs":`+c.inputs+`,"steps":[`+zero+c.steps+`]}`, "SERVER", server.URL))
			run, _, err := e.StartNow(t.Context(), engine.StartRequest{WorkflowID: w.ID, Input: c.input, Trigger: engine.Trigger{Type: engine.TriggerManual}})
			must(t, err)
			var ended models.Run
			modelstest.Eventually(t, "the run ends: "+c.name, func() bool {
				ended, err = runs.Get(t.Context(), db, run.ID)
				return err == nil && workflow.Final(ended.Status)
			})
			if got := outcome(ended); got != c.want {
				t.Errorf("%s: %s\nwant %s", c.name, got, c.want)
			}
		}
	})
}

// outcome is what a run gave, or the code of its failure.
func outcome(run models.Run) string {
	if run.Status == workflow.RunFailed {
		return workflow.ReadFailure(run.Error).Code
	}
	value, err := document.Value(run.Output)
	if err != nil {
		return err.Error()
	}
	return string(document.JSON(value)) // with its keys sorted
}

// echo answers with what it was sent.
func echo(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/broken" {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	data, _ := io.ReadAll(r.Body)
	query := map[string]string{}
	for name := range r.URL.Query() {
		query[name] = r.URL.Query().Get(name)
	}
	answer := map[string]any{"path": r.URL.EscapedPath(), "query": query}
	if len(data) > 0 {
		answer["body"] = json.RawMessage(data)
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer)
}
