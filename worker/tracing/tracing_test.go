package tracing

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
)

// collector keeps what it is sent.
type collector struct {
	*httptest.Server
	mu       sync.Mutex
	answers  []int // the next ones; 200 where there are none
	requests []*http.Request
	spans    []span
	service  string
	raw      string
}

func newCollector(t *testing.T, answers ...int) *collector {
	c := &collector{answers: answers}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.requests = append(c.requests, r)
		if len(c.answers) > 0 {
			status := c.answers[0]
			c.answers = c.answers[1:]
			w.WriteHeader(status)
			return
		}
		body, _ := io.ReadAll(r.Body)
		var sent payload
		if err := json.Unmarshal(body, &sent); err != nil {
			t.Error(err)
			return
		}
		c.raw += string(body)
		c.spans = append(c.spans, sent.ResourceSpans[0].ScopeSpans[0].Spans...)
		c.service = *sent.ResourceSpans[0].Resource.Attributes[0].Value.Text
	}))
	t.Cleanup(c.Close)
	return c
}

func (c *collector) got() (spans []span, requests int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.spans), len(c.requests)
}

func (s span) attribute(key string) string {
	for _, a := range s.Attributes {
		if a.Key == key && a.Value.Text != nil {
			return *a.Value.Text
		}
		if a.Key == key {
			return *a.Value.Number
		}
	}
	return ""
}

// logged is a log that is read while it is written.
type logged struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logged) Write(data []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(data)
}

func (l *logged) has(text string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Contains(l.text.String(), text)
}

// exporting begins to show runs; stop waits until it has ended.
func exporting(t *testing.T, db *gorm.DB, target Target) (x *Exporter, log *logged, stop func()) {
	log = &logged{}
	x = New(db, slog.New(slog.NewTextHandler(log, nil)), target, nil)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		x.Run(ctx)
	}()
	stop = sync.OnceFunc(func() {
		cancel()
		<-ended
	})
	t.Cleanup(stop)
	return x, log, stop
}

// run stores one that has ended, with a step of two attempts.
func run(t *testing.T, db *gorm.DB, change func(r *models.Run)) models.Run {
	t.Helper()
	accepted := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	begun, again, ended := accepted.Add(time.Second), accepted.Add(3*time.Second), accepted.Add(5*time.Second)
	w := models.Workflow{ID: models.NewID(), Name: "Orders", Status: "active", Draft: models.JSON("{}"), CreatedAt: accepted, UpdatedAt: accepted}
	r := models.Run{
		ID: models.NewID(), WorkflowID: w.ID, VersionID: models.NewID(), Version: 3, WorkflowName: "Orders", Status: "failed", TriggerType: "webhook",
		Trigger: models.JSON(`{"body":"a secret order"}`), Input: models.JSON(`{"x":"a secret order"}`), Error: models.JSON(`{"code":"timeout","message":"a secret order","step_id":"call"}`),
		Queue: "default", QueuedAt: accepted, StartedAt: &begun, FinishedAt: &ended,
	}
	if change != nil {
		change(&r)
	}
	steps := []models.StepRun{
		{ID: models.NewID(), RunID: r.ID, StepID: "call", Name: "Call the shop", Type: "http_request", Attempt: 1, Status: "failed", Error: models.JSON(`{"code":"connection_failed","message":"a secret order"}`), StartedAt: &begun, FinishedAt: &again},
		{ID: models.NewID(), RunID: r.ID, StepID: "call", Name: "Call the shop", Type: "http_request", Attempt: 2, Status: "cancelled", Iteration: "0", Output: models.JSON(`"a secret order"`), StartedAt: &again},
		{ID: models.NewID(), RunID: r.ID, StepID: "later", Name: "Never begun", Type: "wait", Attempt: 1, Status: "skipped"},
	}
	for _, row := range []any{&w, &r, &steps} {
		if err := db.Create(row).Error; err != nil {
			t.Fatal(err)
		}
	}
	return r
}

