package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"workflows/worker/document"
)

const (
	floodRate    = 500 // deliveries a second
	floodFor     = 20 * time.Second
	floodCallers = 50
	// webhookRate is what the webhook takes in a minute, far less than is sent.
	webhookRate = 6000
)

// flood is what came of many deliveries.
type flood struct {
	mu                 sync.Mutex
	took               []time.Duration
	runs               []string
	refused, otherwise int
	wrong              error
}

// webhookFlood measures what a flood of deliveries does to people who look at
// pages, and whether each that was accepted has its run.
func webhookFlood(ctx context.Context, env *env) ([]Result, error) {
	site, err := startWeb(ctx, env)
	if err != nil {
		return nil, err
	}
	defer site.end()
	worker, err := env.workerProcess(ctx)
	if err != nil {
		return nil, err
	}
	defer worker.kill()
	url, err := site.webhook(ctx)
	if err != nil {
		return nil, err
	}
	client, err := site.signIn()
	if err != nil {
		return nil, err
	}
	quiet, err := site.lookWhile(ctx, client, func(ctx context.Context) error { return pause(ctx, quietFor) })
	if err != nil {
		return nil, err
	}
	f := &flood{}
	busy, err := site.lookWhile(ctx, client, func(ctx context.Context) error { return f.send(ctx, url) })
	if err != nil {
		return nil, err
	}
	without, err := env.withoutRun(ctx, f.runs)
	if err != nil {
		return nil, err
	}
	if f.otherwise > 0 {
		return nil, fmt.Errorf("%d deliveries were answered neither with 202 nor with 429", f.otherwise)
	}
	return []Result{
		Result{Name: "webhook_flood_ui_ms_p95", Value: millis(percentile(busy, .95)), Unit: "ms"}.against("the same pages before", millis(percentile(quiet, .95))),
		{Name: "webhook_flood_answer_ms_p95", Value: round(millis(percentile(f.took, .95))), Unit: "ms"},
		{Name: "webhook_flood_accepted", Value: float64(len(f.runs)), Unit: "deliveries"},
		{Name: "webhook_flood_refused", Value: float64(f.refused), Unit: "deliveries"},
		{Name: "webhook_flood_without_run", Value: float64(without), Unit: "deliveries"},
	}, worker.stop()
}

// webhook makes a workflow with one and returns its address.
func (w *website) webhook(ctx context.Context) (string, error) {
	definition := map[string]any{
		"publish": true, "format": 1, "name": "Takes a flood", "triggers": []any{map[string]any{"id": "hook", "type": "webhook", "rate_per_minute": webhookRate}},
		"steps": []any{map[string]any{"id": "note", "type": "set_values", "config": map[string]any{"values": map[string]any{"n": "{{ trigger.body.n }}"}}}},
	}
	var made struct {
		Triggers []struct{ URL string }
	}
	if err := w.post(ctx, "/api/v1/workflows", definition, &made); err != nil {
		return "", err
	}
	return made.Triggers[0].URL, nil
}

// send delivers at a steady rate, whatever the answers take.
func (f *flood) send(ctx context.Context, url string) error {
	client := &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: floodCallers}}
	numbers := make(chan int, floodRate)
	var group sync.WaitGroup
	for range floodCallers {
		group.Go(func() {
			for n := range numbers {
				f.deliver(client, url, n)
			}
		})
	}
	ticker := time.NewTicker(time.Second / floodRate)
	defer ticker.Stop()
	for n := range int(floodFor.Seconds() * floodRate) {
		select {
		case <-ctx.Done():
		case <-ticker.C:
		}
		numbers <- n
	}
	close(numbers)
	group.Wait()
	return errors.Join(ctx.Err(), f.wrong)
}

func decodeAnswer(answer *http.Response, into any) error {
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	return document.Decode(data, into)
}

func (f *flood) deliver(client *http.Client, url string, n int) {
	began := time.Now()
	answer, err := client.Post(url, "application/json", bytes.NewReader(fmt.Appendf(nil, `{"n": %d}`, n)))
	f.mu.Lock()
	defer f.mu.Unlock()
	if err != nil {
		f.wrong = err
		return
	}
	defer answer.Body.Close()
	var taken struct {
		RunID string `json:"run_id"`
	}
	err = decodeAnswer(answer, &taken)
	f.took = append(f.took, time.Since(began))
	switch {
	case answer.StatusCode == http.StatusAccepted && err == nil && taken.RunID != "":
		f.runs = append(f.runs, taken.RunID)
	case answer.StatusCode == http.StatusTooManyRequests && answer.Header.Get("Retry-After") != "":
		f.refused++
	default:
		f.otherwise++
	}
}

// lookWhile looks at pages for as long as something else takes, and returns how
// long each answer took.
func (w *website) lookWhile(ctx context.Context, client *http.Client, meanwhile func(context.Context) error) ([]time.Duration, error) {
	done := make(chan error, 1)
	go func() { done <- meanwhile(ctx) }()
	var took []time.Duration
	ticker := time.NewTicker(askEvery)
	defer ticker.Stop()
	pages := []string{"/", "/runs", "/workflows", "/live/overview", "/live/queue"}
	for n := 0; ; n++ {
		select {
		case err := <-done:
			return took, err
		case <-ticker.C:
		}
		began := time.Now()
		answer, err := client.Get(w.base + pages[n%len(pages)])
		if err != nil {
			return nil, errors.Join(err, <-done)
		}
		_, _ = io.Copy(io.Discard, answer.Body)
		_ = answer.Body.Close()
		took = append(took, time.Since(began))
		if answer.StatusCode != http.StatusOK {
			return nil, errors.Join(fmt.Errorf("%s answered %s", pages[n%len(pages)], answer.Status), <-done)
		}
	}
}

// withoutRun waits until what was accepted is final, and counts of how many there
// is no run that has succeeded.
func (e *env) withoutRun(ctx context.Context, runs []string) (int, error) {
	done := 0
	for began := time.Now(); time.Since(began) < time.Minute; {
		err := e.db.WithContext(ctx).Raw("SELECT count(*) FROM runs WHERE status = 'succeeded' AND id = ANY(?)", &runs).Row().Scan(&done)
		if err != nil {
			return 0, fmt.Errorf("count the runs: %w", err)
		}
		if done == len(runs) {
			break
		}
		if err := pause(ctx, 250*time.Millisecond); err != nil {
			return 0, err
		}
	}
	return len(runs) - done, nil
}
