package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"workflows/models"
)

const (
	doorCallers = 25
	doorCalls   = 3000
)

// throughTheDoor measures runs as programs start them, by calls of the API: how many are
// accepted in a second, how many are through to the last commit, and what one costs of
// the processor in all processes.
func throughTheDoor(ctx context.Context, env *env) ([]Result, error) {
	load, err := env.threeStepRuns(ctx)
	if err != nil {
		return nil, err
	}
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
	door := &door{env: env, address: site.base + "/api/v1/workflows/" + load.workflowID + "/runs"}
	if _, _, err := door.through(ctx, warmUp); err != nil {
		return nil, err
	}
	var used cost
	var accepting, finishing time.Duration
	var reference float64
	for round := range rounds + 1 {
		commits, err := commitsPerSecond(ctx, models.Source{URL: env.databaseURL, MaxConns: doorCallers})
		if err != nil {
			return nil, err
		}
		reference += commits / (rounds + 1)
		if round == rounds {
			break
		}
		before, err := env.costNow(ctx)
		if err != nil {
			return nil, err
		}
		accepted, finished, err := door.through(ctx, doorCalls)
		if err != nil {
			return nil, err
		}
		after, err := env.costNow(ctx)
		if err != nil {
			return nil, err
		}
		used.add(before, after)
		accepting, finishing = accepting+accepted, finishing+finished
	}
	const calls = rounds * doorCalls
	var cpu time.Duration
	for program, took := range used.cpu {
		if program != thisProgram { // which makes the calls
			cpu += took
		}
	}
	against := fmt.Sprintf("one-row commits per second with %d connections", doorCallers)
	return []Result{
		Result{Name: "api_runs_per_second", Value: calls / finishing.Seconds(), Unit: "runs/s, from the first call to the last commit"}.against(against, reference),
		Result{Name: "api_accepted_per_second", Value: calls / accepting.Seconds(), Unit: "calls/s"}.against(against, reference),
		{Name: "api_cpu_us_per_run", Value: round(float64(cpu.Microseconds()) / calls), Unit: "µs of web, worker and both servers"},
		{Name: "api_commits_per_run", Value: round(used.commits / calls), Unit: "commits"},
	}, worker.stop()
}

// door is the address at which runs are started.
type door struct {
	*env
	address string
}

// through starts n runs with all callers, and waits until all are final.
func (d *door) through(ctx context.Context, n int) (accepted, finished time.Duration, err error) {
	client := &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: doorCallers}}
	defer client.CloseIdleConnections()
	numbers := make(chan int)
	var mu sync.Mutex
	var started []models.Run
	var wrong error
	var callers sync.WaitGroup
	began := time.Now()
	for range doorCallers {
		callers.Go(func() {
			for range numbers {
				id, err := d.call(ctx, client)
				mu.Lock()
				if err != nil {
					wrong = err
				}
				started = append(started, models.Run{ID: id})
				mu.Unlock()
			}
		})
	}
	for i := range n {
		numbers <- i
	}
	close(numbers)
	callers.Wait()
	accepted = time.Since(began)
	if wrong != nil {
		return 0, 0, wrong
	}
	err = d.final(ctx, started)
	return accepted, time.Since(began), err
}

func (d *door) call(ctx context.Context, client *http.Client) (runID string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, d.address, bytes.NewReader([]byte(`{"input": {"name": "Anna"}}`)))
	if err != nil {
		return "", err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	answer, err := client.Do(request)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	var run struct{ ID string }
	if err := decodeAnswer(answer, &run); err != nil || answer.StatusCode != http.StatusAccepted {
		return "", fmt.Errorf("start a run: it was answered %s", answer.Status)
	}
	return run.ID, nil
}
