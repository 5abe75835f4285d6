package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

const (
	viewers     = 1000
	pollEvery   = 2 * time.Second
	viewersLook = 15 * time.Second
)

// statsPage measures the web process while a thousand people look at the Queue
// page: each asks for its live part every two seconds, as a browser does.
func statsPage(ctx context.Context, env *env) ([]Result, error) {
	site, err := startWeb(ctx, env)
	if err != nil {
		return nil, err
	}
	defer site.end()
	client, err := site.signIn()
	if err != nil {
		return nil, err
	}
	alone, err := site.probe(client)
	if err != nil {
		return nil, err
	}
	before, err := site.cpu()
	if err != nil {
		return nil, err
	}
	began := time.Now()
	took, err := site.watch(ctx, client)
	if err != nil {
		return nil, err
	}
	after, err := site.cpu()
	if err != nil {
		return nil, err
	}
	share := 100 * (after - before).Seconds() / time.Since(began).Seconds()
	const reference = "/healthz of the same process, one request at a time"
	return []Result{
		Result{Name: "stats_page_ms_p50", Value: millis(percentile(took, .50)), Unit: "ms"}.against(reference, millis(alone)),
		Result{Name: "stats_page_ms_p99", Value: millis(percentile(took, .99)), Unit: "ms"}.against(reference, millis(alone)),
		{Name: "stats_page_cpu_percent", Value: round(share), Unit: "% of a core"},
		{Name: "stats_page_requests_per_second", Value: round(float64(len(took)) / viewersLook.Seconds()), Unit: "requests/s"},
	}, nil
}

// watch lets all viewers poll and returns how long each answer took.
func (w *website) watch(ctx context.Context, client *http.Client) ([]time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, viewersLook)
	defer cancel()
	var (
		group sync.WaitGroup
		mutex sync.Mutex
		all   []time.Duration
		wrong error
	)
	for viewer := range viewers {
		group.Go(func() {
			took, err := w.viewer(ctx, client, time.Duration(viewer)*pollEvery/viewers)
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

func (w *website) viewer(ctx context.Context, client *http.Client, first time.Duration) ([]time.Duration, error) {
	var took []time.Duration
	etag := ""
	timer := time.NewTimer(first)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return took, nil
		case <-timer.C:
			timer.Reset(pollEvery)
		}
		request, err := http.NewRequest(http.MethodGet, w.base+"/live/queue", nil)
		if err != nil {
			return nil, err
		}
		request.Header.Set("HX-Request", "true")
		request.Header.Set("Accept-Encoding", "gzip")
		request.Header.Set("If-None-Match", etag)
		began := time.Now()
		answer, err := client.Do(request)
		if err != nil {
			return nil, err
		}
		_, _ = io.Copy(io.Discard, answer.Body)
		_ = answer.Body.Close()
		took = append(took, time.Since(began))
		if answer.StatusCode != http.StatusOK && answer.StatusCode != http.StatusNotModified {
			return nil, fmt.Errorf("the live part answered %s", answer.Status)
		}
		etag = answer.Header.Get("ETag")
	}
}
