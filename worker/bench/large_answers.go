package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"workflows/models"
)

const (
	largeBytes = 4_800_000 // of JSON; 5 MB is the most that a step reads
	largeRuns  = 25
	largeItems = 20
	// largeWithin is how long one of these may take.
	largeWithin = 5 * time.Minute
)

// largeAnswers measures how much memory a worker needs at most for answers that
// are about as large as they may be: one in each of many runs at once, and many in
// one list, which gives more than can be kept. Each has a worker of its own.
func largeAnswers(ctx context.Context, env *env) ([]Result, error) {
	answer := largeJSON(largeBytes)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(answer)
	}))
	defer server.Close()
	step := `{"id": "call", "type": "http_request", "config": {"url": "` + server.URL + `"}}`
	stored, err := env.storeSeconds(ctx, string(answer), largeRuns)
	if err != nil {
		return nil, err
	}
	runs, err := env.large(ctx, `{"format": 1, "name": "Benchmark", "inputs": [{"name": "name", "type": "text"}], "steps": [`+step+`]}`, largeRuns, "succeeded")
	if err != nil {
		return nil, err
	}
	list, err := env.large(ctx, fmt.Sprintf(`{"format": 1, "name": "Benchmark", "inputs": [{"name": "name", "type": "text"}], "steps": [{"id": "each", "type": "for_each",
		"config": {"list": [%s], "max_parallel": 10}, "do": [%s]}]}`, strings.Repeat("0,", largeItems-1)+"0", step), 1, "failed")
	if err != nil {
		return nil, err
	}
	return []Result{
		Result{Name: "large_answers_memory_mb", Value: runs.peak, Unit: "MB"}.against("the same worker before", runs.before),
		Result{Name: "large_answers_seconds", Value: runs.seconds, Unit: "s"}.against("storing the same, one row after the other", stored),
		Result{Name: "large_list_memory_mb", Value: list.peak, Unit: "MB"}.against("the same worker before", list.before),
		{Name: "large_list_seconds", Value: round(list.seconds), Unit: "s"},
	}, nil
}

// needs is what a worker needed for something.
type needs struct{ before, peak, seconds float64 }

// large has a fresh worker take so many runs of a workflow at once to this end.
func (e *env) large(ctx context.Context, definition string, runs int, end string) (n needs, err error) {
	worker, err := e.workerProcess(ctx)
	if err != nil {
		return n, err
	}
	defer worker.kill()
	if err := pause(ctx, settleFor); err != nil {
		return n, err
	}
	n.before = memoryMB(worker.id())
	b, err := e.backlog(ctx, definition)
	if err != nil {
		return n, err
	}
	stored, err := b.stored(ctx, runs)
	if err != nil {
		return n, err
	}
	began := time.Now()
	b.engine.Announce(ctx, stored...)
	for ended := 0; ended < runs; {
		if time.Since(began) > largeWithin {
			return n, fmt.Errorf("%d of %d runs became %s within %s", ended, runs, end, largeWithin)
		}
		if err := pause(ctx, 20*time.Millisecond); err != nil {
			return n, err
		}
		row := e.db.WithContext(ctx).Raw("SELECT count(*) FROM runs WHERE workflow_id = ? AND status = ?", b.workflowID, end).Row()
		if err := row.Scan(&ended); err != nil {
			return n, fmt.Errorf("count the runs that ended: %w", err)
		}
	}
	n.seconds, n.peak = time.Since(began).Seconds(), peakMB(worker.id())
	return n, worker.stop()
}

// storeSeconds is the reference: how long it takes to store a JSON text n times.
func (e *env) storeSeconds(ctx context.Context, text string, n int) (float64, error) {
	db := e.db.WithContext(ctx)
	if err := db.Exec("CREATE TABLE IF NOT EXISTS one_text (id uuid PRIMARY KEY, data json NOT NULL)").Error; err != nil {
		return 0, fmt.Errorf("make the reference's table: %w", err)
	}
	began := time.Now()
	for range n {
		if err := db.Exec("INSERT INTO one_text VALUES (?, ?)", models.NewID(), text).Error; err != nil {
			return 0, fmt.Errorf("measure the reference: %w", err)
		}
	}
	return time.Since(began).Seconds(), db.Exec("DROP TABLE one_text").Error
}

// largeJSON is a list of orders of about so many bytes.
func largeJSON(bytes int) []byte {
	var text strings.Builder
	text.WriteString(`{"orders":[`)
	for i := 0; text.Len() < bytes; i++ {
		if i > 0 {
			text.WriteByte(',')
		}
		fmt.Fprintf(&text, `{"customer":"Customer %d","id":%d,"lines":[{"count":%d,"sku":"A-%d"}],"note":"as soon as it can be done, please","paid":true,"total":%d.95}`, i%997, i, i%7, i%89, i%500)
	}
	text.WriteString(`]}`)
	return []byte(text.String())
}
