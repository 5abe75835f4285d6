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
	askers   = 4
	askEvery = 100 * time.Millisecond
	// token is that of a web process which this program starts for itself alone.
	token = "benchmark-benchmark-benchmark-benchmark"
)

// ask lets some programs use the API until ctx ends: each starts a run, reads it,
// and lists runs, again and again. It returns how long each answer took.
func (w *website) ask(ctx context.Context, workflowID string) ([]time.Duration, error) {
	var (
		group sync.WaitGroup
		mutex sync.Mutex
		all   []time.Duration
		wrong error
	)
	for range askers {
		group.Go(func() {
			took, err := w.asker(ctx, workflowID)
			mutex.Lock()
			defer mutex.Unlock()
			all, wrong = append(all, took...), errors.Join(wrong, err)
		})
	}
	group.Wait()
	if wrong == nil && len(all) == 0 {
		wrong = errors.New("no answer came")
	}
	return all, wrong
}

func (w *website) asker(ctx context.Context, workflowID string) (took []time.Duration, _ error) {
	ticker := time.NewTicker(askEvery)
	defer ticker.Stop()
	start := request{http.MethodPost, "/workflows/" + workflowID + "/runs"}
	next := start
	for {
		select {
		case <-ctx.Done():
			return took, nil
		case <-ticker.C:
		}
		began := time.Now()
		answer, err := w.api(next)
		if err != nil {
			return nil, err
		}
		took = append(took, time.Since(began))
		switch {
		case next == start:
			next = request{http.MethodGet, "/runs/" + answer.ID}
		case next.path == "/runs":
			next = start
		default:
			next = request{http.MethodGet, "/runs"}
		}
	}
}

type request struct{ method, path string }

// answer is what of the API's answers is looked at.
type answer struct {
	ID string `json:"id"`
}

// api asks the API; any answer but a success is an error.
func (w *website) api(r request) (found answer, _ error) {
	req, err := http.NewRequest(r.method, w.base+"/api/v1"+r.path, bytes.NewReader(nil))
	if err != nil {
		return found, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	client := http.Client{Timeout: 30 * time.Second}
	got, err := client.Do(req)
	if err != nil {
		return found, fmt.Errorf("ask the API: %w", err)
	}
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	if err == nil && got.StatusCode >= 300 {
		err = fmt.Errorf("%s %s: %s: %s", r.method, r.path, got.Status, text)
	}
	if err == nil {
		err = document.Decode(text, &found)
	}
	return found, err
}