func TestARunIsShownWithEveryAttemptAndWithoutItsData(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		c := newCollector(t)
		x, _, _ := exporting(t, db, Target{Endpoint: c.URL + "/otlp/", Headers: map[string]string{"X-Api-Key": "abc"}, Service: "flows"})
		earlier := models.NewID()
		r := run(t, db, func(r *models.Run) { r.RetryOf = &earlier })
		x.Ended(r.ID)
		x.Ended(models.NewID()) // removed by now
		modelstest.Eventually(t, "it is shown", func() bool { spans, _ := c.got(); return len(spans) > 0 })
		spans, _ := c.got()
		if len(spans) != 3 {
			t.Fatalf("%+v", spans)
		}
		whole, first, second := spans[0], spans[1], spans[2]
		if whole.TraceID != strings.ReplaceAll(r.ID, "-", "") || len(whole.SpanID) != 16 || whole.ParentID != "" || whole.Name != "Orders" || whole.Start != "1796029200000000000" || whole.End != "1796029205000000000" ||
			whole.Status.Code != 2 || whole.attribute("error.type") != "timeout" || whole.attribute("workflow.version") != "3" || whole.attribute("workflow.trigger") != "webhook" ||
			whole.Events[0].At != "1796029201000000000" || len(whole.Links) != 1 || whole.Links[0].TraceID != traceID(earlier) {
			t.Errorf("the run is %+v", whole)
		}
		if first.TraceID != whole.TraceID || first.ParentID != whole.SpanID || first.attribute("workflow.step.id") != "call" || first.attribute("error.type") != "connection_failed" || first.Status.Code != 2 || first.End != "1796029203000000000" {
			t.Errorf("the first attempt is %+v", first)
		}
		if second.SpanID == first.SpanID || second.End != whole.End || second.Status.Code != 0 || second.attribute("workflow.step.attempt") != "2" || second.attribute("workflow.step.iteration") != "0" {
			t.Errorf("the second attempt is %+v", second)
		}
		if r := c.requests[0]; c.service != "flows" || r.URL.Path != "/otlp/v1/traces" || r.Header.Get("X-Api-Key") != "abc" || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s to %s: %v", c.service, r.URL.Path, r.Header)
		}
		if strings.Contains(c.raw, "secret order") {
			t.Error("data of the run is shown:", c.raw)
		}
	})
}

func TestACollectorThatIsAwayIsTriedAgainAndOneThatRefusesIsNot(t *testing.T) {
	before := pause
	pause = time.Millisecond
	t.Cleanup(func() { pause = before })
	db := modelstest.SQLite(t)
	away := newCollector(t, 503, 429)
	x, log, stop := exporting(t, db, Target{Endpoint: away.URL})
	x.Ended(run(t, db, nil).ID)
	modelstest.Eventually(t, "it is shown in the end", func() bool { spans, _ := away.got(); return len(spans) == 3 })
	stop()
	if _, requests := away.got(); requests != 3 || !log.has("are not taken by the collector") || !log.has("takes the traces of runs again") {
		t.Errorf("after %d requests the log is %s", requests, log.text.String())
	}

	refuses := newCollector(t, 401)
	x, log, stop = exporting(t, db, Target{Endpoint: refuses.URL})
	x.Ended(run(t, db, nil).ID)
	modelstest.Eventually(t, "the loss is told", func() bool { return log.has("traces of runs are lost") })
	x.Ended(run(t, db, nil).ID)
	stop() // shows what is in hand
	if spans, requests := refuses.got(); requests != 2 || len(spans) != 3 {
		t.Errorf("%d requests, %d spans", requests, len(spans))
	}
}

func TestWhatEndsFasterThanItCanBeShownIsLostAndHoldsNobodyUp(t *testing.T) {
	log := &logged{}
	x := New(modelstest.SQLite(t), slog.New(slog.NewTextHandler(log, nil)), Target{Endpoint: newCollector(t).URL}, nil)
	for range inHand + 7 {
		x.Ended(models.NewID())
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if x.Run(ctx); !log.has("runs=7") {
		t.Error(log.text.String())
	}
}

func TestALongRunShowsItsFirstAttempts(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		c := newCollector(t)
		x, _, _ := exporting(t, db, Target{Endpoint: c.URL})
		r := run(t, db, nil)
		at := r.QueuedAt
		steps := make([]models.StepRun, mostSteps)
		for i := range steps {
			steps[i] = models.StepRun{ID: models.NewID(), RunID: r.ID, StepID: "each", Name: "Each", Type: "set_values", Attempt: 1, Iteration: strconv.Itoa(i), Status: "succeeded", StartedAt: &at, FinishedAt: &at}
		}
		if err := db.CreateInBatches(steps, 100).Error; err != nil {
			t.Fatal(err)
		}
		x.Ended(r.ID)
		modelstest.Eventually(t, "it is shown", func() bool { spans, _ := c.got(); return len(spans) > 0 })
		if spans, _ := c.got(); len(spans) != mostSteps || spans[0].attribute("workflow.run.steps_shown") != "1000" { // one of them has not begun
			t.Errorf("%d spans, %+v", len(spans), spans[0])
		}
	})
}

func TestACollectorThatHangsHoldsAStopUpForSecondsOnly(t *testing.T) {
	t.Parallel()
	hung, over := make(chan struct{}), make(chan struct{})
	hangs := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		close(hung) // once: it is asked no second time
		<-over
	}))
	t.Cleanup(hangs.Close)
	t.Cleanup(func() { close(over) })
	db := modelstest.SQLite(t)
	x, log, stop := exporting(t, db, Target{Endpoint: hangs.URL})
	x.Ended(run(t, db, nil).ID)
	<-hung
	began := time.Now()
	if stop(); time.Since(began) >= postTime || !log.has("traces of runs are lost") {
		t.Errorf("after %s the log is %s", time.Since(began), log.text.String())
	}
}
