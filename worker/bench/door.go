package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"workflows/models"
	"workflows/worker/document"
	"workflows/worker/senders"
)

const (
	doorCallers = 25
	doorCalls   = 3000
	aloneCalls  = 500
	signedWith  = "whsec_YmVuY2htYXJrLWJlbmNobWFyaw=="
)

// door is an address at which runs are started over HTTP.
type door struct {
	*env
	of      string // what is called there, in the names of the figures
	address string
	headers func(body []byte) map[string]string
	body    string
	idField string // of the run, in the answer
}

// throughTheDoor measures runs as programs start them over HTTP, by the API and by a signed
// webhook: how many are accepted in a second, how many are through to the last commit, and
// what one costs of the processor in all processes and of the disk.
func throughTheDoor(ctx context.Context, env *env) ([]Result, error) {
	return behindTheDoor(ctx, env, func(site *website, workflowID, hook string) ([]Result, error) {
		var results []Result
		for _, door := range []*door{apiDoor(env, site, workflowID), webhookDoor(env, hook)} {
			measured, err := door.measure(ctx)
			if err != nil {
				return nil, err
			}
			results = append(results, measured...)
		}
		return results, nil
	})
}

// aloneAtTheDoor measures the answer to who calls while nobody else does.
func aloneAtTheDoor(ctx context.Context, env *env) ([]Result, error) {
	return behindTheDoor(ctx, env, func(site *website, workflowID, _ string) ([]Result, error) {
		return apiDoor(env, site, workflowID).alone(ctx, site)
	})
}

// behindTheDoor has a web process and a worker, a workflow to be started and the address of its
// signed webhook.
func behindTheDoor(ctx context.Context, env *env, measure func(site *website, workflowID, hook string) ([]Result, error)) ([]Result, error) {
	site, err := startWeb(ctx, env)
	if err != nil {
		return nil, err
	}
	defer site.end()
	if err := site.post(ctx, "/api/v1/secrets", map[string]any{"name": "SIGNED", "value": signedWith}, new(any)); err != nil {
		return nil, err
	}
	var definition map[string]any
	if err := document.Decode([]byte(threeSteps), &definition); err != nil {
		return nil, fmt.Errorf("read the workflow: %w", err)
	}
	definition["publish"] = true
	definition["triggers"] = []any{map[string]any{"id": "hook", "type": "webhook", "signature": "standard_webhooks", "secret": "SIGNED", "rate_per_minute": 60_000}}
	var made struct {
		ID       string
		Triggers []struct{ URL string }
	}
	if err := site.post(ctx, "/api/v1/workflows", definition, &made); err != nil {
		return nil, err
	}
	worker, err := env.workerProcess(ctx)
	if err != nil {
		return nil, err
	}
	defer worker.kill()
	results, err := measure(site, made.ID, made.Triggers[0].URL)
	if err != nil {
		return nil, err
	}
	return results, worker.stop()
}

func apiDoor(env *env, site *website, workflowID string) *door {
	return &door{
		env: env, of: "api", address: site.base + "/api/v1/workflows/" + workflowID + "/runs", body: `{"input": {"name": "Anna"}}`, idField: "id",
		headers: func([]byte) map[string]string { return map[string]string{"Authorization": "Bearer " + token} },
	}
}

func webhookDoor(env *env, address string) *door {
	return &door{
		env: env, of: "webhook", address: address, body: `{"name": "Anna"}`, idField: "run_id",
		headers: func(body []byte) map[string]string {
			id, stamp := models.NewID(), strconv.FormatInt(time.Now().Unix(), 10)
			return map[string]string{"webhook-id": id, "webhook-timestamp": stamp, "webhook-signature": senders.SignStandard(signedWith, id, stamp, body)}
		},
	}
}

func (d *door) measure(ctx context.Context) ([]Result, error) {
	if _, _, err := d.through(ctx, warmUp); err != nil {
		return nil, err
	}
	var used cost
	var accepting, finishing time.Duration
	var reference float64
	stored, err := d.bytesStored(ctx)
	if err != nil {
		return nil, err
	}
	for round := range rounds + 1 {
		commits, err := commitsPerSecond(ctx, models.Source{URL: d.databaseURL, MaxConns: doorCallers})
		if err != nil {
			return nil, err
		}
		reference += commits / (rounds + 1)
		if round == rounds {
			break
		}
		before, err := d.costNow(ctx)
		if err != nil {
			return nil, err
		}
		accepted, finished, err := d.through(ctx, doorCalls)
		if err != nil {
			return nil, err
		}
		after, err := d.costNow(ctx)
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
	after, err := d.bytesStored(ctx)
	if err != nil {
		return nil, err
	}
	against := fmt.Sprintf("one-row commits per second with %d connections", doorCallers)
	results := []Result{
		Result{Name: "door_" + d.of + "_runs_per_second", Value: calls / finishing.Seconds(), Unit: "runs/s, from the first call to the last commit"}.against(against, reference),
		Result{Name: "door_" + d.of + "_accepted_per_second", Value: calls / accepting.Seconds(), Unit: "calls/s"}.against(against, reference),
		{Name: "door_" + d.of + "_commits_per_run", Value: round(used.commits / calls), Unit: "commits"},
	}
	if d.of == "api" {
		return append(results,
			Result{Name: "door_cpu_us_per_run", Value: round(float64(cpu.Microseconds()) / calls), Unit: "µs of all processes that this program has started"},
			Result{Name: "bytes_per_run", Value: round((after - stored) / calls), Unit: "bytes of tables and indexes"},
		), nil
	}
	return append(results, Result{Name: "door_webhook_cpu_us_per_run", Value: round(float64(cpu.Microseconds()) / calls), Unit: "µs of all processes that this program has started"}), nil
}

// bytesStored is what runs and what belongs to them take in the database.
func (d *door) bytesStored(ctx context.Context) (bytes float64, err error) {
	err = d.db.WithContext(ctx).Raw("SELECT sum(pg_total_relation_size(t::regclass)) FROM unnest(ARRAY['runs', 'step_runs', 'payloads']) AS t").Row().Scan(&bytes)
	if err != nil {
		return 0, fmt.Errorf("ask how much is stored: %w", err)
	}
	return bytes, nil
}

// alone calls one at a time, with the steps of the run before still going on.
func (d *door) alone(ctx context.Context, site *website) ([]Result, error) {
	client := &http.Client{Timeout: 30 * time.Second}
	defer client.CloseIdleConnections()
	var took []time.Duration
	for i := range aloneCalls + 50 {
		began := time.Now()
		if _, err := d.call(ctx, client); err != nil {
			return nil, err
		}
		if i >= 50 { // the first open connections and fill caches
			took = append(took, time.Since(began))
		}
		if err := pause(ctx, 10*time.Millisecond); err != nil {
			return nil, err
		}
	}
	cheapest, err := site.probe(client)
	if err != nil {
		return nil, err
	}
	redis, err := dialRedis(d.redisURL)
	if err != nil {
		return nil, err
	}
	defer redis.close()
	trip, err := redis.roundTrip()
	if err != nil {
		return nil, err
	}
	commits, err := commitsPerSecond(ctx, models.Source{URL: d.databaseURL, MaxConns: 1})
	if err != nil {
		return nil, err
	}
	reference := 1000/commits + millis(trip) + millis(cheapest)
	const against = "one commit, one Redis round trip and one GET /healthz"
	return []Result{
		Result{Name: "door_alone_ms_p50", Value: millis(percentile(took, 0.5)), Unit: "ms"}.against(against, reference),
		Result{Name: "door_alone_ms_p99", Value: millis(percentile(took, 0.99)), Unit: "ms"}.against(against, reference),
	}, nil
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
	body := []byte(d.body)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, d.address, bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	request.Header.Set("Content-Type", "application/json")
	for name, value := range d.headers(body) {
		request.Header.Set(name, value)
	}
	answer, err := client.Do(request)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	var told map[string]any
	if err := decodeAnswer(answer, &told); err != nil || answer.StatusCode != http.StatusAccepted {
		return "", fmt.Errorf("start a run: it was answered %s: %v", answer.Status, told)
	}
	runID, _ = told[d.idField].(string)
	return runID, nil
}
